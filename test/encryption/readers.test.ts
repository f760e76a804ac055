// Who can read the bot's messages: members who join and leave, their devices, and invited members.
import { beforeAll, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import type { Person } from '../harness/person.ts';
import type { RawEvent } from '../harness/rawEvents.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { login } from '../harness/users.ts';
import { encryptedFor, expectNothingInClear, rawMessages, upToDate } from './ciphertext.ts';

const ENCRYPTION = { algorithm: 'm.megolm.v1.aes-sha2' };

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;

beforeAll(async () => {
  bot = await server.startBot({ proxied: true, settings: { BOT_PREFIX: '!' } });
  alice = await server.person('alice', { encryption: true });
});

/** A room of alice's with the bot and others who have joined, the way it is encrypted, and more of its state. */
async function groupRoom(
  members: readonly Person[],
  { encryption = {}, state = [] }: { encryption?: object; state?: { type: string; content: object }[] } = {},
): Promise<Conversation> {
  const initial = [{ type: 'm.room.encryption', content: { ...ENCRYPTION, ...encryption } }, ...state];
  const roomId = await alice.groupRoom(bot.userId, members, {
    initial_state: initial.map((event) => ({ state_key: '', ...event })),
  });
  return new Conversation(alice, roomId, bot.userId);
}

/** The bot's latest message there, as the homeserver has it. */
async function latest(roomId: string): Promise<RawEvent> {
  const event = (await rawMessages(server, alice, roomId, bot.userId)).at(-1);
  if (event === undefined) throw new Error('The bot has said nothing.');
  return event;
}

/** Whether a person's client has the key to an event, however it got the event. */
async function canRead(person: Person, roomId: string, event: RawEvent): Promise<boolean> {
  const mapped = person.client.getEventMapper({ preventReEmit: true })({
    ...event,
    room_id: roomId,
  } as never);
  await person.client.decryptEventIfNeeded(mapped);
  return !mapped.isDecryptionFailure();
}

test('a member who left can’t read later messages, and gets no keys', async () => {
  const bob = await server.person('bob', { encryption: true });
  const chat = await groupRoom([bob]);
  const heard = await chat.ask('!help');
  await bob.waitForEvent(
    chat.roomId,
    (event) => event.getId() === heard.eventId && event.getType() === 'm.room.message',
    'the answer',
  );
  expect(await canRead(bob, chat.roomId, await latest(chat.roomId))).toBe(true);
  await bob.leave(chat.roomId);
  await alice.waitForMember(chat.roomId, bob.userId, 'leave');
  const since = bot.proxy.requests.length;
  await chat.ask('!help');
  const later = await latest(chat.roomId);
  expect(await canRead(alice, chat.roomId, later)).toBe(true);
  expect(await canRead(bob, chat.roomId, later)).toBe(false);
  expect(encryptedFor(bot.proxy, bob.userId, since)).toEqual([]);
  expect(encryptedFor(bot.proxy, alice.userId, since)).toEqual([alice.deviceId]);
});

test('a new member reads messages from then on', async () => {
  const chat = await groupRoom([]);
  await chat.ask('!help');
  const before = await latest(chat.roomId);
  const carol = await server.person('carol', { encryption: true });
  await alice.invite(chat.roomId, carol.userId);
  await carol.waitForMember(chat.roomId, carol.userId, 'invite');
  await carol.join(chat.roomId);
  await alice.waitForMember(chat.roomId, carol.userId, 'join');
  const command = await chat.send('!help');
  await carol.waitForReply(chat.roomId, command);
  expect(await canRead(carol, chat.roomId, before)).toBe(false);
  await expectNothingInClear(server, alice, chat.roomId, bot.userId);
});

describe('invited members', () => {
  test.each([
    ['invited', true],
    ['shared', true],
    ['world_readable', true],
    ['joined', false],
  ])('to a room with the history visibility “%s” get keys: %s', async (history_visibility, expected) => {
    const dave = await server.person(`dave.${history_visibility}`, { encryption: true });
    const chat = await groupRoom([], {
      state: [{ type: 'm.room.history_visibility', content: { history_visibility } }],
    });
    await alice.invite(chat.roomId, dave.userId);
    await alice.waitForMember(chat.roomId, dave.userId, 'invite');
    const since = bot.proxy.requests.length;
    await chat.ask('!help');
    expect(encryptedFor(bot.proxy, dave.userId, since)).toEqual(expected ? [dave.deviceId] : []);
    expect(await canRead(dave, chat.roomId, await latest(chat.roomId))).toBe(expected);
  });
});

test('a second device reads the next answer, and is answered', async () => {
  const user = await server.synapse.registerUser('erin');
  const phone = await server.atClient(user, { encryption: true });
  const chat = await Conversation.start(phone, bot.userId, { encrypted: true });
  await chat.ask('help');
  const secondLogin = await login(server.baseUrl, user.localpart, user.password);
  const desk = await server.atClient(secondLogin, { encryption: true });
  const fromPhone = await chat.send('list');
  await desk.waitForReply(chat.roomId, fromPhone);
  await upToDate(phone, chat.roomId);
  const fromDesk = await desk.send(chat.roomId, 'list');
  await desk.waitForReply(chat.roomId, fromDesk);
  await chat.answerTo(fromDesk);

  // Logged out, it gets nothing any more.
  await desk.client.logout(true);
  await upToDate(phone, chat.roomId);
  const since = bot.proxy.requests.length;
  await chat.ask('list');
  expect(encryptedFor(bot.proxy, user.userId, since)).toEqual([phone.deviceId]);
});

test('a new person with several rooms at once is greeted and answered in all of them', async () => {
  const gina = await server.person('gina', { encryption: true });
  const chats = await Promise.all(
    [1, 2, 3].map(() => Conversation.start(gina, bot.userId, { encrypted: true })),
  );
  await Promise.all(chats.map((chat) => chat.ask('list')));
  for (const { roomId } of chats) await expectNothingInClear(server, gina, roomId, bot.userId);
});

test('a bot that was removed and invited again can read and be read', async () => {
  const chat = await groupRoom([]);
  await chat.ask('list');
  await alice.client.kick(chat.roomId, bot.userId);
  await alice.waitForMember(chat.roomId, bot.userId, 'leave');
  const missed = await chat.send('list');
  await alice.invite(chat.roomId, bot.userId);
  await alice.waitForMember(chat.roomId, bot.userId, 'join');
  await chat.ask('list');
  expect(alice.repliesTo(chat.roomId, missed)).toEqual([]);
  await expectNothingInClear(server, alice, chat.roomId, bot.userId);
});

test('a room of version 12, whose ID names no server, is like any other', async () => {
  const roomId = await alice.createRoom({
    room_version: '12',
    is_direct: true,
    invite: [bot.userId],
    initial_state: [{ type: 'm.room.encryption', state_key: '', content: ENCRYPTION }],
  });
  expect(roomId).not.toContain(':');
  await alice.waitForMember(roomId, bot.userId, 'join');
  const chat = new Conversation(alice, roomId, bot.userId);
  await chat.ask('list');
  await expectNothingInClear(server, alice, roomId, bot.userId);
});

test('a key is used for as many messages as the room says', async () => {
  const chat = await groupRoom([], { encryption: { rotation_period_msgs: 2 } });
  await chat.greeting();
  for (let i = 0; i < 4; i++) await chat.ask('!help');
  const sessions = (await rawMessages(server, alice, chat.roomId, bot.userId)).map(
    ({ content }) => content.session_id,
  );
  expect(sessions).toHaveLength(5);
  const times = [...new Set(sessions)].map((id) => sessions.filter((other) => other === id).length);
  expect(times).toEqual([2, 2, 1]);
});
