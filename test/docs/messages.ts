// All messages of the bot that somebody may look up, found in its source. Where a message can't be told from the source,
// that is an error as well: it would be missing in the docs without anybody noticing.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  calleeName,
  child,
  children,
  className,
  functionName,
  isFunction,
  nameOf,
  parse,
  returnsOf,
  type SourceFile,
  type SyntaxNode,
  walk,
} from './syntax.ts';
import { textsOf, Unclear } from './texts.ts';

export interface Message {
  /** … for what only shows when the bot runs. */
  readonly text: string;
  /** `bot/cli/index.ts:123` */
  readonly place: string;
}

export interface Scan {
  readonly messages: readonly Message[];
  /** Where a message is made that can't be read from the source: place and expression. */
  readonly unclear: readonly string[];
}

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Maker {
  /** Which arguments are words. */
  readonly words: readonly number[];
  /** What these stand in, as WORDS. */
  readonly as?: string;
  /** The only file in which the name means this. */
  readonly where?: string;
}

/** Functions and classes that make a message of their arguments. */
const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['Problem', { words: [1] }],
  ['RequestFailed', { words: [1] }],
  ['invalidInput', { words: [0] }],
  ['keysUnusable', { words: [0] }],
  ['identityRefused', { words: [0] }],
  ['renderText', { words: [0] }],
  ['Unconfirmed', { words: [1], as: '… WORDS' }],
  ['retryRequest', { words: [0], as: 'Could not WORDS: …' }],
  // In bot/config: why a value is refused, and what was found in its place.
  ['Refused', { words: [0] }],
  ['refuse', { words: [0], as: '… is WORDS' }],
  ['#refuse', { words: [1], as: '… is WORDS' }],
  ['failed', { words: [0], where: 'bot/status/report.ts' }],
  ['hung', { words: [0], where: 'bot/matrix/sync/syncWatch.ts' }],
  ['giveUp', { words: [0], where: 'bot/matrix/sync/syncWatch.ts' }],
  ['#troubled', { words: [1], where: 'bot/observability/health.ts' }],
  ['say', { words: [1], where: 'bot/observability/askHealth.ts' }],
  ['bad', { words: [0] }],
]);

/** Functions that return a message, or a part of one that is worth a row. */
const RETURNERS = new Set([
  'bot/matrix/errors.ts reasonOf',
  'common/token.ts expiryProblem',
  'common/input.ts describe',
  'bot/cli/init/answer.ts answerProblem',
]);

/** Constants that are a message, or hold some. */
const CONSTANTS = new Set(['HINTS', 'QUOTES_HINT', 'advice']);

interface ObjectRule {
  readonly where: string;
  /** The properties by which such an object is known. */
  readonly has: readonly string[];
  readonly says: string;
  readonly as?: string;
}

const OBJECTS: readonly ObjectRule[] = [
  { where: 'bot/', has: ['errcode', 'error'], says: 'error' },
  { where: 'bot/', has: ['status', 'reason'], says: 'reason' },
  { where: 'bot/', has: ['state', 'text'], says: 'text' },
  { where: 'bot/config/', has: ['message', 'where'], says: 'message' },
  { where: 'bot/config/', has: ['found'], says: 'found', as: '… is WORDS' },
  { where: 'bot/config/', has: ['hint'], says: 'hint' },
  { where: 'bot/cli/', has: ['wrong'], says: 'wrong' },
];

/** Expressions that hold a message which is found where it is made, or none. */
const MADE_ELSEWHERE = new RegExp(
  [
    /\.(?:sentence|message|found|hint|name|text|wrong)$/,
    /^(?:error|problem|message|hint|found|body|words|code|status)$/,
    /^(?:String|expiryProblem|quoted|JSON\.stringify|shapeOf|render[A-Z]\w*)\(/,
    /^HINTS\[/,
    /\.join\('.*'\)$/,
  ]
    .map(({ source }) => source)
    .join('|'),
  's',
);

/** All of `bot/` and `common/` but the tests. */
export function scanProject(): Scan {
  const paths = globSync(['bot/**/*.ts', 'common/**/*.ts'], { cwd: ROOT });
  const sources = paths.filter((path) => !/\.test\.ts$|\/test[A-Z]\w*\.ts$/.test(path)).toSorted();
  const scans = sources.map((path) => scan(path, readFileSync(`${ROOT}/${path}`, 'utf8')));
  return {
    messages: scans.flatMap(({ messages }) => messages),
    unclear: scans.flatMap(({ unclear }) => unclear),
  };
}

export function scan(path: string, text: string): Scan {
  const file = parse(path, text);
  const messages: Message[] = [];
  const unclear: string[] = [];
  const options = {
    file,
    isSeenAtCalls: (func: string, parameter: number) =>
      makerOf(path, func)?.words.includes(parameter) ?? false,
    isMadeElsewhere: (expression: string) => MADE_ELSEWHERE.test(expression),
  };
  for (const node of walk(file.root)) {
    for (const { words, as = 'WORDS' } of wordsIn(file, node)) {
      const place = `${path}:${text.slice(0, words.start).split('\n').length}`;
      for (const found of textsOf(words, options)) {
        if (found instanceof Unclear)
          unclear.push(`${place} ${text.slice(found.node.start, found.node.end)}`);
        else if (/\p{L}{2}/u.test(found))
          messages.push({ text: normalized(as.replace('WORDS', () => found)), place });
      }
    }
  }
  return { messages, unclear };
}

/** As messages are compared: without the marks for code, and with one … for what only shows when the bot runs. */
export function normalized(text: string): string {
  return text
    .replaceAll(/[`\\]/g, '')
    .replaceAll(/…(?:\s*…)+/g, '…')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

interface Words {
  readonly words: SyntaxNode;
  /** What they stand in, as WORDS. */
  readonly as?: string | undefined;
}

/** The expressions at a node that are words of a message. */
function wordsIn(file: SourceFile, node: SyntaxNode): Words[] {
  switch (node.type) {
    case 'CallExpression':
    case 'NewExpression':
      return callWords(file, node);
    case 'ObjectExpression':
      return objectWords(file, node);
    case 'VariableDeclarator':
      return constantWords(node);
    case 'Literal':
    case 'TemplateLiteral':
      return isRefusalInChat(file, node) ? [{ words: node }] : [];
    default: {
      const isReturner = isFunction(node) && RETURNERS.has(`${file.path} ${functionName(file, node)}`);
      return isReturner ? returnsOf(file, node).map((words) => ({ words })) : [];
    }
  }
}

function callWords(file: SourceFile, call: SyntaxNode): Words[] {
  const given = children(call, 'arguments');
  const callee = child(call, 'callee');
  const called = callee === undefined ? '' : file.text.slice(callee.start, callee.end);
  const { words, as } = makerOf(file.path, calleeName(call) ?? '') ?? { words: [] };
  if (called === 'super') return superWords(file, call, given);
  if (/(?:^|[.#])log\.(?:warn|error|fatal)$/.test(called))
    return given.slice(-1).map((last) => ({ words: last }));
  if (called === 'process.stderr.write') return given.slice(0, 1).map((first) => ({ words: first }));
  // A check of zod's, with what it says in words as the last argument.
  if (/^z\s*\.\w+$/.test(called))
    return given.slice(-1).flatMap((last) => (/ /.test(wordsOf(last)) ? { words: last } : []));
  return words.flatMap((index) => (given[index] === undefined ? [] : { words: given[index], as }));
}

function makerOf(path: string, name: string): Maker | undefined {
  const maker = MAKERS.get(name);
  return maker?.where === undefined || maker.where === path ? maker : undefined;
}

/** The words of a class of problems stand in its constructor. */
function superWords(file: SourceFile, call: SyntaxNode, given: SyntaxNode[]): Words[] {
  const isProblem = new RegExp(`class ${className(file, call)} extends Problem\\b`).test(file.text);
  return isProblem ? given.slice(1, 2).map((words) => ({ words })) : [];
}

function objectWords(file: SourceFile, object: SyntaxNode): Words[] {
  const values = new Map(
    children(object, 'properties').map((property) => [
      nameOf(child(property, 'key')) ?? '',
      child(property, 'value'),
    ]),
  );
  const state = values.get('state');
  if (state !== undefined && wordsOf(state) === 'ok') return [];
  return OBJECTS.filter(
    ({ where, has }) => file.path.startsWith(where) && has.every((key) => values.has(key)),
  ).flatMap(({ says, as }) => {
    const words = values.get(says);
    return words === undefined ? [] : { words, as };
  });
}

function constantWords(declarator: SyntaxNode): Words[] {
  const value = child(declarator, 'init');
  if (value === undefined || !CONSTANTS.has(nameOf(child(declarator, 'id')) ?? '')) return [];
  if (value.type !== 'ObjectExpression') return [{ words: value }];
  return children(value, 'properties').flatMap((property) => {
    const words = child(property, 'value');
    return words === undefined ? [] : { words };
  });
}

/** Most of what is said in chat is no complaint: what says that something can't be done is. */
function isRefusalInChat({ path }: SourceFile, node: SyntaxNode): boolean {
  return (
    /^bot\/chat\/.*Reply\.ts$/.test(path) && /can’t|don’t know|may not|is off|went wrong/.test(wordsOf(node))
  );
}

function wordsOf(node: SyntaxNode): string {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : '';
  return children(node, 'quasis')
    .map(({ value }) => (value as { cooked: string }).cooked)
    .join('…');
}
