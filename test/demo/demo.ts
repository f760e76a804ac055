// `npm run demo`: a homeserver, an admin and the bot, all on this machine and reachable from nowhere else.
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildWidget } from '../browser/harness/npmBuild.ts';
import { buildClientPage, type ClientPageServer, serveClientPage, writeLink } from '../client/clientPage.ts';
import { freePort, isFree } from '../harness/freePort.ts';
import { MatrixHttpError, requestJson } from '../harness/matrixHttp.ts';
import { endChild, spawnLikeNpmStart } from '../harness/npmStart.ts';
import { Person } from '../harness/person.ts';
import { type Synapse, startSynapse } from '../harness/synapse.ts';
import { earlierPort } from '../harness/synapseConfig.ts';
import { login } from '../harness/users.ts';
import {
  type Account,
  type Accounts,
  loadAccounts,
  openFolder,
  saveAccounts,
  writeBotConfig,
} from './demoData.ts';
import { type DirectRoom, openDirectRoom, TerminalChat } from './terminalChat.ts';

const USAGE = `Usage: npm run demo [-- --port PORT] [-- --data FOLDER]

  --port PORT    the homeserver's port on 127.0.0.1 (or DEMO_PORT; default: that of the last run, or 18008);
                 the widget and the client page take the two after it, or any others that are free
  --data FOLDER  where everything is kept (default: demo-data); remove it to begin anew
`;
/** Beside 8008, where somebody who wants to try this may well have a Synapse already. */
const DEFAULT_PORT = 18008;
/** Characters of the bot's log that are shown if it ends. */
const LOG_KEPT = 4_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** A problem that the person at the terminal can fix. */
class DemoProblem extends Error {}

interface Options {
  port: number | undefined;
  folder: string;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      data: { type: 'string', default: join(import.meta.dirname, '..', '..', 'demo-data') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const text = values.port ?? process.env.DEMO_PORT;
  const port = text === undefined || text === '' ? undefined : Number(text);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    throw new DemoProblem(`${text} is not a port. Name one from 1 to 65535.`);
  return { port, folder: resolve(values.data) };
}

async function startHomeserver({ port: wanted, folder }: Options): Promise<Synapse> {
  if (process.env.TEST_SYNAPSE_URL)
    throw new DemoProblem('The demo runs a Synapse of its own: unset TEST_SYNAPSE_URL.');
  const dataDir = join(folder, 'synapse');
  const port = wanted ?? earlierPort(dataDir) ?? DEFAULT_PORT;
  // Before an installation of Synapse that takes minutes.
  if (!(await isFree(port))) {
    throw new DemoProblem(
      `Port ${port} of 127.0.0.1 is in use. Is the demo running already? For another port: npm run demo -- --port ${port + 10}`,
    );
  }
  // The name stays the same whatever the port is: it is part of all user IDs.
  return await startSynapse({ dataDir, port, serverName: 'localhost', onProgress: say });
}

async function ensureUser(synapse: Synapse, { localpart, password }: Account): Promise<void> {
  try {
    await synapse.registerUser(localpart, password, { admin: true });
  } catch (error) {
    if (!(error instanceof MatrixHttpError) || error.errcode !== 'M_USER_IN_USE') throw error;
  }
}

/** Resolves when the bot follows the homeserver. Rejects if it ends before that. */
async function startBot(folder: string, configFile: string, shown: boolean): Promise<ChildProcess> {
  const logFile = join(folder, 'bot.log');
  const log = createWriteStream(logFile, { mode: 0o600 });
  const child = spawnLikeNpmStart({
    args: ['--config', configFile],
    cwd: folder,
    env: cleanEnvironment(),
    output: 'pipe',
  });
  await new Promise<void>((ready, fail) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        log.write(chunk);
        if (shown) process.stdout.write(chunk);
        text = (text + chunk).slice(-LOG_KEPT);
        if (/\bReady\b/.test(text)) ready();
      });
    }
    child.once('close', (status) => {
      log.end();
      const output = shown ? '' : `:\n${text.trimEnd()}`;
      fail(new DemoProblem(`The bot ended with status ${status}${output}`));
    });
  });
  return child;
}

/** Without variables that configure another bot: they would win over the demo's configuration. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(?:BOT|API|ACCESS|WIDGET|TOKENS)_|^CONFIRM_TIMEOUT$|^CONFIG_PATH$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** The admin's client in this terminal: with the login of an earlier run, if that still holds. */
async function signIn(synapse: Synapse, folder: string, accounts: Accounts): Promise<Person> {
  const { baseUrl } = synapse;
  const { admin, terminal } = accounts;
  if (terminal !== undefined && (await isLoggedIn(baseUrl, terminal.accessToken)))
    return await Person.withCredentials(baseUrl, terminal);
  const credentials = await login(baseUrl, admin.localpart, admin.password, { displayName: 'Demo terminal' });
  saveAccounts(folder, { ...accounts, terminal: credentials });
  return await Person.withCredentials(baseUrl, credentials);
}

async function isLoggedIn(baseUrl: string, accessToken: string): Promise<boolean> {
  try {
    await requestJson(baseUrl, 'GET', '/_matrix/client/v3/account/whoami', { accessToken });
    return true;
  } catch (error) {
    if (error instanceof MatrixHttpError && error.status === 401) return false;
    throw error;
  }
}

/** The same in every run if possible: clients ask anew for a widget whose address has changed. */
async function portBeside(port: number, offset: number): Promise<number> {
  const wanted = port + offset;
  return wanted < 65_536 && (await isFree(wanted)) ? wanted : await freePort();
}

function link({ synapse, person, room, pages }: Demo): string {
  const { userId: user, accessToken: token } = person;
  return pages.address + writeLink({ homeserver: synapse.baseUrl, user, token, room: room.roomId });
}

function introduction(demo: Demo): string {
  const { synapse, accounts, botId, folder } = demo;
  const { admin, bot } = accounts;
  const { baseUrl } = synapse;
  return `
Open this in a browser on this machine: the chat with the bot and its widget, signed in as ${admin.localpart}.

  ${link(demo)}

The bot is running on a homeserver of its own, which only this machine can reach.

  Homeserver   ${baseUrl}
  Admin        ${admin.localpart}, password ${admin.password}
  Bot          ${botId}, password ${bot.password}
  Kept in      ${folder}  (bot.log: what the bot logs)

With a Matrix client (such as Element Desktop, or https://app.element.io in Firefox or Chrome on this machine):
  1. Sign in as ${admin.localpart}. Before that, choose "Edit" beside the homeserver and enter ${baseUrl}
  2. Start a direct chat with ${botId}
  3. Send:  help, create, create uses=5 expires=2w, list, delete TOKEN (then react with ✅), status
  4. Sign out and create an account on the same homeserver: it asks for a registration token
`;
}

interface Demo {
  folder: string;
  accounts: Accounts;
  synapse: Synapse;
  botId: string;
  bot: ChildProcess;
  /** The admin, at a client in this process. */
  person: Person;
  room: DirectRoom;
  pages: ClientPageServer;
}

async function start(options: Options, interactive: boolean): Promise<Demo> {
  const { folder } = options;
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  openFolder(folder);
  const accounts = loadAccounts(folder);
  const synapseStarts = startHomeserver(options).then((synapse) => {
    say(`Synapse answers (${seconds()}).`);
    return synapse;
  });
  const [synapse] = await Promise.all([synapseStarts, buildWidget(), buildClientPage()]);
  await ensureUser(synapse, accounts.admin);
  await ensureUser(synapse, accounts.bot);
  const port = Number(new URL(synapse.baseUrl).port);
  const configFile = writeBotConfig(folder, synapse.baseUrl, accounts.bot, await portBeside(port, 1));
  const bot = await startBot(folder, configFile, !interactive);
  say(`The bot is ready (${seconds()}).`);
  const botId = `@${accounts.bot.localpart}:${synapse.serverName}`;
  const person = await signIn(synapse, folder, accounts);
  const room = await openDirectRoom(person, botId);
  const pages = await serveClientPage(await portBeside(port, 2));
  return { folder, accounts, synapse, botId, bot, person, room, pages };
}

/** Resolves when somebody ends the demo. */
async function use(demo: Demo, interactive: boolean, stopped: Promise<void>): Promise<void> {
  const { folder, bot } = demo;
  const { promise: ended, reject: onEnded } = Promise.withResolvers<never>();
  bot.once('close', (status) =>
    onEnded(new DemoProblem(`The bot ended with status ${status}. Its log: ${join(folder, 'bot.log')}`)),
  );
  say(introduction(demo));
  if (interactive) {
    await chat(demo, [stopped, ended]);
  } else {
    say('Ctrl-C or SIGTERM ends it.');
    await Promise.race([stopped, ended]);
  }
}

async function chat({ person, room, botId }: Demo, ends: Promise<unknown>[]): Promise<void> {
  say(
    'Or right here: each line is sent to the bot as a message of the admin. "yes" and "no" answer its questions',
  );
  say('with ✅ and ❌, "quit" or Ctrl-C ends the demo.\n');
  const { promise: quit, resolve: onEnd } = Promise.withResolvers<void>();
  const terminal = TerminalChat.open(person, botId, room, onEnd);
  try {
    await Promise.race([...ends, quit]);
  } finally {
    terminal.close();
  }
}

/** Returns the exit status. */
async function main(): Promise<number> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop());
  try {
    const options = readOptions();
    if (options === undefined) {
      process.stdout.write(USAGE);
      return 0;
    }
    const interactive = process.stdin.isTTY && process.stdout.isTTY;
    const demo = await Promise.race([start(options, interactive), stopped]);
    // Nothing to lose yet, and what runs already ends with this process.
    if (demo === undefined) return 1;
    try {
      await use(demo, interactive, stopped);
    } finally {
      say('Stopping …');
      demo.person.stop();
      await demo.pages.close();
      await endChild(demo.bot);
      await demo.synapse.dispose();
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

// A client may still wait for an answer.
process.exit(await main());
