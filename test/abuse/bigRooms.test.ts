// Rooms that strangers make: bigger than the bot can share keys with, without anybody who may use it, and too many.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { publishedDevice } from '../../bot/crypto/testDevices.ts';
import { rawMessages } from '../encryption/ciphertext.ts';
import { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import { MovableClock } from '../harness/movableClock.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import type { RegisteredUser } from '../harness/users.ts';

const ENCRYPTION = { algorithm: 'm.megolm.v1.aes-sha2' };
const ENCRYPTED = { initial_state: [{ type: 'm.room.encryption', state_key: '', content: ENCRYPTION }] };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

// Joins are limited as they are by default, the rest is not.
const limit = { per_second: 0.1, burst_count: 10 };
const server = useTestServer({ extraConfig: { rc_joins: { local: limit, remote: limit } } });
let alice: Person;
let bob: Person;
let others: RegisteredUser[];

beforeAll(async () => {
  alice = await server.person('alice', { encryption: true });
  bob = await server.person('bob', { encryption: true });
  others = [];
  for (let n = 0; n < 47; n++) others.push(await server.synapse.registerUser(`other${n}`));
});

/** With access for alice alone. */
async function startBot(localpart: string, options: Parameters<typeof server.startBot>[0] = {}) {
  const { settings, ...rest } = options;
  return await server.startBot({
    localpart,
    ...rest,
    settings: { ACCESS_ALLOW: alice.userId, WIDGET_ENABLED: 'false', ...settings },
  });
}

async function as(user: RegisteredUser, method: 'POST' | 'PUT', path: string, body: object): Promise<void> {
  await requestJson(server.baseUrl, method, `/_matrix/client/v3/${path}`, {
    accessToken: user.accessToken,
    body,
  });
}

const joinAs = (user: RegisteredUser, roomId: string) =>
  as(user, 'POST', `join/${encodeURIComponent(roomId)}`, {});

/** What the bot said in clear in a room that is encrypted. */
async function saidInClear(roomId: string, bot: RestartableBot): Promise<string[]> {
  const messages = await rawMessages(server, bob, roomId, bot.userId);
  return messages.filter(({ type }) => type === 'm.room.message').map(({ content }) => String(content.body));
}

/** How many records of the stopped bot's crypto store there are. */
function records({ dataDir }: RestartableBot, condition: string): number {
  const db = new DatabaseSync(join(dataDir, 'crypto.sqlite'), { readOnly: true });
  const row = db.prepare(`SELECT count(*) AS count FROM records WHERE ${condition}`).get();
  db.close();
  return Number(row?.count);
}

const WHY = /^I can’t stay: I work in encrypted rooms of at most 3 members/;

describe('an encrypted room with more members than bot.most_members', () => {
  let bot: RestartableBot;
  const settings = { BOT_MOST_MEMBERS: '3' };

  beforeAll(async () => {
    bot = await startBot('smallbot', { settings, proxied: true });
  });

  beforeEach(() => {
    bot.proxy.requests.length = 0;
  });

  const keysSent = () => bot.proxy.requests.filter(({ path }) => path.includes('/sendToDevice/'));

  test('is told why, and left: once, however often the bot is invited, and no key is shared', async () => {
    const invite = [bot.userId, alice.userId, ...others.slice(0, 1).map(({ userId }) => userId)];
    const roomId = await bob.createRoom({ ...ENCRYPTED, invite });
    await bob.waitForMember(roomId, bot.userId, 'leave');
    await bob.invite(roomId, bot.userId);
    await bob.waitForMember(roomId, bot.userId, 'join');
    await bob.waitForMember(roomId, bot.userId, 'leave');
    expect(await saidInClear(roomId, bot)).toEqual([expect.stringMatching(WHY)]);
    expect(keysSent()).toEqual([]);
  });

  test('is left when it grows; what was asked meanwhile gets no answer', async () => {
    const roomId = await bob.groupRoom(bot.userId, [alice], ENCRYPTED);
    await alice.ask(roomId, 'help help', { mentions: [bot.userId] });
    const before = keysSent().length;
    expect(before).toBeGreaterThan(0);
    await bob.invite(roomId, others[0]?.userId ?? '');
    const late = await alice.send(roomId, 'help', { mentions: [bot.userId] });
    await bob.waitForMember(roomId, bot.userId, 'leave');
    expect(await saidInClear(roomId, bot)).toEqual([expect.stringMatching(WHY)]);
    expect(alice.repliesTo(roomId, late)).toEqual([]);
    expect(keysSent()).toHaveLength(before);
  });

  test('is left when it becomes encrypted', async () => {
    const [first, second] = others as [RegisteredUser, RegisteredUser];
    const roomId = await bob.createRoom({ invite: [bot.userId, first.userId, second.userId] });
    await bob.waitForMember(roomId, bot.userId, 'join');
    await bob.sendState(roomId, 'm.room.encryption', '', ENCRYPTION);
    await bob.waitForMember(roomId, bot.userId, 'leave');
    expect((await saidInClear(roomId, bot)).filter((text) => WHY.test(text))).toHaveLength(1);
  });

  test('is left at the start, if the limit is lower now', async () => {
    const roomId = await bob.groupRoom(bot.userId, [alice], ENCRYPTED);
    await bot.restart({ settings: { ...settings, BOT_MOST_MEMBERS: '2' } });
    await bob.waitForMember(roomId, bot.userId, 'leave');
    await bot.restart({ settings });
  });
});

test('a room of 50 members is answered: each device gets the key once, a few members at a time, and is forgotten later', async () => {
  const bot = await startBot('keybot', { proxied: true });
  const members = others.slice(0, 47);
  for (const user of members) {
    const { deviceKeys, oneTimeKey } = publishedDevice(user.userId, user.deviceId);
    // Of two, since bob's client takes one.
    const one_time_keys = { 'signed_curve25519:A': oneTimeKey(), 'signed_curve25519:B': oneTimeKey() };
    await as(user, 'POST', 'keys/upload', { device_keys: deviceKeys, one_time_keys });
  }
  const invite = [bot.userId, alice.userId, ...members.map(({ userId }) => userId)];
  const roomId = await bob.createRoom({ ...ENCRYPTED, invite });
  await bob.waitForMember(roomId, bot.userId, 'join');
  for (const user of members) await joinAs(user, roomId);
  const { body } = await bob.ask(roomId, 'help', { mentions: [bot.userId], timeoutMs: 60_000 });
  expect(body).toContain('explains the commands');
  const shares = bot.proxy.requests
    .filter(({ path }) => path.includes('/sendToDevice/m.room.encrypted/'))
    .map((request) => Object.keys((JSON.parse(request.body) as { messages: object }).messages));
  expect(new Set(shares.flat())).toEqual(
    new Set([alice.userId, bob.userId, ...members.map((m) => m.userId)]),
  );
  expect(shares.flat()).toHaveLength(49);
  expect(Math.max(...shares.map(({ length }) => length))).toBeLessThanOrEqual(5);

  // Their devices are forgotten at the start after the room was left.
  const known = () =>
    records(bot, "store IN (SELECT id FROM stores WHERE name = 'devices') AND key LIKE '\"@other%'");
  await bob.client.kick(roomId, bot.userId);
  const chat = await Conversation.start(alice, bot.userId);
  await chat.ask('help help');
  await bot.stop();
  expect(known()).toBe(members.length);
  await bot.start();
  await bot.stop();
  expect(known()).toBe(0);
});

describe('a room in which nobody has access', () => {
  test('is left after a day; the others are kept', async () => {
    const clock = new MovableClock();
    const bot = await startBot('daybot', { clock: clock.now });
    const withAlice = await Conversation.start(alice, bot.userId);
    const withBob = await Conversation.start(bob, bot.userId);
    const group = await bob.groupRoom(bot.userId, [alice]);
    // Each message lets the bot look at its rooms, if an hour has gone by.
    clock.advance(DAY - HOUR);
    await withBob.ask('help');
    clock.advance(HOUR + 1_000);
    await withAlice.ask('help');
    await bob.waitForMember(withBob.roomId, bot.userId, 'leave');
    const last = bob.timeline(withBob.roomId).findLast((event) => event.getStateKey() === bot.userId);
    expect(last?.getContent()).toMatchObject({
      reason: 'Nobody in this room may manage registration tokens.',
    });

    await alice.leave(group);
    clock.advance(DAY);
    await withAlice.ask('help');
    clock.advance(DAY);
    await withAlice.ask('help');
    await bob.waitForMember(group, bot.userId, 'leave');
    expect(alice.membership(withAlice.roomId, bot.userId)).toBe('join');
    await withAlice.ask('help');
    await bot.stop();
  });

  test('is kept while nobody at all has access: somebody may just have mistaken the configuration', async () => {
    const clock = new MovableClock();
    const settings = { ACCESS_ALLOW: '', ACCESS_DEFAULT: 'nobody' };
    const bot = await startBot('nobodysbot', { clock: clock.now, settings });
    const chat = await Conversation.start(bob, bot.userId);
    for (let day = 0; day < 3; day++) {
      clock.advance(DAY);
      await chat.ask('help');
    }
    expect(bob.membership(chat.roomId, bot.userId)).toBe('join');
    await bot.stop();
  });
});

test('a stranger with many invites makes nobody with access wait, and gets a few rooms', async () => {
  const bot = await startBot('invitedbot');
  const rooms: string[] = [];
  for (let n = 0; n < 25; n++) rooms.push(await bob.createRoom({ invite: [bot.userId] }));
  const chat = await Conversation.start(alice, bot.userId);
  await chat.ask('help');
  // Five joined at once: the sixth waits for its turn, though the homeserver would take five more.
  const joined = rooms.filter((roomId) => bob.membership(roomId, bot.userId) === 'join');
  expect(joined.length).toBeLessThanOrEqual(5);
  const { rooms: table, stays } = bot.store;
  expect(table.invites().length + stays.countBy(bob.userId)).toBe(20);
  expect(bot.logLines.some((line) => line.includes('Too many invites of people without access'))).toBe(true);
  await bot.stop();
});
