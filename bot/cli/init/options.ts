// What is known before anything is asked: from options, from the environment, from standard input.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Path } from '../../config/config.ts';
import { readEnvironment, valueIfSet } from '../../config/environment.ts';
import { renderConfigProblems } from '../../config/findings.ts';
import { DEFAULT_CONFIG_FILE } from '../../config/load.ts';
import { settingOf } from '../../config/schema.ts';
import { type Answer, answerProblem } from './answer.ts';

export interface Given {
  /** The file to write, as it was named. */
  readonly file: string;
  readonly force: boolean;
  /** Make the bot's account with the admin's rights. */
  readonly createAccount: boolean;
  /** Make the bot's account a server admin; the admin's own login is not kept then. */
  readonly makeAdmin: boolean;
  /** As they would be written in the environment. */
  readonly answers: ReadonlyMap<Path, Answer>;
  /** No questions: `--yes`, or no terminal. */
  readonly silent: boolean;
}

export const INIT_USAGE = `Usage: matrix-registration-bot init [OPTION…]

Asks for what is needed, checks each answer against the servers, and writes the configuration.
What an option or the environment says is not asked.

  --config FILE        the file to write; default: config.yml in this folder
  --server SERVER      the homeserver: its name (example.org) or its address
  --username NAME      the bot's account
  --create-account     make that account, with the admin's login
  --admin-username NAME
                       a server admin; needed for --create-account, --make-admin, or if the bot is none
  --make-admin         make the bot's account a server admin; otherwise the admin's login is kept in the file
  --api-url ADDRESS    where Synapse's admin API is reached, if not at the homeserver's address
  --allow PATTERN      who may use the bot: a user ID or a pattern, repeatable; or: homeserver, for all of its users
  --public-url ADDRESS where browsers reach the bot's widget; or: none
  --listen HOST:PORT   where the bot serves the widget, for the reverse proxy; default: 127.0.0.1:8080
  --data-dir FOLDER    the bot's state; default: ./data
  --force              replace the file if it is there
  --yes                ask nothing; also if standard input is no terminal
  --secrets-stdin      read secrets from standard input, one NAME=VALUE a line

Passwords and access tokens are no options, since others on the machine could read them. They come from the environment
or from --secrets-stdin: BOT_PASSWORD, BOT_ACCESS_TOKEN, API_PASSWORD, API_TOKEN; or with _FILE appended, from a file.
`;

const OPTIONS = {
  config: { type: 'string' },
  server: { type: 'string' },
  username: { type: 'string' },
  'create-account': { type: 'boolean', default: false },
  'admin-username': { type: 'string' },
  'make-admin': { type: 'boolean', default: false },
  'api-url': { type: 'string' },
  allow: { type: 'string', multiple: true },
  'public-url': { type: 'string' },
  listen: { type: 'string' },
  'data-dir': { type: 'string' },
  force: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  'secrets-stdin': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** The options that give the value of a key. */
const KEYS = {
  server: 'bot.server',
  username: 'bot.username',
  'admin-username': 'api.username',
  'api-url': 'api.base_url',
  'public-url': 'widget.public_url',
  listen: 'widget.listen',
  'data-dir': 'bot.data_dir',
} as const satisfies Record<string, Path>;

/** Beside the configuration. */
export const DEFAULT_DATA_DIR = './data';
/** Words that stand for "no such value". */
export const NO_WIDGET = 'none';
export const WHOLE_HOMESERVER = 'homeserver';

export type Reading = { readonly given: Given } | { readonly help: true } | { readonly wrong: string };

/** @param isTerminal whether somebody can be asked */
export function readGiven(
  args: readonly string[],
  context: { cwd: string; env: NodeJS.ProcessEnv; isTerminal: boolean },
): Reading {
  let options: ReturnType<typeof parse>;
  try {
    options = parse(args);
  } catch (error) {
    return { wrong: `${error instanceof Error ? error.message : String(error)}\n\n${INIT_USAGE}` };
  }
  if (options.help) return { help: true };
  const fromStdin = options['secrets-stdin'] ? secretsIn(readFileSync(0, 'utf8')) : {};
  const env = { ...context.env, ...fromStdin };
  const read = readEnvironment(env, context.cwd, (path) => readFileSync(path, 'utf8'));
  if (read.problems.length > 0) return { wrong: renderConfigProblems(read.problems) };
  const answers = new Map<Path, Answer>();
  for (const [path, { pieces }] of read.given) {
    const texts = pieces.map(({ text }) => text);
    answers.set(path, settingOf(path).kind.list ? texts : (texts[0] ?? ''));
  }
  for (const [option, path] of Object.entries(KEYS) as [keyof typeof KEYS, Path][]) {
    const value = options[option];
    if (value !== undefined) answers.set(path, value);
  }
  if (options.allow !== undefined) answers.set('access.allow', options.allow);
  const given: Given = {
    file: options.config ?? valueIfSet(env, 'CONFIG_PATH') ?? DEFAULT_CONFIG_FILE,
    force: options.force,
    createAccount: options['create-account'],
    makeAdmin: options['make-admin'],
    answers,
    silent: options.yes || options['secrets-stdin'] || !context.isTerminal,
  };
  const wrong = wrongAnswers(answers);
  if (wrong.length > 0) return { wrong: wrong.map((line) => `${line}\n`).join('') };
  const missing = given.silent ? missingOptions(given) : [];
  return missing.length === 0
    ? { given }
    : { wrong: `Nobody can be asked here, and this is missing:\n${missing.map((m) => `  ${m}\n`).join('')}` };
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS }).values;
}

function secretsIn(text: string): Record<string, string> {
  const pairs = text.split(/\r?\n/).map((line) => /^\s*([A-Z_]+)=(.*)$/.exec(line));
  return Object.fromEntries(pairs.filter((pair) => pair !== null).map(([, name, value]) => [name, value]));
}

/** What no server has to be asked for. The homeserver may be a name here, so its address is judged later. */
function wrongAnswers(answers: ReadonlyMap<Path, Answer>): string[] {
  return [...answers].flatMap(([path, answer]) => {
    if (path === 'bot.server' || isWord(path, answer)) return [];
    const problem = answerProblem(path, answer);
    return problem === undefined ? [] : `${path}: ${problem}`;
  });
}

function isWord(path: Path, answer: Answer): boolean {
  return (
    (path === 'widget.public_url' && answer === NO_WIDGET) ||
    (path === 'access.allow' && answer.length === 1 && answer[0] === WHOLE_HOMESERVER)
  );
}

/** What would have to be asked, each with the options that say it. */
function missingOptions({ answers, createAccount, makeAdmin }: Given): string[] {
  const has = (path: Path) => answers.has(path);
  const missing: string[] = [];
  if (!has('bot.server')) missing.push('--server');
  if (createAccount) {
    if (!has('bot.username')) missing.push('--username');
  } else if (!has('bot.access_token')) {
    if (!has('bot.username')) missing.push('--username, or BOT_ACCESS_TOKEN in the environment');
    if (!has('bot.password')) missing.push('BOT_PASSWORD in the environment, or --create-account');
  }
  if ((createAccount || makeAdmin || has('api.username')) && !has('api.token')) {
    if (!has('api.username')) missing.push('--admin-username, or API_TOKEN in the environment');
    if (!has('api.password')) missing.push('API_PASSWORD in the environment');
  }
  if (!has('access.allow')) missing.push('--allow');
  if (!has('widget.public_url')) missing.push('--public-url');
  return missing;
}
