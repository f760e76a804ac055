// The YAML file: which keys it gives, with line and column.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Path, Section } from './config.ts';
import type { ConfigProblem, ConfigWarning, Origin } from './findings.ts';
import type { Given, Piece, Reader } from './given.ts';
import { nearest } from './nearest.ts';
import { isPath, isSection, PATHS, SECTIONS, settingOf } from './schema.ts';

export interface FileReader extends Reader {
  /** The file is not valid YAML; what it was meant to give is not known. */
  readonly broken: boolean;
}

/** Invalid YAML in words for people who don't know YAML well; the parser's own may quote a password. */
const HINTS: Partial<Record<YAMLError['code'], string>> = {
  BAD_SCALAR_START:
    'A value that starts with @, ` or % has to stand in quotes, such as "@admin:example.org".',
  BAD_ALIAS: 'A value that starts with & or * has to stand in quotes.',
  BAD_DQ_ESCAPE: 'In double quotes a backslash starts an escape; write it twice, or use single quotes.',
  BAD_INDENT: 'The indentation does not fit the lines before, or a bracket is not closed.',
  BLOCK_AS_IMPLICIT_KEY:
    'A value that contains ": " has to stand in quotes; otherwise look at the indentation.',
  MISSING_CHAR: 'A closing quote or bracket, a colon or a comma is missing here or somewhere before.',
  MULTILINE_IMPLICIT_KEY: 'A key is not followed by a colon, or a quote is not closed.',
  MULTIPLE_DOCS: 'There is a line with --- in the middle of the file.',
  TAB_AS_INDENT: 'Indent with spaces, not with tabs.',
  UNEXPECTED_TOKEN: 'Look at quotes and dashes; a quote within single quotes is written twice.',
};

const QUOTES_HINT = 'A value that starts with !, & or * has to stand in quotes.';

/** @param file the file's path, for messages */
export function readConfigFile(content: string, file: string): FileReader {
  const lines = new LineCounter();
  // Pretty errors would quote the lines around, and with them perhaps a password. Duplicate keys are found here, where
  // they have a name.
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const at = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset);
    return { kind: 'file', file, line, column: col };
  };
  if (document.errors.length > 0) {
    // One mistake often causes several errors in the same line.
    const problems = document.errors
      .map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        problem: yamlProblem(error, at(error.pos[0])),
      }))
      .filter(({ line }, index, all) => all.findIndex((other) => other.line === line) === index)
      .map(({ problem }) => problem);
    return { given: new Map(), wrong: new Map(), problems, warnings: [], broken: true };
  }
  const walk = new Walk(document, at);
  walk.root();
  return { ...walk, broken: false };
}

/** Goes through a document once and collects what it gives. */
class Walk implements Reader {
  readonly given = new Map<Path, Given>();
  readonly wrong = new Map<Path, Origin>();
  readonly problems: ConfigProblem[] = [];
  readonly warnings: ConfigWarning[] = [];
  readonly #document: Document;
  readonly #at: (offset: number) => Origin;

  constructor(document: Document, at: (offset: number) => Origin) {
    this.#document = document;
    this.#at = at;
  }

  root(): void {
    const contents = this.#document.contents;
    if (contents === null || isEmptyScalar(contents)) return;
    if (!isMap(contents)) {
      this.problems.push({
        key: 'configuration file',
        found: shapeOf(contents),
        wanted: `sections such as ${Object.keys(SECTIONS).join(', ')}, each with its keys`,
        where: this.#where(contents),
      });
      return;
    }
    for (const [name, pair, where] of this.#entries(contents, '')) {
      const value = this.#resolved(pair.value);
      if (isSection(name)) this.#section(name, value, where);
      else if (isPath(name) && !name.includes('.')) this.#setting(name, value, where);
      else this.#unknown(name, where, [...Object.keys(SECTIONS), ...PATHS]);
    }
  }

  #section(section: Section, value: Node | undefined, where: Origin): void {
    if (value !== undefined && isEmptyScalar(value)) return;
    const keys = PATHS.filter((path) => path.startsWith(`${section}.`));
    if (!isMap(value)) {
      this.problems.push({
        key: section,
        found: value === undefined ? 'a reference to nothing' : shapeOf(value),
        wanted: `a section with keys such as ${keys
          .slice(0, 3)
          .map((path) => path.slice(section.length + 1))
          .join(', ')}`,
        where,
      });
      // Otherwise each key of the section that has to be there would be reported as well.
      for (const path of keys) this.wrong.set(path, where);
      return;
    }
    for (const [name, pair, keyWhere] of this.#entries(value, `${section}.`)) {
      const path = `${section}.${name}`;
      if (isPath(path)) this.#setting(path, this.#resolved(pair.value), keyWhere);
      else this.#unknown(path, keyWhere, PATHS);
    }
  }

  #setting(path: Path, value: Node | undefined, keyWhere: Origin): void {
    if (value === undefined) {
      this.#refuse(path, 'a reference to nothing', keyWhere, QUOTES_HINT);
      return;
    }
    const where = this.#where(value);
    if (needsQuotes(value)) {
      this.#refuse(path, 'a YAML tag or anchor', where, QUOTES_HINT);
    } else if (isScalar(value)) {
      const text = isEmptyScalar(value) ? '' : textOf(value);
      if (text.trim() !== '') this.given.set(path, { where, pieces: [{ text, where }] });
    } else if (isSeq(value) && settingOf(path).kind.list) {
      this.given.set(path, { where, pieces: this.#pieces(path, value.items) });
    } else {
      this.#refuse(path, shapeOf(value), where);
    }
  }

  #pieces(path: Path, items: readonly unknown[]): Piece[] {
    const pieces: Piece[] = [];
    for (const item of items) {
      const node = this.#resolved(item);
      if (!isScalar(node) || needsQuotes(node)) {
        const found = `a list in which one entry is ${node === undefined ? 'a reference to nothing' : shapeOf(node)}`;
        const hint = isScalar(node) || node === undefined ? QUOTES_HINT : undefined;
        this.#refuse(path, found, this.#where(node ?? item), hint);
      } else if (!isEmptyScalar(node)) {
        pieces.push({ text: textOf(node), where: this.#where(node) });
      }
    }
    return pieces;
  }

  /** The pairs of a mapping with the text and the place of their keys, without those that repeat an earlier key. */
  *#entries(map: YAMLMap, prefix: string): Iterable<[string, Pair, Origin]> {
    const seen = new Set<string>();
    for (const pair of map.items) {
      const name = isScalar(pair.key) ? textOf(pair.key) : 'a list or section';
      const where = this.#where(pair.key);
      if (seen.has(name)) {
        this.problems.push({
          key: withoutValue(prefix + name),
          found: 'given twice',
          wanted: 'given once',
          where,
        });
      } else {
        seen.add(name);
        yield [name, pair, where];
      }
    }
  }

  #refuse(path: Path, found: string, where: Origin, hint?: string): void {
    this.wrong.set(path, where);
    this.problems.push({ key: path, found, wanted: settingOf(path).kind.wanted, hint, where });
  }

  #unknown(name: string, where: Origin, candidates: readonly string[]): void {
    const key = withoutValue(name);
    const message = `Unknown configuration key ${JSON.stringify(key)}; it has no effect.`;
    const advice = key === name ? guessFor(name, candidates) : 'A space is missing after the colon.';
    this.warnings.push({ key, message: advice === undefined ? message : `${message} ${advice}`, where });
  }

  #resolved(node: unknown): Node | undefined {
    // A key without a colon in braces has no value at all: the same as an empty one.
    return isAlias(node) ? node.resolve(this.#document) : ((node ?? new Scalar(null)) as Node);
  }

  #where(node: unknown): Origin {
    return this.#at((node as Node | null)?.range?.[0] ?? 0);
  }
}

function isEmptyScalar(node: Node): boolean {
  return isScalar(node) && node.value === null && !node.anchor;
}

/** `prefix: !` is a tag with nothing behind it to YAML, and `password: &x` an anchor; nobody means that here. */
function needsQuotes(node: Node): boolean {
  if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,')) return true;
  return isScalar(node) && node.value === null && node.anchor !== undefined;
}

/** The text as it was written, also of what YAML takes for a number; without the line break that ends a block. */
function textOf(node: { value: unknown; source?: string }): string {
  return typeof node.value === 'string' ? node.value.replace(/\n$/, '') : (node.source ?? String(node.value));
}

function shapeOf(node: Node): string {
  return isSeq(node) ? 'a list' : isMap(node) ? 'a section' : 'a single value';
}

/** In braces, `password:secret` without a space is a key, all of it. */
function withoutValue(name: string): string {
  return name.replace(/:.*$/s, '');
}

function guessFor(name: string, candidates: readonly string[]): string | undefined {
  const [section = name, leaf = name] = name.split('.');
  const guess = nearest(name, candidates, Math.max(1, Math.min(3, Math.floor(leaf.length / 3))));
  // A dot at the top level: a habit from other programs.
  if (guess === name) return `Write "${leaf}:" indented below "${section}:" instead.`;
  return guess === undefined ? undefined : `Is ${guess} meant?`;
}

function yamlProblem(error: YAMLError, where: Origin): ConfigProblem {
  return {
    key: 'configuration file',
    found: 'not valid YAML',
    wanted: 'valid YAML',
    hint: HINTS[error.code],
    where,
  };
}
