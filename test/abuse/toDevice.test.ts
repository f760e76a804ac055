// Keys, requests and other messages to the bot's device from people whom it has nothing to do with, in numbers, against a
// homeserver with Synapse's own rate limits: those leave to-device messages alone.
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { RATES } from '../../bot/crypto/toDeviceLimits.ts';
import { expectNothingInClear } from '../encryption/ciphertext.ts';
import { Conversation } from '../harness/conversation.ts';
import { to } from '../harness/faults.ts';
import { MovableClock } from '../harness/movableClock.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { login } from '../harness/users.ts';
import { METRICS_SETTINGS, scrape } from '../observability/scrape.ts';
import { countRoomKeys, readKeys } from './cryptoFile.ts';
import { Flooder } from './flooder.ts';

/** A bot and its people are limited, too: ten messages at once, then one in five seconds. */
const PATIENCE_MS = 60_000;
const DAY_MS = 86_400_000;
const INBOUND = 'inbound_group_sessions3';

const server = useTestServer({ rateLimits: 'default' });
const clock = new MovableClock();
let bot: RestartableBot;
let alice: Person;
let chat: Conversation;

beforeAll(async () => {
  alice = await server.person('alice', { encryption: true });
  bot = await server.startBot({
    proxied: true,
    clock: clock.now,
    // The greeting would be the one answer of the minute to somebody without access.
    quotaWindowMs: 0,
    settings: { ...METRICS_SETTINGS, ACCESS_DEFAULT: 'nobody', ACCESS_ALLOW: alice.userId },
  });
});

/** With a new room, a new key, and who comes to it. */
beforeEach(async () => {
  chat = await Conversation.start(alice, bot.userId, { encrypted: true });
});

const rooms = (count: number) => Array.from({ length: count }, (_, n) => `!nowhere${n}:${server.serverName}`);

async function dropped(sender: string): Promise<number> {
  return (await scrape(bot)).value('to_device_dropped_total', { sender }) ?? 0;
}

async function expectDropped(sender: string, least: number): Promise<void> {
  await vi.waitFor(async () => expect(await dropped(sender)).toBeGreaterThanOrEqual(least), {
    timeout: PATIENCE_MS,
    interval: 100,
  });
}

async function ask(command: string): Promise<string> {
  return (await chat.ask(command, { timeoutMs: PATIENCE_MS })).body;
}

/** A person without access, in a new encrypted room. */
async function newPerson(localpart: string): Promise<Conversation> {
  const person = await server.person(localpart, { encryption: true });
  const theirs = await Conversation.start(person, bot.userId, { encrypted: true });
  expect((await theirs.ask('help', { timeoutMs: PATIENCE_MS })).body).toContain('help');
  await expectNothingInClear(server, person, theirs.roomId, bot.userId);
  return theirs;
}

describe('room keys of a stranger', () => {
  test('cost an admin nothing, and leave no trace', async () => {
    const mallory = await Flooder.make(server, 'mallory', bot.userId);
    await bot.stop();
    const before = readKeys(bot);
    await bot.start();
    const flood = mallory.sendRoomKeys(rooms(1_500));
    expect(await ask('create flooded')).toContain('flooded');
    await alice.client.getCrypto()?.forceDiscardSession(chat.roomId);
    expect(await ask('show flooded')).toContain('flooded');
    await flood;
    const { burst } = RATES.stranger.perSender;
    await expectDropped('stranger', 1_500 - burst);
    expect(await ask('delete flooded')).toContain('flooded');

    const told = bot.logLines.filter((line) => line.includes('send too many'));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0] ?? '')).toMatchObject({ sender: mallory.userId, senderClass: 'stranger' });

    await bot.stop();
    const after = readKeys(bot);
    for (const store of [INBOUND, 'olm_hashes', 'session'])
      expect(after.records[store], store).toBeLessThan((before.records[store] ?? 0) + 50);
    expect(after.bytes).toBeLessThan(before.bytes + 500_000);
    await bot.start();
    expect(await ask('show flooded')).toContain('flooded');
    await newPerson('bob');
  });

  test('of many strangers don’t keep a new person from talking to the bot', async () => {
    const before = await dropped('stranger');
    const count = 1 + (RATES.stranger.inAll?.burst ?? 0) / RATES.stranger.perSender.burst;
    for (let n = 0; n < count; n++) {
      const stranger = await Flooder.make(server, `stranger${n}`, bot.userId);
      await stranger.sendRoomKeys(rooms(10));
    }
    await expectDropped('stranger', before + 10 * count - (RATES.stranger.inAll?.burst ?? 0));
    expect(await ask('help')).toContain('create');
    await newPerson('carol');
  });

  test('for rooms that the bot never came to are deleted after a week, while it runs', async () => {
    clock.advance(DAY_MS);
    const walter = await Flooder.make(server, 'walter', bot.userId);
    await walter.sendRoomKeys(rooms(5));
    expect(await ask('help')).toContain('create');
    await bot.stop();
    expect(countRoomKeys(bot, '!nowhere')).toBeGreaterThanOrEqual(5);
    await bot.start();
    clock.advance(8 * DAY_MS);
    await alice.client.getCrypto()?.forceDiscardSession(chat.roomId);
    expect(await ask('help')).toContain('create');
    await bot.stop();
    expect(countRoomKeys(bot, '!nowhere')).toBe(0);
    expect(countRoomKeys(bot, chat.roomId)).toBeGreaterThan(0);
    await bot.start();
    expect(await ask('help')).toContain('create');
  });
});

test('room keys of a member for a shared room don’t make an admin’s unreadable', async () => {
  const account = await server.synapse.registerUser('eve');
  const eve = await server.atClient(account, { encryption: true });
  const roomId = await alice.groupRoom(bot.userId, [eve], {
    initial_state: [
      { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
    ],
  });
  const mention = { mentions: [bot.userId], timeoutMs: PATIENCE_MS };
  expect((await alice.ask(roomId, 'help create', mention)).body).toContain('create');
  const device = await login(server.baseUrl, account.localpart, account.password);
  const flooder = await Flooder.of(server.baseUrl, device, bot.userId);
  const before = await dropped('acquaintance');
  await flooder.sendRoomKeys([roomId, ...rooms(200)]);
  const { burst } = RATES.acquaintance.perSender;
  await expectDropped('acquaintance', before + 201 - burst);
  expect((await alice.ask(roomId, 'help create', mention)).body).toContain('create');
  await alice.client.getCrypto()?.forceDiscardSession(roomId);
  expect((await alice.ask(roomId, 'help create', mention)).body).toContain('create');
  await bot.stop();
  expect(readKeys(bot).records[INBOUND]).toBeLessThan(150);
  await bot.start();
});

test('requests that a stranger makes of the bot’s device are hardly ever answered', async () => {
  const trudy = await Flooder.make(server, 'trudy', bot.userId);
  const before = await dropped('stranger');
  const since = bot.proxy.requests.length;
  const numbers = Array.from({ length: 100 }, (_, n) => n);
  const algorithm = 'm.megolm.v1.aes-sha2';
  const key = (n: number) => ({
    algorithm,
    room_id: chat.roomId,
    session_id: Buffer.alloc(32, n).toString('base64').replace(/=$/, ''),
    sender_key: Buffer.alloc(32, n + 1)
      .toString('base64')
      .replace(/=$/, ''),
  });
  await trudy.sendPlain(
    'm.key.verification.request',
    numbers.map((n) => ({
      from_device: 'TRUDY',
      transaction_id: `verify ${n}`,
      methods: ['m.sas.v1'],
      timestamp: Date.now(),
    })),
  );
  await trudy.sendPlain(
    'm.room_key_request',
    numbers.map((n) => ({
      action: 'request',
      body: key(n),
      request_id: `request ${n}`,
      requesting_device_id: 'TRUDY',
    })),
  );
  await trudy.sendPlain(
    'm.room_key.withheld',
    numbers.map((n) => ({ ...key(n), code: 'm.unverified', reason: 'because' })),
  );
  await expectDropped('stranger', before + 300 - RATES.stranger.perSender.burst);
  expect(await ask('help')).toContain('create');
  const answers = bot.proxy.requests
    .slice(since)
    .filter(to('/sendToDevice/'))
    .filter(({ body }) => body.includes(trudy.userId));
  expect(answers.length).toBeLessThanOrEqual(RATES.stranger.perSender.burst);
});
