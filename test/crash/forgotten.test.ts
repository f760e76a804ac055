// The bot is killed after it has sent something and before it learns of that, and started again when the homeserver has
// forgotten the transaction ID: after a day, or because the bot is another device by then.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { encryptedRoom } from '../encryption/keyChecks.ts';
import { isSend } from '../harness/faults.ts';
import { MINUTE, MovableClock } from '../harness/movableClock.ts';
import type { Person } from '../harness/person.ts';
import { type RawEvent, rawEvents } from '../harness/rawEvents.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { BARE_BOT } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { login } from '../harness/users.ts';
import { killAt, STEPS, type Step } from './killAt.ts';

const A_DAY_LATER = 25 * 60 * MINUTE;
const AN_ENCRYPTED_REPLY: Step = {
  name: 'the encrypted reply',
  matches: (request) => isSend(request) && request.path.includes('m.room.encrypted'),
};
const LONG_WAIT = { timeoutMs: 30_000 };

const server = useTestServer();
let alice: Person;
let bot: RestartableBot;

beforeAll(async () => {
  alice = await server.person('alice', { encryption: true });
});

beforeEach(async () => {
  await server.admin.deleteAllTokens();
  bot = await server.bot({ proxied: true, ...BARE_BOT });
  await bot.startProcess();
});

async function greetedRoom(): Promise<string> {
  const roomId = await alice.roomWith(bot.userId);
  await alice.waitForEvent(
    roomId,
    (event) => event.getSender() === bot.userId && event.getType() === 'm.room.message',
    'the greeting',
  );
  return roomId;
}

/** As Synapse does after a day, and its cache in memory after an hour at most. */
async function forgetTransactionIds(): Promise<void> {
  const { synapse } = server;
  await synapse.stop();
  const db = new DatabaseSync(join(synapse.dataDir, 'homeserver.db'));
  const { changes } = db.prepare('DELETE FROM event_txn_id_device_id').run();
  db.close();
  expect(changes).toBeGreaterThan(0);
  await synapse.start();
}

/** Starts the bot a day later, in this process, where its clock can be moved. */
async function startADayLater(): Promise<void> {
  await forgetTransactionIds();
  const clock = new MovableClock();
  clock.advance(A_DAY_LATER);
  await bot.start({ clock: clock.now });
}

/** What the bot has sent to a room, once it has answered everything. */
async function sentBy(roomId: string): Promise<RawEvent[]> {
  await alice.ask(roomId, 'help', LONG_WAIT);
  await bot.stop();
  const events = await rawEvents(server.baseUrl, alice, roomId);
  return events.filter(({ sender, state_key }) => sender === bot.userId && state_key === undefined);
}

const relationOf = ({ content }: RawEvent) => (content['m.relates_to'] ?? {}) as Record<string, unknown>;
const repliesTo = (sent: RawEvent[], eventId: string) =>
  sent.filter((event) => {
    const { 'm.in_reply_to': repliedTo } = relationOf(event);
    return (repliedTo as { event_id?: string } | undefined)?.event_id === eventId;
  });
const editsOf = (sent: RawEvent[], eventId: string) =>
  sent.filter((event) => {
    const { rel_type, event_id } = relationOf(event);
    return rel_type === 'm.replace' && event_id === eventId;
  });
const reactionsTo = (sent: RawEvent[], eventId: string) =>
  sent.filter((event) => event.type === 'm.reaction' && relationOf(event).event_id === eventId);

test.each(['before', 'after'] as const)('a command is answered once, killed %s the reply', async (when) => {
  const roomId = await greetedRoom();
  await alice.ask(roomId, 'help');
  const killed = killAt(STEPS.reply, when, bot);
  const eventId = await alice.send(roomId, 'create count=2');
  await killed;
  await startADayLater();
  const sent = await sentBy(roomId);
  expect(repliesTo(sent, eventId)).toHaveLength(1);
  expect(await server.tokenNames()).toHaveLength(2);
  for (const token of await server.tokenNames())
    expect(repliesTo(sent, eventId)[0]?.content.body).toContain(token);
});

test('a command in an encrypted room is answered once', async () => {
  const roomId = await encryptedRoom(alice, bot.userId, { newKeyAfter: 100 });
  await alice.ask(roomId, 'help');
  const killed = killAt(AN_ENCRYPTED_REPLY, 'after', bot);
  const eventId = await alice.send(roomId, 'create');
  await killed;
  await startADayLater();
  expect(repliesTo(await sentBy(roomId), eventId)).toHaveLength(1);
  expect(await server.tokenNames()).toHaveLength(1);
});

test('a command in a thread is answered once', async () => {
  const roomId = await greetedRoom();
  const root = await alice.send(roomId, 'help');
  await alice.waitForReply(roomId, root);
  const killed = killAt(STEPS.reply, 'after', bot);
  const eventId = await alice.sendEvent(roomId, 'm.room.message', {
    msgtype: 'm.text',
    body: 'create',
    'm.relates_to': { rel_type: 'm.thread', event_id: root },
  });
  await killed;
  await startADayLater();
  expect(repliesTo(await sentBy(roomId), eventId)).toHaveLength(1);
});

test('a room is greeted once', async () => {
  const killed = killAt(STEPS.reply, 'after', bot);
  const roomId = await alice.roomWith(bot.userId);
  await killed;
  await startADayLater();
  const greetings = (await sentBy(roomId)).filter((event) => event.content['m.relates_to'] === undefined);
  expect(greetings).toHaveLength(1);
});

test('a deletion is asked for once, and can be confirmed', async () => {
  const roomId = await greetedRoom();
  await server.admin.createToken({ token: 'old' });
  const killed = killAt(STEPS.reply, 'after', bot);
  const eventId = await alice.send(roomId, 'delete old');
  await killed;
  await startADayLater();
  const prompt = await alice.waitForReply(roomId, eventId, LONG_WAIT);
  await alice.waitForReaction(roomId, prompt.eventId, '❌');
  await alice.ask(roomId, 'confirm', LONG_WAIT);
  const sent = await sentBy(roomId);
  expect(repliesTo(sent, eventId)).toHaveLength(1);
  expect(editsOf(sent, prompt.eventId)).toHaveLength(1);
  expect(await server.tokenNames()).toEqual([]);
});

test('a question has each reaction once, and one answer', async () => {
  const roomId = await greetedRoom();
  await server.admin.createToken({ token: 'old' });
  const killed = killAt(STEPS.reaction, 'after', bot);
  const eventId = await alice.send(roomId, 'delete old');
  await killed;
  await startADayLater();
  const prompt = await alice.waitForReply(roomId, eventId, LONG_WAIT);
  // Its time is over by now.
  await alice.waitForEdit(roomId, prompt.eventId, undefined, LONG_WAIT.timeoutMs);
  const sent = await sentBy(roomId);
  expect(repliesTo(sent, eventId)).toHaveLength(1);
  // Redacted ones have no content any more.
  expect(reactionsTo(sent, prompt.eventId).length).toBeLessThanOrEqual(2);
  expect(sent.filter(({ type }) => type === 'm.reaction')).toHaveLength(2);
  expect(await server.tokenNames()).toEqual(['old']);
});

test('an outcome is shown once', async () => {
  const roomId = await greetedRoom();
  await server.admin.createToken({ token: 'old' });
  const prompt = await alice.ask(roomId, 'delete old');
  const killed = killAt(STEPS.edit, 'after', bot);
  await alice.react(roomId, prompt.eventId, '✅');
  await killed;
  await startADayLater();
  await alice.waitForEdit(roomId, prompt.eventId, undefined, LONG_WAIT.timeoutMs);
  expect(editsOf(await sentBy(roomId), prompt.eventId)).toHaveLength(1);
  expect(await server.tokenNames()).toEqual([]);
});

test('a bot that is another device by now answers once', async () => {
  const roomId = await greetedRoom();
  const killed = killAt(STEPS.reply, 'after', bot);
  const eventId = await alice.send(roomId, 'create');
  await killed;
  const { account } = bot;
  const { accessToken, deviceId } = await login(server.baseUrl, account.localpart, account.password);
  expect(deviceId).not.toBe(account.deviceId);
  await bot.start({ settings: { BOT_ACCESS_TOKEN: accessToken } });
  expect(repliesTo(await sentBy(roomId), eventId)).toHaveLength(1);
  expect(await server.tokenNames()).toHaveLength(1);
});

test('a room whose history can’t be read gets its answer', async () => {
  const roomId = await greetedRoom();
  const killed = killAt(STEPS.reply, 'before', bot);
  const eventId = await alice.send(roomId, 'create');
  await killed;
  bot.proxy.intercept(({ path }) =>
    path.includes('/context/') ? { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'No' } } : undefined,
  );
  await startADayLater();
  expect(repliesTo(await sentBy(roomId), eventId)).toHaveLength(1);
  expect(bot.logLines.join('')).toContain('Could not find out whether this was answered before: ');
});
