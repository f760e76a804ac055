// Keys that are lost, outdated, somebody else's, or can't be written: the bot says so in one sentence and ends with the
// status that tells a supervisor not to start it again; or mends it by itself, where it has the password.
import { copyFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { startProxy } from '../harness/proxy.ts';
import { type RawEvent, rawEvents } from '../harness/rawEvents.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import { login } from '../harness/users.ts';
import { errorsOf, fillDisk, forgetStarts, Home, oneTimeKeysOf, takeOneTimeKey } from './encryptionHome.ts';
import { expectSignature, publishedKeys, reusedKeys } from './encryptionKeysWorld.ts';

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

const homeOf = async (localpart: string, by: 'password' | 'token') =>
  new Home(scene, await scene.botAccount(localpart), by);

/** The devices of an account that have keys. */
async function devicesOf(userId: string): Promise<readonly string[]> {
  return (await publishedKeys(scene.synapse.baseUrl, alice, userId)).deviceIds;
}

describe('a lost crypto.sqlite', () => {
  test('with an access token: the bot ends, and says what to do', async () => {
    const home = await homeOf('lost-token', 'token');
    await home.settle();
    home.loseKeys();
    const lost =
      /^The data folder does not have the encryption keys of the bot’s device \w+, which the homeserver has: they are lost/;
    await home.expectEnd(KEYS_UNUSABLE, lost, NEW_TOKEN);
    await home.expectEnd(KEYS_UNUSABLE, lost);
  });

  test('with a password: the bot is a new device, and answers again', async () => {
    const home = await homeOf('lost-password', 'password');
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
    const [mine, others] = [await homeOf('mine', 'token'), await homeOf('others', 'password')];
    await mine.settle();
    await others.settle();
    copyFileSync(others.store, mine.store);
    await mine.expectEnd(KEYS_UNUSABLE, /belong to the account @others:.*, but the bot is @mine:/, NEW_TOKEN);
  });

  test('of another device of the account that has keys: with a token it ends, with a password it is a third', async () => {
    const home = await homeOf('two-devices', 'token');
    await home.settle();
    const other = new Home(scene, home.account, 'password');
    await other.settle();
    copyFileSync(home.store, `${home.store}.copy`);
    copyFileSync(other.store, home.store);
    await home.expectEnd(KEYS_UNUSABLE, /the device is another client’s/, NEW_TOKEN);

    copyFileSync(`${home.store}.copy`, other.store);
    const bot = await other.start();
    expect(await devicesOf(bot.userId)).toHaveLength(2);
    const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
    expect((await chat.ask('status')).body).toContain('✅ Identity: the bot’s device is signed.');
    await scene.stopBot(bot);
  });

  test('of the device before, after a new login: the new one takes over identity and keys', async () => {
    const home = await homeOf('new-token', 'token');
    const before = await home.start();
    const chat = await Conversation.start(alice, before.userId, { encrypted: true });
    await chat.ask('help');
    const { masterKey } = await publishedKeys(scene.synapse.baseUrl, alice, before.userId);
    await scene.stopBot(before);
    const missed = await chat.send('help create');

    const { localpart, password } = home.account;
    const again = await login(scene.synapse.baseUrl, localpart, password);
    const next = new Home(scene, { ...home.account, ...again }, 'token', home.dataDir);
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
    const home = await homeOf('older-copy', 'token');
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
    const home = await homeOf('newer-copy', 'token');
    await home.settle();
    copyFileSync(home.store, `${home.store}.copy`);
    const bot = await home.start();
    const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
    const all = await oneTimeKeysOf(home);
    // Somebody begins to talk to the bot, which then makes another key.
    await takeOneTimeKey(home);
    await chat.ask('help');
    await expect.poll(() => oneTimeKeysOf(home)).toBe(all);
    await scene.stopBot(bot);
    copyFileSync(`${home.store}.copy`, home.store);
    forgetStarts(home.store);
    await takeOneTimeKey(home);
    const refused =
      /refuses the bot’s encryption keys, because it has newer ones of the same device: crypto\.sqlite/;
    await home.expectEnd(KEYS_UNUSABLE, refused, NEW_TOKEN);
    await home.expectEnd(KEYS_UNUSABLE, refused);
  });

  test.each([
    ['no database', 'x'.repeat(5_000)],
    ['empty', 'SQLite format 3\0'],
  ])('damaged: %s', async (_, content) => {
    const home = await homeOf(`damaged-${content.length}`, 'token');
    await home.settle();
    writeFileSync(home.store, content);
    await home.expectEnd(FAILED, /The crypto store \S+crypto\.sqlite is damaged: .*Move the file away/);
  });
});

describe('a device that was deleted on the homeserver', () => {
  test('with an access token: the token is refused', async () => {
    const home = await homeOf('deleted-token', 'token');
    await home.settle();
    await scene.admin.deleteDevice(home.account.userId, home.account.deviceId);
    await home.expectEnd(
      MISCONFIGURED,
      /does not accept bot\.access_token\. Put a valid access token under bot\.access_token/,
    );
  });

  test('with a password: the bot is the same device again, signed, and answers', async () => {
    const home = await homeOf('deleted-password', 'password');
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
  const home = await homeOf('no-device', 'token');
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
  const home = await homeOf('private', 'token');
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
    const home = await homeOf('full-disk', 'token');
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
      if (path.includes('/members')) fillDisk(bot, home);
      return undefined;
    });
    await alice.invite(chat.roomId, (await scene.person('somebody')).userId);
    const commandId = await chat.send('help', { mentions: [home.account.userId] });
    expect(await bot.exited).toBe(FAILED);
    const [sentence, ...others] = errorsOf(bot);
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
