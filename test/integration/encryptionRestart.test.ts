// What was said while the bot was off, and logins that end.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import {
  expectNothingInClear,
  isSend,
  type ProxiedBot,
  rawMessages,
  startProxiedBot,
  upToDate,
} from './encryptionWorld.ts';

let scene: Scene;
let bot: ProxiedBot;
let alice: Person;
let chat: Conversation;

beforeAll(async () => {
  scene = await Scene.start();
  bot = await startProxiedBot(scene);
  alice = await scene.person('alice', { encryption: true });
});

beforeEach(async () => {
  chat = await Conversation.start(alice, bot.userId, { encrypted: true });
});

afterAll(async () => {
  await bot?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

describe('a restart', () => {
  test('answers what was sent meanwhile, also with keys that the bot has not seen before', async () => {
    await bot.stop();
    const first = await chat.send('create whileoff');
    await alice.client.getCrypto()?.forceDiscardSession(chat.roomId);
    const second = await chat.send('show whileoff');
    const bob = await scene.person('bob', { encryption: true });
    const { roomId, firstMessageId = '' } = await bob.startDirectRoom(bot.userId, {
      firstMessage: 'help',
      encrypted: true,
    });
    await bot.start();
    expect((await chat.answerTo(first)).body).toContain('whileoff');
    expect((await chat.answerTo(second)).body).toContain('whileoff');
    await bob.waitForReply(roomId, firstMessageId);
    await expectNothingInClear(scene, alice, chat.roomId, bot.userId);
    await expectNothingInClear(scene, bob, roomId, bot.userId);
  });

  test('in the middle of an answer sends it once', async () => {
    const before = (await rawMessages(scene, alice, chat.roomId, bot.userId)).length;
    let sent = 0;
    // The homeserver has the answer, and the bot does not learn of it.
    bot.proxy.intercept((request) => {
      if (!isSend(request)) return undefined;
      sent++;
      return sent === 1 ? 'drop-after' : 'drop';
    });
    const command = await chat.send('create inthemiddle');
    await chat.answerTo(command);
    await bot.stop();
    bot.proxy.clear();
    await bot.start();
    await chat.ask('help');
    expect(alice.repliesTo(chat.roomId, command)).toHaveLength(1);
    expect(await rawMessages(scene, alice, chat.roomId, bot.userId)).toHaveLength(before + 2);
    await expectNothingInClear(scene, alice, chat.roomId, bot.userId);
  });
});

describe('a login that the homeserver ended, and its device with it', () => {
  const session = () => JSON.parse(bot.current.store.meta.get('bot_session') ?? '{}') as { deviceId: string };

  /** The bot's devices as others see them: their IDs, and their session keys. */
  async function publishedDevices(): Promise<Record<string, unknown>> {
    const { device_keys } = await requestJson<{
      device_keys: Record<string, Record<string, { keys: Record<string, string> }>>;
    }>(scene.synapse.baseUrl, 'POST', '/_matrix/client/v3/keys/query', {
      accessToken: alice.accessToken,
      body: { device_keys: { [bot.userId]: [] } },
    });
    const devices = Object.entries(device_keys[bot.userId] ?? {});
    return Object.fromEntries(devices.map(([id, { keys }]) => [id, keys[`ed25519:${id}`]]));
  }

  /** Whether others can begin to talk to it. */
  async function oneTimeKey(deviceId: string): Promise<string | undefined> {
    const { one_time_keys } = await requestJson<{
      one_time_keys: Record<string, Record<string, Record<string, unknown>>>;
    }>(scene.synapse.baseUrl, 'POST', '/_matrix/client/v3/keys/claim', {
      accessToken: alice.accessToken,
      body: { one_time_keys: { [bot.userId]: { [deviceId]: 'signed_curve25519' } } },
    });
    return Object.keys(one_time_keys[bot.userId]?.[deviceId] ?? {})[0];
  }

  async function expectBackAs(deviceId: string, devices: Record<string, unknown>): Promise<void> {
    await vi.waitFor(async () => expect(await publishedDevices()).toEqual(devices), 10_000);
    await vi.waitFor(async () => expect(await oneTimeKey(deviceId)).toBeDefined(), 10_000);
    expect(session().deviceId).toBe(deviceId);
    await upToDate(alice, chat.roomId);
    await chat.ask('help');
    const carol = await scene.person(`carol${Date.now()}`, { encryption: true });
    const stranger = await Conversation.start(carol, bot.userId, { encrypted: true });
    await stranger.ask('help');
    await expectNothingInClear(scene, alice, chat.roomId, bot.userId);
  }

  test('is renewed as the same device with the same keys, while the bot runs', async () => {
    const { deviceId } = session();
    const devices = await publishedDevices();
    expect(Object.keys(devices)).toEqual([deviceId]);
    await scene.admin.deleteDevice(bot.userId, deviceId);
    await expectBackAs(deviceId, devices);
  });

  test('is renewed as the same device with the same keys at the start', async () => {
    const { deviceId } = session();
    const devices = await publishedDevices();
    await bot.stop();
    await scene.admin.deleteDevice(bot.userId, deviceId);
    expect(await publishedDevices()).toEqual({});
    await bot.start();
    await expectBackAs(deviceId, devices);
  });
});
