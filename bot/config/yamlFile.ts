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
import { FOUND, HINTS, WARNINGS } from './messages.ts';
import { nearest } from './nearest.ts';
import { isPath, isSection, PATHS, SECTIONS, settingOf } from './schema.ts';

export interface FileReader extends Reader {
  /** The file is not valid YAML; what it was meant to give is not known. */
  readonly broken: boolean;
}

/** Invalid YAML in words for people who don't know YAML well; the parser's own may quote a password. */
const HINT_OF: Partial<Record<YAMLError['code'], string>> = {
  BAD_SCALAR_START: HINTS.quote_scalar,
  BAD_ALIAS: HINTS.quote_alias,
  BAD_DQ_ESCAPE: HINTS.double_backslash,
  BAD_INDENT: HINTS.indentation,
  BLOCK_AS_IMPLICIT_KEY: HINTS.quote_colon,
  MISSING_CHAR: HINTS.mark_missing,
  MULTILINE_IMPLICIT_KEY: HINTS.colon_missing,
  MULTIPLE_DOCS: HINTS.one_document,
  TAB_AS_INDENT: HINTS.no_tabs,
  UNEXPECTED_TOKEN: HINTS.look_at_quotes,
};

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
        found: value === undefined ? FOUND.lost_reference : shapeOf(value),
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
      this.#refuse(path, FOUND.lost_reference, keyWhere, HINTS.quote_marks);
      return;
    }
    const where = this.#where(value);
    if (needsQuotes(value)) {
      this.#refuse(path, FOUND.tag_or_anchor, where, HINTS.quote_marks);
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
        const found = FOUND.wrong_entry({
          entry: node === undefined ? FOUND.lost_reference : shapeOf(node),
        });
        const hint = isScalar(node) || node === undefined ? HINTS.quote_marks : undefined;
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
          found: FOUND.given_twice,
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
    const message = WARNINGS.unknown_key({ key: JSON.stringify(key) });
    const advice = key === name ? guessFor(name, candidates) : WARNINGS.space_missing;
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

/** `prefix: !` is a tag with nothing behind it to YAML, and `password: &x` an anchor; neither is meant here. */
function needsQuotes(node: Node): boolean {
  if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,')) return true;
  return isScalar(node) && node.value === null && node.anchor !== undefined;
}

/** The text as it was written, also of what YAML takes for a number; without the line break that ends a block. */
function textOf(node: { value: unknown; source?: string }): string {
  return typeof node.value === 'string' ? node.value.replace(/\n$/, '') : (node.source ?? String(node.value));
}

function shapeOf(node: Node): string {
  return isSeq(node) ? FOUND.list : isMap(node) ? FOUND.section : FOUND.single_value;
}

/** In braces, `password:secret` without a space is a key, all of it. */
function withoutValue(name: string): string {
  return name.replace(/:.*$/s, '');
}

function guessFor(name: string, candidates: readonly string[]): string | undefined {
  const [section = name, leaf = name] = name.split('.');
  const guess = nearest(name, candidates, Math.max(1, Math.min(3, Math.floor(leaf.length / 3))));
  // A dot at the top level: a habit from other programs.
  if (guess === name) return WARNINGS.not_dotted({ section, key: leaf });
  return guess === undefined ? undefined : WARNINGS.meant({ guess });
}

function yamlProblem(error: YAMLError, where: Origin): ConfigProblem {
  return {
    key: 'configuration file',
    found: FOUND.invalid_yaml,
    wanted: 'valid YAML',
    hint: HINT_OF[error.code],
    where,
  };
}
