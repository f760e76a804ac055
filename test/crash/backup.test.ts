// Back-ups: what may be put back, what may not, and what is left if everything is lost.
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatRecoveryKey, makeRecoveryKey } from '../../bot/lib/recoveryKey.ts';
import { type Settings, type TestBot, temporaryDataDir } from '../harness/bot.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { type Proxy as FaultyProxy, startProxy } from '../harness/proxy.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import type { RegisteredUser } from '../harness/users.ts';
import { isSend, logged, WARN } from '../outages/badDaysWorld.ts';

let scene: Scene;
let alice: Person;

beforeAll(async () => {
  // Else Synapse would answer a /sync from an old position, asked two minutes ago for the last time, with what it
  // answered then: in a test, but hardly ever elsewhere.
  scene = await Scene.start({ extraConfig: { caches: { sync_response_cache_duration: '0s' } } });
  alice = await scene.person('alice', { encryption: true });
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

/** A bot with a data folder of its own, and a back-up of that. */
class KeptBot implements AsyncDisposable {
  readonly proxy: FaultyProxy;
  readonly dataDir = temporaryDataDir();
  readonly #account: RegisteredUser;
  readonly #settings: Settings;
  readonly #backup = temporaryDataDir();
  #running: TestBot | undefined;

  private constructor(account: RegisteredUser, proxy: FaultyProxy, settings: Settings) {
    this.#account = account;
    this.proxy = proxy;
    this.#settings = { BOT_SERVER: proxy.baseUrl, ...settings };
  }

  static async make(localpart: string, settings: Settings = {}): Promise<KeptBot> {
    const proxy = await startProxy(scene.synapse.baseUrl);
    return new KeptBot(await scene.botAccount(localpart), proxy, settings);
  }

  /** `proxy.requests` are those of this run. */
  async start(): Promise<TestBot> {
    this.proxy.requests.length = 0;
    this.#running = await scene.startBot(this.#account, {
      dataDir: this.dataDir,
      settings: this.#settings,
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running !== undefined) await scene.stopBot(running);
  }

  /** As docs/operations.md says: while the bot is stopped. */
  backUp(): void {
    cpSync(this.dataDir, this.#backup, { recursive: true });
  }

  restoreState(): void {
    rmSync(join(this.dataDir, 'bot.sqlite-wal'), { force: true });
    copyFileSync(join(this.#backup, 'bot.sqlite'), join(this.dataDir, 'bot.sqlite'));
  }

  lose(): void {
    rmSync(this.dataDir, { recursive: true });
    mkdirSync(this.dataDir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.proxy.close();
  }
}

async function tokenNames(): Promise<string[]> {
  return (await scene.tokens()).map(({ token }) => token);
}

function deviceOf({ store }: TestBot): unknown {
  return JSON.parse(store.meta.get('bot_session') ?? '{}').deviceId;
}

/** The public part of the account's cross-signing identity. */
async function identityOf(userId: string): Promise<unknown> {
  const { master_keys } = await requestJson<{ master_keys: Record<string, { keys: unknown }> }>(
    scene.synapse.baseUrl,
    'POST',
    '/_matrix/client/v3/keys/query',
    { accessToken: alice.accessToken, body: { device_keys: { [userId]: [] } } },
  );
  return master_keys[userId]?.keys;
}

/** A command gets its answer, encrypted or not. */
async function expectAnswer(chat: Conversation, encrypted: boolean): Promise<void> {
  const answer = await chat.ask('help');
  const event = alice.timeline(chat.roomId).find((e) => e.getId() === answer.eventId);
  expect(event?.isEncrypted()).toBe(encrypted);
}

test('a stopped bot leaves nothing beside its two files', async () => {
  await using kept = await KeptBot.make('tidybot');
  await kept.start();
  await kept.stop();
  expect(readdirSync(kept.dataDir).toSorted()).toEqual(['bot.sqlite', 'crypto.sqlite']);
});

test.each([
  ['an encrypted room', true],
  ['a room that is not encrypted', false],
])('bot.sqlite put back, in %s: nothing is done or said again', async (_name, encrypted) => {
  await using kept = await KeptBot.make(`restored-${encrypted}`);
  const bot = await kept.start();
  const device = deviceOf(bot);
  const chat = await Conversation.start(alice, bot.userId, { encrypted });
  const early = await chat.send(`allow ${alice.userId} @kept:example.org`);
  await chat.answerTo(early);
  await kept.stop();
  kept.backUp();

  await kept.start();
  const commands: string[] = [];
  for (const text of ['create', 'create count=2', 'allow @lost:example.org', 'create goes-1', 'nonsense']) {
    const command = await chat.send(text);
    commands.push(command);
    await chat.answerTo(command);
  }
  const prompt = await chat.ask('delete goes-1');
  await alice.react(chat.roomId, prompt.eventId, '✅');
  await alice.waitForEdit(chat.roomId, prompt.eventId);
  await chat.ask('create goes-2');
  await chat.ask('delete goes-2');
  const confirm = await chat.ask('confirm');
  expect(confirm.body).toContain('goes-2');
  const second = await Conversation.start(alice, bot.userId, { encrypted });
  await second.ask('create');
  const tokens = await tokenNames();
  await kept.stop();

  kept.restoreState();
  const restored = await kept.start();
  await expectAnswer(chat, encrypted);
  // Synapse does not send the same twice, but only because it remembers that for a while.
  expect(kept.proxy.requests.filter(isSend)).toHaveLength(1);
  expect(await chat.answersTo(early, ...commands)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(second.greetings()).toHaveLength(1);
  expect(await tokenNames()).toEqual(tokens);
  // As of the back-up: who was allowed since has to be allowed again.
  const { body: allowed } = await chat.ask('allowed');
  expect(allowed).toContain('@kept:example.org');
  expect(allowed).not.toContain('@lost:example.org');
  expect(deviceOf(restored)).toBe(device);
  expect(kept.proxy.requests.filter(({ path }) => path.endsWith('/login'))).toEqual([]);
  expect(logged(restored, WARN)).toEqual([]);
});

test('what was sent while the bot was away is answered after bot.sqlite was put back', async () => {
  await using kept = await KeptBot.make('awaybot');
  const bot = await kept.start();
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  await kept.stop();
  kept.backUp();
  await kept.start();
  await chat.ask('create away-1');
  await kept.stop();
  const command = await chat.send('create away-2');
  kept.restoreState();
  await kept.start();
  expect((await chat.answerTo(command)).body).toContain('away-2');
});

test.each([
  ['nothing is left', false],
  ['only bot.sqlite is put back', true],
])('with the password and the recovery key, if %s, the bot is itself again', async (_name, withState) => {
  const recoveryKey = formatRecoveryKey(makeRecoveryKey());
  await using kept = await KeptBot.make(`lost-${withState}`, { BOT_RECOVERY_KEY: recoveryKey });
  const bot = await kept.start();
  const device = deviceOf(bot);
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  await chat.ask(`allow ${alice.userId} @kept:example.org`);
  const identity = await identityOf(bot.userId);
  await kept.stop();
  kept.backUp();
  await kept.start();
  const created = await chat.send('create');
  await chat.answerTo(created);
  const tokens = await tokenNames();
  await kept.stop();

  kept.lose();
  if (withState) kept.restoreState();
  const again = await kept.start();
  expect(deviceOf(again)).not.toBe(device);
  await expectAnswer(chat, true);
  expect(await identityOf(bot.userId)).toEqual(identity);
  expect(await chat.answersTo(created)).toEqual([1]);
  expect(await tokenNames()).toEqual(tokens);
  const { body: allowed } = await chat.ask('allowed');
  if (withState) expect(allowed).toContain('@kept:example.org');
  else expect(allowed).not.toContain('@kept:example.org');
});
