// The bot's cross-signing identity: made once, kept with a recovery key, told where it is somebody else's.
import { OnlySignedDevicesIsolationMode } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatRecoveryKey, makeRecoveryKey } from '../../bot/lib/recoveryKey.ts';
import { killAt, MortalBot } from '../crash/exactlyOnceWorld.ts';
import { spawnBot, type TestBot, type TestBotOptions, temporaryDataDir } from '../harness/bot.ts';
import type { Person } from '../harness/person.ts';
import { startProxy } from '../harness/proxy.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import type { RegisteredUser } from '../harness/users.ts';
import {
  cryptoOf,
  expectSignature,
  makeIdentity,
  type PublishedKeys,
  publishedKeys,
} from './encryptionKeysWorld.ts';

let scene: Scene;
let alice: Person;

beforeAll(async () => {
  scene = await Scene.start();
  alice = await scene.person('alice', { encryption: true });
  await makeIdentity(alice);
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

/** Starts a bot with the password, on a data folder of its own unless one is named. */
async function start(account: RegisteredUser, options: TestBotOptions = {}): Promise<TestBot> {
  return await scene.startBot(account, options);
}

async function keysOf(userId: string): Promise<PublishedKeys> {
  return await publishedKeys(scene.synapse.baseUrl, alice, userId);
}

/** Of the bot that runs. */
function deviceOf(bot: TestBot): string {
  const line = bot.logLines.find((entry) => entry.includes('"End-to-end encryption is on"'));
  return (JSON.parse(line ?? '{}') as { deviceId: string }).deviceId;
}

async function expectSigned(bot: TestBot): Promise<void> {
  await expectSignature(alice, bot.userId, deviceOf(bot), true);
}

/** Another client of the bot's account, whose user has the recovery key. */
async function ownerOf(account: RegisteredUser, recoveryKey: Buffer): Promise<Person> {
  const key = Uint8Array.from(recoveryKey);
  return await scene.atClient(account, {
    encryption: true,
    cryptoCallbacks: {
      getSecretStorageKey: async ({ keys }) => [Object.keys(keys)[0] ?? '', key],
    },
  });
}

const withKey = (key: Buffer) => ({ settings: { BOT_RECOVERY_KEY: formatRecoveryKey(key) } });

async function statusOf(bot: TestBot): Promise<string> {
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  return (await chat.ask('status')).body;
}

const FOREIGN = /has a cross-signing identity whose private keys the bot does not have/;

describe('the first start', () => {
  test('makes an identity and signs the device; those who talk to signed devices only are answered', async () => {
    const strict = await scene.person('strict', { encryption: true });
    await makeIdentity(strict);
    cryptoOf(strict).setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
    const account = await scene.botAccount('first');
    const bot = await start(account);
    await expectSignature(strict, bot.userId, deviceOf(bot), true);
    const chat = await Conversation.start(strict, bot.userId, { encrypted: true });
    const { body } = await chat.ask('status');
    expect(body).toMatch(/Identity: the bot’s device is signed\. Set bot\.recovery_key/);

    const { masterKey } = await keysOf(bot.userId);
    await scene.stopBot(bot);
    const again = await start(account, { dataDir: bot.dataDir });
    expect((await keysOf(bot.userId)).masterKey).toBe(masterKey);
    await scene.stopBot(again);
  });

  test.each([
    ['the identity', '/keys/device_signing/upload', 'before'],
    ['the identity', '/keys/device_signing/upload', 'after'],
    ['the signature', '/keys/signatures/upload', 'before'],
    ['the signature', '/keys/signatures/upload', 'after'],
  ] as const)(
    'that ends while it uploads %s (%s, %s the homeserver has it) is made good',
    async (name, path, when) => {
      const { synapse } = scene;
      await using proxy = await startProxy(synapse.baseUrl);
      const account = await scene.botAccount(`crash-${name.length}-${when}`);
      const bot = new MortalBot(account, proxy.baseUrl);
      const step = { name, matches: (request: { path: string }) => request.path.endsWith(path) };
      const killed = killAt(step, when, { bot, proxy, synapse });
      bot.spawn();
      await killed;
      const { masterKey } = await keysOf(bot.userId);
      await bot.start();
      await expectSignature(alice, bot.userId, account.deviceId, true);
      if (masterKey !== undefined) expect((await keysOf(bot.userId)).masterKey).toBe(masterKey);
      expect(await bot.stop()).toBe(0);
    },
  );
});

describe('bot.recovery_key', () => {
  test('brings the identity back after the loss of the data folder; other clients open it with the same key', async () => {
    const account = await scene.botAccount('kept');
    const key = makeRecoveryKey();
    const before = await start(account, withKey(key));
    const { masterKey } = await keysOf(before.userId);
    await scene.stopBot(before);

    const bot = await start(account, withKey(key));
    expect(deviceOf(bot)).not.toBe(deviceOf(before));
    expect((await keysOf(bot.userId)).masterKey).toBe(masterKey);
    await expectSigned(bot);
    expect(await statusOf(bot)).toMatch(/Identity: the bot’s device is signed; bot\.recovery_key brings/);

    const owner = await ownerOf(account, key);
    expect(await owner.client.secretStorage.get('m.cross_signing.master')).toMatch(/^[A-Za-z0-9+/]{43}$/);
    expect(await cryptoOf(owner).userHasCrossSigningKeys()).toBe(true);
    await cryptoOf(owner).bootstrapCrossSigning({});
    await expectSignature(alice, owner.userId, owner.deviceId, true);
    expect((await keysOf(bot.userId)).masterKey).toBe(masterKey);
    await scene.stopBot(bot);

    const again = await start(account, { ...withKey(key), dataDir: bot.dataDir });
    expect(again.logLines.join('')).not.toMatch(/identity/);
    await scene.stopBot(again);
  });

  test('opens a secret storage that another client has set up', async () => {
    const account = await scene.botAccount('element');
    const key = makeRecoveryKey();
    await setUpAsElement(account, key);
    const { masterKey } = await keysOf(account.userId);
    expect(masterKey).toBeDefined();
    const bot = await start(account, withKey(key));
    expect((await keysOf(bot.userId)).masterKey).toBe(masterKey);
    await expectSigned(bot);
    expect(bot.logLines.join('')).toContain('recovered with bot.recovery_key');
    await scene.stopBot(bot);
  });

  test('that is the wrong one is told, and the bot runs', async () => {
    const account = await scene.botAccount('wrong-key');
    await setUpAsElement(account, makeRecoveryKey());
    const { masterKey } = await keysOf(account.userId);
    const bot = await start(account, withKey(makeRecoveryKey()));
    expect(bot.logLines.join('')).toMatch(FOREIGN);
    const status = await statusOf(bot);
    expect(status).toMatch(FOREIGN);
    expect(status).toMatch(/bot\.recovery_key does not open them: correct it; or, if it is lost, set/);
    expect((await keysOf(bot.userId)).masterKey).toBe(masterKey);
    await scene.stopBot(bot);
  });

  test('that does not open the account’s storage, while the identity is the bot’s own, is told', async () => {
    const account = await scene.botAccount('other-key');
    const before = await start(account, withKey(makeRecoveryKey()));
    await scene.stopBot(before);
    const bot = await start(account, { ...withKey(makeRecoveryKey()), dataDir: before.dataDir });
    await expectSigned(bot);
    expect(bot.logLines.join('')).toContain('bot.recovery_key is not the recovery key of the account');
    expect(await statusOf(bot)).toMatch(/Identity: bot\.recovery_key is not the recovery key of .*leave/);
    await scene.stopBot(bot);
  });
});

describe('an identity whose private keys the bot does not have', () => {
  test('is told, and the bot answers in encrypted rooms', async () => {
    const account = await scene.botAccount('foreign');
    await scene.stopBot(await start(account));
    const { masterKey } = await keysOf(account.userId);
    const bot = await start(account);
    expect(bot.logLines.join('')).toMatch(FOREIGN);
    const status = await statusOf(bot);
    expect(status).toMatch(FOREIGN);
    expect(status).toMatch(
      /Put the recovery key of the account under bot\.recovery_key; or, if it is lost, set/,
    );
    await expectSignature(alice, bot.userId, deviceOf(bot), false);
    expect((await keysOf(account.userId)).masterKey).toBe(masterKey);
    await scene.stopBot(bot);
  });

  test('is replaced once by bot.reset_identity', async () => {
    const account = await scene.botAccount('reset');
    await scene.stopBot(await start(account));
    const { masterKey } = await keysOf(account.userId);
    const key = makeRecoveryKey();
    const settings = { BOT_RESET_IDENTITY: 'true', ...withKey(key).settings };
    const bot = await start(account, { settings });
    expect(bot.logLines.join('')).toMatch(
      /identity of the bot’s account was replaced\. Take bot\.reset_identity/,
    );
    await expectSigned(bot);
    const replaced = await keysOf(account.userId);
    expect(replaced.masterKey).not.toBe(masterKey);
    await scene.stopBot(bot);

    const again = await start(account, { settings, dataDir: bot.dataDir });
    expect(again.logLines.join('')).not.toContain('was replaced');
    expect(await keysOf(account.userId)).toEqual(replaced);
    await expectSigned(again);
    await scene.stopBot(again);

    // And the new one is what is kept.
    const recovered = await start(account, withKey(key));
    expect((await keysOf(account.userId)).masterKey).toBe(replaced.masterKey);
    await expectSigned(recovered);
    await scene.stopBot(recovered);
  });

  test('is not replaced without the password', async () => {
    const account = await scene.botAccount('reset-token');
    const bot = spawnBot({
      BOT_SERVER: scene.synapse.baseUrl,
      BOT_ACCESS_TOKEN: account.accessToken,
      BOT_DATA_DIR: temporaryDataDir(),
      BOT_RESET_IDENTITY: 'true',
    });
    expect(await bot.exited).toBe(2);
    expect(bot.output()).toMatch(/bot\.password is missing\s+wanted: .* because bot\.reset_identity is true/);
  });
});

/** Identity and secret storage, as a client sets them up for a new account. */
async function setUpAsElement(account: RegisteredUser, key: Buffer): Promise<void> {
  const owner = await ownerOf(account, key);
  await makeIdentity(owner);
  await cryptoOf(owner).bootstrapSecretStorage({
    createSecretStorageKey: async () => ({ privateKey: Uint8Array.from(key), keyInfo: {} }),
  });
  owner.stop();
}
