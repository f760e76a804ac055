// What the tests of bad days share: a bot that reaches its homeserver through a proxy, somebody in a room with it who
// does not, and the bot's log.
import { expect, vi } from 'vitest';
import { type Settings, startTestBot, type TestBot, type TestBotOptions } from '../harness/bot.ts';
import type { Person } from '../harness/person.ts';
import {
  type CannedResponse,
  type Fate,
  type Proxy as FaultyProxy,
  type ProxiedRequest,
  startProxy,
} from '../harness/proxy.ts';
import { Conversation, type Scene } from '../harness/scene.ts';
import type { RegisteredUser } from '../harness/users.ts';

export interface Day extends AsyncDisposable {
  readonly account: RegisteredUser;
  readonly proxy: FaultyProxy;
  readonly chat: Conversation;
  readonly bot: TestBot;
  stopBot(): Promise<void>;
  /** Stops the bot, if it runs, and starts it with the same data folder and, unless given here, the same options. */
  restartBot(options?: TestBotOptions): Promise<void>;
}

export interface DayOptions extends TestBotOptions {
  /** How the bot signs in. Default: with the password of its account. */
  login?: 'password' | 'access token';
}

let days = 0;

/** What a bot with an access token instead of user name and password has in its environment. */
export function accessTokenSettings(accessToken: string): Settings {
  return { BOT_ACCESS_TOKEN: accessToken, BOT_USERNAME: '', BOT_PASSWORD: '' };
}

/** A bot with an account of its own, of a server admin, and a room in which it has greeted `person`. */
export async function startDay(scene: Scene, person: Person, dayOptions: DayOptions = {}): Promise<Day> {
  const { login = 'password', ...options } = dayOptions;
  const account = await scene.botAccount(`regbot${days++}`);
  const proxy = await startProxy(scene.synapse.baseUrl);
  const settings = login === 'password' ? {} : accessTokenSettings(account.accessToken);
  const start = (more: TestBotOptions) =>
    startTestBot(
      proxy.baseUrl,
      { username: account.localpart, password: account.password },
      { ...options, ...more, settings: { ...settings, ...options.settings, ...more.settings } },
    );
  let bot = await start({});
  let running = true;
  const lines: string[] = [];
  const secrets = new Set<string>();
  const stopBot = async () => {
    if (!running) return;
    running = false;
    for (const secret of await secretsOf(scene, account, person, bot)) secrets.add(secret);
    await bot.stop();
    lines.push(...bot.logLines);
  };
  return {
    account,
    proxy,
    chat: await Conversation.start(person, account.userId),
    get bot() {
      return bot;
    },
    stopBot,
    async restartBot(more = {}) {
      await stopBot();
      bot = await start({ dataDir: bot.dataDir, ...more });
      running = true;
    },
    async [Symbol.asyncDispose]() {
      await stopBot();
      await proxy.close();
      expectNoSecrets(lines, secrets);
    },
  };
}

async function secretsOf(
  scene: Scene,
  account: RegisteredUser,
  person: Person,
  { store, config }: TestBot,
): Promise<string[]> {
  const sessions = (['bot_session', 'api_session'] as const)
    .map((key) => store.meta.get(key))
    .filter((json) => json !== undefined)
    .map((json) => String(JSON.parse(json).accessToken));
  const given = [config.bot.access_token, config.bot.password, config.api.token, config.api.password];
  const tokens = await scene.admin.listTokens();
  return [
    ...sessions,
    ...given.filter((secret) => secret !== undefined),
    ...tokens.map(({ token }) => token),
    account.password,
    account.accessToken,
    person.accessToken,
    scene.admin.accessToken,
  ];
}

/** No line of a log, at whatever level, holds one of these values. */
export function expectNoSecrets(lines: readonly string[], secrets: Iterable<string>): void {
  const given = [...secrets];
  expect(lines.filter((line) => given.some((secret) => line.includes(secret)))).toEqual([]);
}

export interface LogEntry {
  /** As pino numbers them. */
  readonly level: number;
  readonly msg: string;
  readonly retryInMs?: number;
}

export const WARN = 40;
export const ERROR = 50;

/** What was logged so far, at `level` or above. */
export function logged({ logLines }: TestBot, level = 0): LogEntry[] {
  return logLines.map((line) => JSON.parse(line) as LogEntry).filter((entry) => entry.level >= level);
}

/** Resolves once at least `times` new lines of the log match; with them. */
export async function waitForLog(bot: TestBot, pattern: RegExp, times = 1): Promise<LogEntry[]> {
  const before = bot.logLines.length;
  return await vi.waitFor(
    () => {
      const found = logged(bot)
        .slice(before)
        .filter(({ msg }) => pattern.test(msg));
      if (found.length < times) throw new Error(`Not in the log yet: ${pattern}\n${bot.logLines.join('')}`);
      return found;
    },
    { timeout: 20_000, interval: 20 },
  );
}

/** Resolves once the proxy has seen so many more requests that match. */
export async function waitForRequests(
  proxy: FaultyProxy,
  matches: (request: ProxiedRequest) => boolean,
  times: number,
): Promise<void> {
  const before = proxy.requests.length;
  await vi.waitFor(
    () => expect(proxy.requests.slice(before).filter(matches).length).toBeGreaterThanOrEqual(times),
    { timeout: 20_000, interval: 20 },
  );
}

export const isTokenApi = ({ path }: ProxiedRequest): boolean => path.startsWith('/_synapse/admin');
export const isSend = ({ path }: ProxiedRequest): boolean => path.includes('/send/');
export const isSync = ({ path }: ProxiedRequest): boolean => path.startsWith('/_matrix/client/v3/sync');

/** The token API answers like this; everything else works. */
export function tokenApiAnswers(proxy: FaultyProxy, fate: Fate): void {
  proxy.intercept((request) => (isTokenApi(request) ? fate : undefined));
}

/** The homeserver's own answer, carried out and then cut in half on the way. */
export async function cutInHalf(proxy: FaultyProxy, request: ProxiedRequest): Promise<CannedResponse> {
  const { status, body } = await proxy.pass(request);
  const json = JSON.stringify(body);
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: json.slice(0, Math.floor(json.length / 2)),
  };
}

/** A page with status 200, as of a web server that shows its start page whatever is asked. */
export const startPage = { status: 200, body: '<!doctype html><title>Welcome</title>' } as const;
