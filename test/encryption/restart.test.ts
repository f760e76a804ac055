// Messages sent while the bot was off, and logins that end.
import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { isSend, isSync } from '../harness/faults.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { badGateway } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { login } from '../harness/users.ts';
import { expectNothingInClear, rawMessages, upToDate } from './ciphertext.ts';

// For two minutes Synapse would repeat its first answer from its cache.
const server = useTestServer({ extraConfig: { caches: { sync_response_cache_duration: '0s' } } });
let bot: RestartableBot;
let alice: Person;
let password: string;
let chat: Conversation;

beforeAll(async () => {
  bot = await server.startBot({ proxied: true });
  const user = await server.synapse.registerUser('alice');
  password = user.password;
  alice = await server.atClient(user, { encryption: true });
});

beforeEach(async () => {
  chat = await Conversation.start(alice, bot.userId, { encrypted: true });
});

/** A user's devices as others see them: their IDs, and their session keys. */
async function publishedDevices(userId = bot.userId): Promise<Record<string, unknown>> {
  const { device_keys } = await requestJson<{
    device_keys: Record<string, Record<string, { keys: Record<string, string> }>>;
  }>(server.baseUrl, 'POST', '/_matrix/client/v3/keys/query', {
    accessToken: alice.accessToken,
    body: { device_keys: { [userId]: [] } },
  });
  const devices = Object.entries(device_keys[userId] ?? {});
  return Object.fromEntries(devices.map(([id, { keys }]) => [id, keys[`ed25519:${id}`]]));
}

describe('a restart', () => {
  test('answers messages sent during the outage, also with keys that the bot has not seen before', async () => {
    await bot.stop();
    const first = await chat.send('create whileoff');
    await alice.client.getCrypto()?.forceDiscardSession(chat.roomId);
    const second = await chat.send('show whileoff');
    const bob = await server.person('bob', { encryption: true });
    const { roomId, firstMessageId = '' } = await bob.startDirectRoom(bot.userId, {
      firstMessage: 'help',
      encrypted: true,
    });
    await bot.start();
    expect((await chat.answerTo(first)).body).toContain('whileoff');
    expect((await chat.answerTo(second)).body).toContain('whileoff');
    await bob.waitForReply(roomId, firstMessageId);
    await expectNothingInClear(server, alice, chat.roomId, bot.userId);
    await expectNothingInClear(server, bob, roomId, bot.userId);
  });

  test('answers what /sync leaves out of a long timeline', async () => {
    await bot.stop();
    const command = await chat.send('list');
    // More than the bot asks /sync for.
    await Promise.all(Array.from({ length: 60 }, () => alice.react(chat.roomId, command, randomUUID())));
    const last = await chat.send('help');
    await bot.start();
    await chat.answerTo(command);
    await chat.answerTo(last);
    await expectNothingInClear(server, alice, chat.roomId, bot.userId);
  });

  test('without the position in /sync, as after a backup of the homeserver, knows new devices', async () => {
    await chat.ask('help');
    bot.proxy.intercept((request) => (isSync(request) ? badGateway() : undefined));
    bot.proxy.cutConnections();
    bot.store.meta.delete('sync_token');
    await bot.stop();
    bot.proxy.clear();
    const desk = await server.atClient(await login(server.baseUrl, alice.userId, password), {
      encryption: true,
    });
    await vi.waitFor(
      async () => expect(Object.keys(await publishedDevices(alice.userId))).toContain(desk.deviceId),
      10_000,
    );
    await bot.start();
    const command = await chat.send('list');
    await chat.answerTo(command);
    await desk.waitForReply(chat.roomId, command);
  });

  test('in the middle of an answer sends it once', async () => {
    const before = (await rawMessages(server, alice, chat.roomId, bot.userId)).length;
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
    expect(await rawMessages(server, alice, chat.roomId, bot.userId)).toHaveLength(before + 2);
    await expectNothingInClear(server, alice, chat.roomId, bot.userId);
  });
});

describe('a login that the homeserver ended, and its device with it', () => {
  const session = () => JSON.parse(bot.store.meta.get('bot_session') ?? '{}') as { deviceId: string };

  /** Whether others can begin to talk to it. */
  async function oneTimeKey(deviceId: string): Promise<string | undefined> {
    const { one_time_keys } = await requestJson<{
      one_time_keys: Record<string, Record<string, Record<string, unknown>>>;
    }>(server.baseUrl, 'POST', '/_matrix/client/v3/keys/claim', {
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
    const carol = await server.person(`carol${Date.now()}`, { encryption: true });
    const stranger = await Conversation.start(carol, bot.userId, { encrypted: true });
    await stranger.ask('help');
    await expectNothingInClear(server, alice, chat.roomId, bot.userId);
  }

  test('is renewed as the same device with the same keys, while the bot runs', async () => {
    const { deviceId } = session();
    const devices = await publishedDevices();
    expect(Object.keys(devices)).toEqual([deviceId]);
    await server.admin.deleteDevice(bot.userId, deviceId);
    await expectBackAs(deviceId, devices);
  });

  test('is renewed as the same device with the same keys at the start', async () => {
    const { deviceId } = session();
    const devices = await publishedDevices();
    await bot.stop();
    await server.admin.deleteDevice(bot.userId, deviceId);
    expect(await publishedDevices()).toEqual({});
    await bot.start();
    await expectBackAs(deviceId, devices);
  });
});
