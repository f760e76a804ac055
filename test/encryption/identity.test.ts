// The bot's cross-signing identity: made once, kept with a recovery key, and reported where it belongs to another client.
import { OnlySignedDevicesIsolationMode } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { formatRecoveryKey, makeRecoveryKey } from '../../bot/lib/recoveryKey.ts';
import { killAt } from '../crash/killAt.ts';
import { Conversation } from '../harness/conversation.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { BARE_BOT } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import type { NewBotOptions } from '../harness/testServer.ts';
import type { RegisteredUser } from '../harness/users.ts';
import { cryptoOf, expectSignature, makeIdentity, type PublishedKeys, publishedKeys } from './keyChecks.ts';

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice', { encryption: true });
  await makeIdentity(alice);
});

/** Starts a bot with the password, on a data folder of its own unless one is named. */
async function start(account: RegisteredUser, options: NewBotOptions = {}): Promise<RestartableBot> {
  return await server.startBot({ account, ...options });
}

async function keysOf(userId: string): Promise<PublishedKeys> {
  return await publishedKeys(server.baseUrl, alice, userId);
}

/** Of the bot that runs. */
function deviceOf(bot: RestartableBot): string {
  const line = bot.logLines.find((entry) => entry.includes('"End-to-end encryption is on"'));
  return (JSON.parse(line ?? '{}') as { deviceId: string }).deviceId;
}

async function expectSigned(bot: RestartableBot): Promise<void> {
  await expectSignature(alice, bot.userId, deviceOf(bot), true);
}

/** Another client of the bot's account, whose user has the recovery key. */
async function ownerOf(account: RegisteredUser, recoveryKey: Buffer): Promise<Person> {
  const key = Uint8Array.from(recoveryKey);
  return await server.atClient(account, {
    encryption: true,
    cryptoCallbacks: {
      getSecretStorageKey: async ({ keys }) => [Object.keys(keys)[0] ?? '', key],
    },
  });
}

const withKey = (key: Buffer) => ({ settings: { BOT_RECOVERY_KEY: formatRecoveryKey(key) } });

async function statusOf(bot: RestartableBot): Promise<string> {
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  return (await chat.ask('status')).body;
}

const FOREIGN = /has a cross-signing identity whose private keys the bot does not have/;

describe('the first start', () => {
  test('makes an identity and signs the device; clients that send keys to signed devices only are answered', async () => {
    const strict = await server.person('strict', { encryption: true });
    await makeIdentity(strict);
    cryptoOf(strict).setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
    const bot = await server.startBot({ localpart: 'first' });
    await expectSignature(strict, bot.userId, deviceOf(bot), true);
    const chat = await Conversation.start(strict, bot.userId, { encrypted: true });
    const { body } = await chat.ask('status');
    expect(body).toMatch(/Identity: the bot’s device is signed\. Set bot\.recovery_key/);

    const { masterKey } = await keysOf(bot.userId);
    await bot.stop();
    await bot.start();
    expect((await keysOf(bot.userId)).masterKey).toBe(masterKey);
    await bot.stop();
  });

  test.each([
    ['the identity', '/keys/device_signing/upload', 'before'],
    ['the identity', '/keys/device_signing/upload', 'after'],
    ['the signature', '/keys/signatures/upload', 'before'],
    ['the signature', '/keys/signatures/upload', 'after'],
  ] as const)(
    'that ends while it uploads %s (%s, %s the homeserver has it) is made good',
    async (name, path, when) => {
      const localpart = `crash-${name.length}-${when}`;
      const bot = await server.bot({ localpart, proxied: true, ...BARE_BOT });
      const step = { name, matches: (request: { path: string }) => request.path.endsWith(path) };
      const killed = killAt(step, when, bot);
      bot.spawn();
      await killed;
      const { masterKey } = await keysOf(bot.userId);
      await bot.startProcess();
      await expectSignature(alice, bot.userId, bot.account.deviceId, true);
      if (masterKey !== undefined) expect((await keysOf(bot.userId)).masterKey).toBe(masterKey);
      expect(await bot.stop()).toBe(0);
    },
  );
});

describe('bot.recovery_key', () => {
  test('brings the identity back after the loss of the data folder; other clients open it with the same key', async () => {
    const account = await server.botAccount('kept');
    const key = makeRecoveryKey();
    const before = await start(account, withKey(key));
    const { masterKey } = await keysOf(before.userId);
    await before.stop();

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
    await bot.stop();

    await bot.start();
    expect(bot.logLines.join('')).not.toMatch(/identity/);
    await bot.stop();
  });

  test('opens a secret storage that another client has set up', async () => {
    const account = await server.botAccount('element');
    const key = makeRecoveryKey();
    await setUpAsElement(account, key);
    const { masterKey } = await keysOf(account.userId);
    expect(masterKey).toBeDefined();
    const bot = await start(account, withKey(key));
    expect((await keysOf(bot.userId)).masterKey).toBe(masterKey);
    await expectSigned(bot);
    expect(bot.logLines.join('')).toContain('recovered with bot.recovery_key');
    await bot.stop();
  });

  test('that is the wrong one is reported, and the bot runs', async () => {
    const account = await server.botAccount('wrong-key');
    await setUpAsElement(account, makeRecoveryKey());
    const { masterKey } = await keysOf(account.userId);
    const bot = await start(account, withKey(makeRecoveryKey()));
    expect(bot.logLines.join('')).toMatch(FOREIGN);
    const status = await statusOf(bot);
    expect(status).toMatch(FOREIGN);
    expect(status).toMatch(/bot\.recovery_key does not open them: correct it; or, if it is lost, set/);
    expect((await keysOf(bot.userId)).masterKey).toBe(masterKey);
    await bot.stop();
  });

  test('that does not open the account’s secret storage, while the identity is the bot’s own, is reported', async () => {
    const account = await server.botAccount('other-key');
    const bot = await start(account, withKey(makeRecoveryKey()));
    await bot.restart(withKey(makeRecoveryKey()));
    await expectSigned(bot);
    expect(bot.logLines.join('')).toContain('bot.recovery_key is not the recovery key of the account');
    expect(await statusOf(bot)).toMatch(/Identity: bot\.recovery_key is not the recovery key of .*leave/);
    await bot.stop();
  });
});

describe('an identity whose private keys the bot does not have', () => {
  test('is reported, and the bot answers in encrypted rooms', async () => {
    const account = await server.botAccount('foreign');
    await (await start(account)).stop();
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
    await bot.stop();
  });

  test('somebody whose client sends keys to verified devices only is not told to verify the bot', async () => {
    const account = await server.botAccount('unsigned');
    await (await start(account)).stop();
    const bot = await start(account, { keyPatienceMs: 1 });
    const strict = await server.person('strict-one', { encryption: true });
    const chat = await Conversation.start(strict, bot.userId, { encrypted: true });
    cryptoOf(strict).globalBlacklistUnverifiedDevices = true;
    await chat.send('help');
    const advice = () => chat.greetings().find((body) => body.startsWith('I can’t read what you sent'));
    await strict.waitFor(chat.roomId, advice, 'the advice');
    expect(advice()).toContain('Verifying me does not help: my device is not signed');
    await bot.stop();
  });

  test('is replaced once by bot.reset_identity', async () => {
    const account = await server.botAccount('reset');
    await (await start(account)).stop();
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
    await bot.stop();

    await bot.start();
    expect(bot.logLines.join('')).not.toContain('was replaced');
    expect(await keysOf(account.userId)).toEqual(replaced);
    await expectSigned(bot);
    await bot.stop();

    // And the new one is what is kept.
    const recovered = await start(account, withKey(key));
    expect((await keysOf(account.userId)).masterKey).toBe(replaced.masterKey);
    await expectSigned(recovered);
    await recovered.stop();
  });

  test('is not replaced without the password', async () => {
    const started = await server.bot({ localpart: 'reset-token', signIn: 'access token' });
    const bot = started.spawn({ BOT_RESET_IDENTITY: 'true' });
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
