// Keys that are lost, outdated, of another account, or can't be written: the bot logs one sentence and exits with the
// status that keeps a supervisor from restarting it; with the password, it repairs them by itself.
import { copyFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { type RawEvent, rawEvents } from '../harness/rawEvents.ts';
import { useTestServer } from '../harness/suite.ts';
import { login } from '../harness/users.ts';
import { expectSignature, publishedKeys, reusedKeys } from './keyChecks.ts';
import {
  endOf,
  errorsOf,
  expectEnd,
  fillDisk,
  forgetStarts,
  loseKeys,
  oneTimeKeysOf,
  settle,
  storeOf,
  takeOneTimeKey,
} from './lostKeys.ts';

const KEYS_UNUSABLE = 3;
const MISCONFIGURED = 2;
const FAILED = 1;

const NEW_TOKEN = /Log in anew .*put that access token under bot\.access_token.*move crypto\.sqlite/;

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice', { encryption: true });
});

const botWith = (signIn: 'password' | 'access token', localpart: string) => server.bot({ localpart, signIn });

/** The devices of an account that have keys. */
async function devicesOf(userId: string): Promise<readonly string[]> {
  return (await publishedKeys(server.baseUrl, alice, userId)).deviceIds;
}

describe('a lost crypto.sqlite', () => {
  test('with an access token: the bot ends, and says what to do', async () => {
    const bot = await botWith('access token', 'lost-token');
    await settle(bot);
    loseKeys(bot);
    const lost =
      /^The data folder does not have the encryption keys of the bot’s device \w+, which the homeserver has: they are lost/;
    await expectEnd(bot, KEYS_UNUSABLE, lost, NEW_TOKEN);
    await expectEnd(bot, KEYS_UNUSABLE, lost);
  });

  test('with a password: the bot is a new device, and answers again', async () => {
    const bot = await botWith('password', 'lost-password');
    await bot.start();
    const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
    await chat.ask('help');
    await bot.stop();
    const devices = await devicesOf(bot.userId);
    loseKeys(bot);

    await bot.start();
    expect(bot.logLines.join('')).toMatch(
      /keys of the bot’s device \w+, which the homeserver has: they are lost.*logs in as a new device/,
    );
    const now = await devicesOf(bot.userId);
    expect(now).toHaveLength(1);
    expect(now).not.toEqual(devices.slice(-1));
    expect((await chat.ask('help')).body).toContain('create');
    await bot.stop();
  });
});

describe('a crypto.sqlite that does not fit', () => {
  test('of another account', async () => {
    const [mine, others] = [await botWith('access token', 'mine'), await botWith('password', 'others')];
    await settle(mine);
    await settle(others);
    copyFileSync(storeOf(others), storeOf(mine));
    await expectEnd(
      mine,
      KEYS_UNUSABLE,
      /belong to the account @others:.*, but the bot is @mine:/,
      NEW_TOKEN,
    );
  });

  test('of another device of the account that has keys: with a token it ends, with a password it is a third', async () => {
    const bot = await botWith('access token', 'two-devices');
    await settle(bot);
    const other = await server.bot({ account: bot.account });
    await settle(other);
    copyFileSync(storeOf(bot), `${storeOf(bot)}.copy`);
    copyFileSync(storeOf(other), storeOf(bot));
    await expectEnd(bot, KEYS_UNUSABLE, /the device is another client’s/, NEW_TOKEN);

    copyFileSync(`${storeOf(bot)}.copy`, storeOf(other));
    await other.start();
    expect(await devicesOf(other.userId)).toHaveLength(2);
    const chat = await Conversation.start(alice, other.userId, { encrypted: true });
    expect((await chat.ask('status')).body).toContain('ℹ️ Identity: the bot’s device is signed.');
    await other.stop();
  });

  test('of the device before, after a new login: the new one takes over identity and keys', async () => {
    const bot = await botWith('access token', 'new-token');
    await bot.start();
    const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
    await chat.ask('help');
    const { masterKey } = await publishedKeys(server.baseUrl, alice, bot.userId);
    await bot.stop();
    const missed = await chat.send('help create');

    const { localpart, password } = bot.account;
    const again = await login(server.baseUrl, localpart, password);
    const next = await server.bot({
      account: { ...bot.account, ...again },
      signIn: 'access token',
      dataDir: bot.dataDir,
    });
    await next.start();
    expect(next.logLines.join('')).toContain(`takes over what it had as ${bot.account.deviceId}`);
    // Its key had been sent to the device before.
    expect((await chat.answerTo(missed)).body).toContain('expires');
    expect((await chat.ask('status')).body).toContain('ℹ️ Identity: the bot’s device is signed.');
    expect((await publishedKeys(server.baseUrl, alice, next.userId)).masterKey).toBe(masterKey);
    await next.stop();
    await next.start();
    expect(next.logLines.join('')).not.toContain('takes over');
    await next.stop();
  });

  test('an older copy, from before the last start', async () => {
    const bot = await botWith('access token', 'older-copy');
    await settle(bot);
    copyFileSync(storeOf(bot), `${storeOf(bot)}.copy`);
    await settle(bot);
    copyFileSync(`${storeOf(bot)}.copy`, storeOf(bot));
    await expectEnd(
      bot,
      KEYS_UNUSABLE,
      /outdated: crypto\.sqlite is a copy of before the bot’s last start/,
      NEW_TOKEN,
    );
  });

  test('an older copy, from after the last start: reported as soon as its one-time keys are refused', async () => {
    const bot = await botWith('access token', 'newer-copy');
    await settle(bot);
    copyFileSync(storeOf(bot), `${storeOf(bot)}.copy`);
    await bot.start();
    const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
    const all = await oneTimeKeysOf(server, bot);
    // A new person writes to the bot, which then makes another key.
    await takeOneTimeKey(server, bot);
    await chat.ask('help');
    await expect.poll(() => oneTimeKeysOf(server, bot)).toBe(all);
    await bot.stop();
    copyFileSync(`${storeOf(bot)}.copy`, storeOf(bot));
    forgetStarts(storeOf(bot));
    await takeOneTimeKey(server, bot);
    const refused =
      /refuses the bot’s encryption keys, because it has newer ones of the same device: crypto\.sqlite/;
    await expectEnd(bot, KEYS_UNUSABLE, refused, NEW_TOKEN);
    await expectEnd(bot, KEYS_UNUSABLE, refused);
  });

  test.each([
    ['no database', 'x'.repeat(5_000)],
    ['empty', 'SQLite format 3\0'],
  ])('damaged: %s', async (_, content) => {
    const bot = await botWith('access token', `damaged-${content.length}`);
    await settle(bot);
    writeFileSync(storeOf(bot), content);
    await expectEnd(bot, FAILED, /The crypto store \S+crypto\.sqlite is damaged: .*Move the file away/);
  });
});

describe('a device that was deleted on the homeserver', () => {
  test('with an access token: the token is refused', async () => {
    const bot = await botWith('access token', 'deleted-token');
    await settle(bot);
    await server.admin.deleteDevice(bot.account.userId, bot.account.deviceId);
    await expectEnd(
      bot,
      MISCONFIGURED,
      /does not accept bot\.access_token\. Put a valid access token under bot\.access_token/,
    );
  });

  test('with a password: the bot is the same device again, signed, and answers', async () => {
    const bot = await botWith('password', 'deleted-password');
    await bot.start();
    const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
    await chat.ask('help');
    const [device = ''] = (await devicesOf(bot.userId)).filter((id) => id !== bot.account.deviceId);

    await server.admin.deleteDevice(bot.userId, device);
    expect((await chat.ask('help')).body).toContain('create');
    await expectSignature(alice, bot.userId, device, true);
    await bot.stop();

    await server.admin.deleteDevice(bot.userId, device);
    await bot.start();
    expect((await chat.ask('help')).body).toContain('create');
    await expectSignature(alice, bot.userId, device, true);
    await bot.stop();
  });
});

test('an access token without a device', async () => {
  const bot = await botWith('access token', 'no-device');
  const path = `/_synapse/admin/v1/users/${encodeURIComponent(bot.account.userId)}/login`;
  const { access_token: BOT_ACCESS_TOKEN } = await requestJson<{ access_token: string }>(
    server.baseUrl,
    'POST',
    path,
    { accessToken: server.admin.accessToken, body: {} },
  );
  const { status, sentence } = await endOf(bot, { BOT_ACCESS_TOKEN });
  expect(status).toBe(KEYS_UNUSABLE);
  expect(sentence).toMatch(/belongs to no device of @no-device:.*or set bot\.encryption: false\.$/);
});

test('only the owner can read the files, and only one process has them', async () => {
  const bot = await botWith('access token', 'private');
  await bot.start();
  const files = readdirSync(bot.dataDir).filter((file) => file.startsWith('crypto.sqlite'));
  expect(files).toContain('crypto.sqlite-wal');
  for (const file of files) expect(statSync(join(bot.dataDir, file)).mode & 0o777, file).toBe(0o600);
  await expectEnd(bot, FAILED, /Another instance of the bot is running on the data folder/);
  await bot.stop();
});

test.skipIf(process.platform !== 'linux')(
  'a full disk: what could not be written down is not sent, and is done at the next start',
  async () => {
    const bot = await server.bot({ localpart: 'full-disk', signIn: 'access token', proxied: true });
    await bot.startProcess();
    const chat = await Conversation.start(alice, bot.account.userId, { encrypted: true });
    await chat.ask('help');
    const messages = async () => {
      const events = await rawEvents(server.baseUrl, alice, chat.roomId);
      return events.filter(({ sender, type }) => sender === bot.account.userId && type.includes('encrypted'));
    };
    const idOf = ({ event_id: eventId }: RawEvent) => eventId;
    const before = await messages();

    // The key is there, the message is not encrypted yet.
    bot.proxy.intercept(({ path }) => {
      if (path.includes('/members')) fillDisk(bot);
      return undefined;
    });
    await alice.invite(chat.roomId, (await server.person('somebody')).userId);
    const commandId = await chat.send('help', { mentions: [bot.account.userId] });
    expect(await bot.process.exited).toBe(FAILED);
    const [sentence, ...others] = errorsOf(bot.process);
    expect(sentence).toMatch(
      /The encryption keys can’t be written to crypto\.sqlite in the data folder: .*Make room on its disk/,
    );
    expect(others).toEqual([]);
    expect((await messages()).map(idOf)).toEqual(before.map(idOf));

    bot.proxy.clear();
    await bot.start();
    await chat.answerTo(commandId);
    expect(reusedKeys(await messages())).toEqual([]);
    await bot.stop();
  },
);
