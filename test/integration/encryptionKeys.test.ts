// Keys that are lost, outdated, somebody else's, or can't be written: the bot says so in one sentence and ends with the
// status that tells a supervisor not to start it again; or mends it by itself, where it has the password.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Settings, spawnBot, type TestBot, temporaryDataDir } from '../harness/bot.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { startProxy } from '../harness/proxy.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import { login, type RegisteredUser } from '../harness/users.ts';
import { messagesAt } from './cliRun.ts';
import {
  expectSignature,
  publishedKeys,
  type RawEvent,
  rawEvents,
  reusedKeys,
} from './encryptionKeysWorld.ts';

const ERROR = 50;
const KEYS_UNUSABLE = 3;
const MISCONFIGURED = 2;
const FAILED = 1;

const NEW_TOKEN = /Log in anew .*put that access token under bot\.access_token.*move crypto\.sqlite/;

let scene: Scene;
let alice: Person;

beforeAll(async () => {
  scene = await Scene.start();
  alice = await scene.person('alice', { encryption: true });
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

/** A bot's account and data folder, used by one process after the other. */
class Home {
  readonly account: RegisteredUser;
  readonly dataDir: string;
  readonly #credential: Settings;

  constructor(account: RegisteredUser, by: 'password' | 'token', dataDir = temporaryDataDir()) {
    this.account = account;
    this.dataDir = dataDir;
    const { localpart, password, accessToken } = account;
    this.#credential =
      by === 'token'
        ? { BOT_ACCESS_TOKEN: accessToken }
        : { BOT_USERNAME: localpart, BOT_PASSWORD: password };
  }

  static async of(localpart: string, by: 'password' | 'token'): Promise<Home> {
    return new Home(await scene.botAccount(localpart), by);
  }

  get store(): string {
    return join(this.dataDir, 'crypto.sqlite');
  }

  async start(settings: Settings = {}): Promise<TestBot> {
    const { dataDir } = this;
    return await scene.startBot(this.account, { dataDir, settings: { ...this.#credential, ...settings } });
  }

  /** Starts once and stops, so that there are keys. */
  async settle(): Promise<void> {
    await scene.stopBot(await this.start());
  }

  spawn(settings: Settings = {}) {
    const own = { BOT_SERVER: scene.synapse.baseUrl, BOT_DATA_DIR: this.dataDir };
    return spawnBot({ ...own, ...this.#credential, ...settings });
  }

  /** What the bot says when it ends by itself. */
  async end(settings: Settings = {}): Promise<{ status: number | null; sentence: string }> {
    const bot = this.spawn(settings);
    const status = await bot.exited;
    const sentences = messagesAt(ERROR, { stdout: bot.output() });
    expect(sentences, bot.output()).toHaveLength(1);
    return { status, sentence: sentences[0] ?? '' };
  }

  /** The same every time it is started. */
  async expectEnd(status: number, ...parts: RegExp[]): Promise<void> {
    const first = await this.end();
    expect(first.status, first.sentence).toBe(status);
    for (const part of parts) expect(first.sentence).toMatch(part);
    expect(await this.end()).toEqual(first);
  }

  loseKeys(): void {
    for (const file of readdirSync(this.dataDir)) {
      if (file.startsWith('crypto.sqlite')) rmSync(join(this.dataDir, file));
    }
  }
}

/** The devices of an account that have keys. */
async function devicesOf(userId: string): Promise<readonly string[]> {
  return (await publishedKeys(scene.synapse.baseUrl, alice, userId)).deviceIds;
}

describe('a lost crypto.sqlite', () => {
  test('with an access token: the bot ends, and says what to do', async () => {
    const home = await Home.of('lost-token', 'token');
    await home.settle();
    home.loseKeys();
    await home.expectEnd(
      KEYS_UNUSABLE,
      /^The data folder does not have the encryption keys of the bot’s device \w+, which the homeserver has: they are lost/,
      NEW_TOKEN,
    );
  });

  test('with a password: the bot is a new device, and answers again', async () => {
    const home = await Home.of('lost-password', 'password');
    const before = await home.start();
    const chat = await Conversation.start(alice, before.userId, { encrypted: true });
    await chat.ask('help');
    await scene.stopBot(before);
    const devices = await devicesOf(before.userId);
    home.loseKeys();

    const bot = await home.start();
    expect(bot.logLines.join('')).toMatch(
      /keys of the bot’s device \w+, which the homeserver has: they are lost.*logs in as a new device/,
    );
    const now = await devicesOf(bot.userId);
    expect(now).toHaveLength(1);
    expect(now).not.toEqual(devices.slice(-1));
    expect((await chat.ask('help')).body).toContain('create');
    await scene.stopBot(bot);
  });
});

describe('a crypto.sqlite that does not fit', () => {
  test('of another account', async () => {
    const [mine, others] = [await Home.of('mine', 'token'), await Home.of('others', 'password')];
    await mine.settle();
    await others.settle();
    copyFileSync(others.store, mine.store);
    await mine.expectEnd(KEYS_UNUSABLE, /belong to the account @others:.*, but the bot is @mine:/, NEW_TOKEN);
  });

  test('of another device of the account that has keys: with a token it ends, with a password it is a third', async () => {
    const home = await Home.of('two-devices', 'token');
    await home.settle();
    const other = new Home(home.account, 'password');
    await other.settle();
    copyFileSync(home.store, `${home.store}.copy`);
    copyFileSync(other.store, home.store);
    await home.expectEnd(KEYS_UNUSABLE, /the device is another client’s/, NEW_TOKEN);

    copyFileSync(`${home.store}.copy`, other.store);
    const bot = await other.start();
    const { deviceIds } = await publishedKeys(scene.synapse.baseUrl, alice, bot.userId);
    expect(deviceIds).toHaveLength(2);
    const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
    const status = await chat.ask('status');
    expect(status.body).toContain('✅ Identity: the bot’s device is signed.');
    await scene.stopBot(bot);
  });

  test('of the device before, after a new login: the new one takes over identity and keys', async () => {
    const home = await Home.of('new-token', 'token');
    const before = await home.start();
    const chat = await Conversation.start(alice, before.userId, { encrypted: true });
    await chat.ask('help');
    const { masterKey } = await publishedKeys(scene.synapse.baseUrl, alice, before.userId);
    await scene.stopBot(before);
    const missed = await chat.send('help create');

    const { localpart, password } = home.account;
    const again = await login(scene.synapse.baseUrl, localpart, password);
    const next = new Home({ ...home.account, ...again }, 'token', home.dataDir);
    const bot = await next.start();
    expect(bot.logLines.join('')).toContain(`takes over what it had as ${home.account.deviceId}`);
    // Its key had been sent to the device before.
    expect((await chat.answerTo(missed)).body).toContain('expires');
    expect((await chat.ask('status')).body).toContain('✅ Identity: the bot’s device is signed.');
    expect((await publishedKeys(scene.synapse.baseUrl, alice, bot.userId)).masterKey).toBe(masterKey);
    await scene.stopBot(bot);
    const later = await next.start();
    expect(later.logLines.join('')).not.toContain('takes over');
    await scene.stopBot(later);
  });

  test('an older copy, from before the last start', async () => {
    const home = await Home.of('older-copy', 'token');
    await home.settle();
    copyFileSync(home.store, `${home.store}.copy`);
    await home.settle();
    copyFileSync(`${home.store}.copy`, home.store);
    await home.expectEnd(
      KEYS_UNUSABLE,
      /outdated: crypto\.sqlite is a copy of before the bot’s last start/,
      NEW_TOKEN,
    );
  });

  test('an older copy, from after the last start: told as soon as its one-time keys are refused', async () => {
    const home = await Home.of('newer-copy', 'token');
    await home.settle();
    copyFileSync(home.store, `${home.store}.copy`);
    const bot = await home.start();
    const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
    const all = await oneTimeKeysOf(home.account);
    // Somebody begins to talk to the bot, which then makes another key.
    await takeOneTimeKey(home.account);
    await chat.ask('help');
    await expect.poll(() => oneTimeKeysOf(home.account)).toBe(all);
    await scene.stopBot(bot);
    copyFileSync(`${home.store}.copy`, home.store);
    forgetStarts(home);
    await takeOneTimeKey(home.account);
    await home.expectEnd(
      KEYS_UNUSABLE,
      /refuses the bot’s encryption keys, because it has newer ones of the same device: crypto\.sqlite/,
      NEW_TOKEN,
    );
  });

  test.each([
    ['no database', 'x'.repeat(5_000)],
    ['empty', 'SQLite format 3\0'],
  ])('damaged: %s', async (_, content) => {
    const home = await Home.of(`damaged-${content.length}`, 'token');
    await home.settle();
    writeFileSync(home.store, content);
    await home.expectEnd(FAILED, /The crypto store \S+crypto\.sqlite is damaged: .*Move the file away/);
  });
});

describe('a device that was deleted on the homeserver', () => {
  test('with an access token: the token is refused', async () => {
    const home = await Home.of('deleted-token', 'token');
    await home.settle();
    await scene.admin.deleteDevice(home.account.userId, home.account.deviceId);
    await home.expectEnd(
      MISCONFIGURED,
      /does not accept bot\.access_token\. Put a valid access token under bot\.access_token/,
    );
  });

  test('with a password: the bot is the same device again, signed, and answers', async () => {
    const home = await Home.of('deleted-password', 'password');
    const bot = await home.start();
    const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
    await chat.ask('help');
    const [device = ''] = (await devicesOf(bot.userId)).filter((id) => id !== home.account.deviceId);

    await scene.admin.deleteDevice(bot.userId, device);
    expect((await chat.ask('help')).body).toContain('create');
    await expectSignature(alice, bot.userId, device, true);
    await scene.stopBot(bot);

    await scene.admin.deleteDevice(bot.userId, device);
    const again = await home.start();
    expect((await chat.ask('help')).body).toContain('create');
    await expectSignature(alice, bot.userId, device, true);
    await scene.stopBot(again);
  });
});

test('an access token without a device', async () => {
  const home = await Home.of('no-device', 'token');
  const path = `/_synapse/admin/v1/users/${encodeURIComponent(home.account.userId)}/login`;
  const { access_token: BOT_ACCESS_TOKEN } = await requestJson<{ access_token: string }>(
    scene.synapse.baseUrl,
    'POST',
    path,
    { accessToken: scene.admin.accessToken, body: {} },
  );
  const { status, sentence } = await home.end({ BOT_ACCESS_TOKEN });
  expect(status).toBe(KEYS_UNUSABLE);
  expect(sentence).toMatch(/belongs to no device of @no-device:.*or set bot\.encryption: false\.$/);
});

test('only the owner can read the files, and only one process has them', async () => {
  const home = await Home.of('private', 'token');
  const bot = await home.start();
  const files = readdirSync(home.dataDir).filter((file) => file.startsWith('crypto.sqlite'));
  expect(files).toContain('crypto.sqlite-wal');
  for (const file of files) expect(statSync(join(home.dataDir, file)).mode & 0o777, file).toBe(0o600);
  await home.expectEnd(FAILED, /Another instance of the bot is running on the data folder/);
  await scene.stopBot(bot);
});

test.skipIf(process.platform !== 'linux')(
  'a full disk: what could not be written down is not sent, and is done at the next start',
  async () => {
    await using proxy = await startProxy(scene.synapse.baseUrl);
    const home = await Home.of('full-disk', 'token');
    const bot = home.spawn({ BOT_SERVER: proxy.baseUrl });
    await bot.waitForOutput(/"Ready"/);
    const chat = await Conversation.start(alice, home.account.userId, { encrypted: true });
    await chat.ask('help');
    const messages = async () => {
      const events = await rawEvents(scene.synapse.baseUrl, alice, chat.roomId);
      return events.filter(
        ({ sender, type }) => sender === home.account.userId && type.includes('encrypted'),
      );
    };
    const idOf = ({ event_id: eventId }: RawEvent) => eventId;
    const before = await messages();

    // The key is there, the message is not encrypted yet.
    proxy.intercept(({ path }) => {
      if (path.includes('/members')) allowFiles(bot.child.pid, leastSize(home));
      return undefined;
    });
    await chat.person.client.setRoomName(chat.roomId, 'another');
    await alice.invite(chat.roomId, (await scene.person('somebody')).userId);
    const commandId = await chat.send('help', { mentions: [home.account.userId] });
    expect(await bot.exited).toBe(FAILED);
    const [sentence, ...others] = messagesAt(ERROR, { stdout: bot.output() });
    expect(sentence).toMatch(
      /The encryption keys can’t be written to crypto\.sqlite in the data folder: .*Make room on its disk/,
    );
    expect(others).toEqual([]);
    expect((await messages()).map(idOf)).toEqual(before.map(idOf));

    const again = await home.start();
    await chat.answerTo(commandId);
    expect(reusedKeys(await messages())).toEqual([]);
    await scene.stopBot(again);
  },
);

/** No file that the process writes may grow beyond so many bytes: to the bot, the disk is full. */
function allowFiles(pid: number | undefined, bytes: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}

/** Of what is written to. */
function leastSize({ dataDir }: Home): number {
  return Math.min(
    ...['bot.sqlite-wal', 'crypto.sqlite-wal'].map((file) => statSync(join(dataDir, file)).size),
  );
}

/** As if the copy were of after the last start. */
function forgetStarts({ store }: Home): void {
  const db = new DatabaseSync(store);
  db.exec("UPDATE facts SET value = '1000' WHERE key = 'starts'");
  db.close();
}

/** As a client does that begins to talk to a device. */
async function takeOneTimeKey({ userId, deviceId }: RegisteredUser): Promise<void> {
  await requestJson(scene.synapse.baseUrl, 'POST', '/_matrix/client/v3/keys/claim', {
    accessToken: alice.accessToken,
    body: { one_time_keys: { [userId]: { [deviceId]: 'signed_curve25519' } } },
  });
}

/** How many the homeserver has left. */
async function oneTimeKeysOf({ accessToken }: RegisteredUser): Promise<number | undefined> {
  const { one_time_key_counts: counts } = await requestJson<{ one_time_key_counts: Record<string, number> }>(
    scene.synapse.baseUrl,
    'POST',
    '/_matrix/client/v3/keys/upload',
    { accessToken, body: {} },
  );
  return counts.signed_curve25519;
}
