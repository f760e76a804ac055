// Somebody has got an access token of a person with access, but none of their keys.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { type RawEvent, rawEvents } from '../harness/rawEvents.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

const ENCRYPTION = { algorithm: 'm.megolm.v1.aes-sha2' };

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;
let chat: Conversation;

beforeAll(async () => {
  bot = await server.startBot();
  alice = await server.person('alice', { encryption: true });
  chat = await Conversation.start(alice, bot.userId, { encrypted: true });
});

/** As the thief can: past the client, without its keys. */
async function sendRaw(
  roomId: string,
  type: string,
  content: unknown,
  person: Pick<Person, 'accessToken'> = alice,
): Promise<string> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${type}/${randomUUID()}`;
  const { accessToken } = person;
  const answer = await requestJson<{ event_id: string }>(server.baseUrl, 'PUT', path, {
    accessToken,
    body: content,
  });
  return answer.event_id;
}

const inClear = (roomId: string, body: string) =>
  sendRaw(roomId, 'm.room.message', { msgtype: 'm.text', body });

describe('in an encrypted room, a command in clear', () => {
  test('is not carried out, which is said once, encrypted', async () => {
    const first = await inClear(chat.roomId, 'create stolen-1');
    const { body } = await chat.answerTo(first);
    expect(body).toMatch(
      /^This came unencrypted, .* so I did not do it: .*\. Send it with an app that can encrypt/,
    );
    const others = await Promise.all(
      ['create stolen-2', 'help', 'nonsense'].map((text) => inClear(chat.roomId, text)),
    );
    expect(await chat.answersTo(first, ...others)).toEqual([1, 0, 0, 0]);
    expect(await server.tokenNames()).toEqual([]);
    expect(await ofBot(chat.roomId)).not.toContain('m.room.message');
    expect(bot.logLines.filter((line) => line.includes('the message came in clear'))).toHaveLength(4);
    // Once is once, also after a restart.
    await bot.restart();
    const later = await inClear(chat.roomId, 'create stolen-3');
    expect(await chat.answersTo(later)).toEqual([0]);
  });

  test('is said once more in another room', async () => {
    const other = await Conversation.start(alice, bot.userId, { encrypted: true });
    const { body } = await other.answerTo(await inClear(other.roomId, 'create stolen-4'));
    expect(body).toContain('This came unencrypted');
  });

  test('counts if it was sent before the room became encrypted, and no later one does', async () => {
    const open = await Conversation.start(alice, bot.userId);
    await bot.stop();
    const before = await inClear(open.roomId, 'create before');
    await switchOn(open.roomId);
    const after = await inClear(open.roomId, 'create after');
    await switchOn(open.roomId, { rotation_period_msgs: 50 });
    await bot.start();
    await open.answerTo(before);
    expect((await open.answerTo(after)).body).toContain('This came unencrypted');
    await bot.stop();
    const late = await inClear(open.roomId, 'create late');
    await switchOn(open.roomId, { rotation_period_msgs: 60 });
    await bot.start();
    expect(await open.answersTo(late)).toEqual([0]);
    expect(await server.tokenNames()).toEqual(['before']);
  });

  test('the same behind a gap in /sync', async () => {
    const open = await Conversation.start(alice, bot.userId);
    await bot.stop();
    const before = await inClear(open.roomId, 'create before-gap');
    await switchOn(open.roomId);
    const after = await inClear(open.roomId, 'create after-gap');
    for (let filler = 0; filler < 60; filler++)
      await sendRaw(open.roomId, 'm.room.message', { msgtype: 'm.notice', body: 'filler' });
    await bot.start();
    await open.answerTo(before);
    expect((await open.answerTo(after)).body).toContain('This came unencrypted');
    expect(await server.tokenNames()).toEqual(['before', 'before-gap']);
  });
});

describe('an encrypted command that is sent again', () => {
  test.each<[string, (content: Record<string, unknown>) => Record<string, unknown>]>([
    ['as it is', (content) => content],
    ['with padding', (content) => ({ ...content, ciphertext: padded(String(content.ciphertext)) })],
    [
      'in reply to something else',
      (content) => ({ ...content, 'm.relates_to': { 'm.in_reply_to': { event_id: '$x' } } }),
    ],
  ])('%s is not carried out', async (_how, change) => {
    const command = await chat.send('create');
    await chat.answerTo(command);
    const { content } = await raw(chat.roomId, command);
    const tokens = await server.tokenNames();
    const replayed = await sendRaw(chat.roomId, 'm.room.encrypted', change(content));
    expect(await chat.answersTo(command, replayed)).toEqual([1, 0]);
    await bot.restart();
    const again = await sendRaw(chat.roomId, 'm.room.encrypted', change(content));
    expect(await chat.answersTo(again)).toEqual([0]);
    expect(await server.tokenNames()).toEqual(tokens);
  });

  test('is logged', async () => {
    const command = await chat.send('create');
    await chat.answerTo(command);
    const { content } = await raw(chat.roomId, command);
    const replayed = await sendRaw(chat.roomId, 'm.room.encrypted', content);
    await chat.answersTo(replayed);
    const line = bot.logLines.find((each) => each.includes(replayed)) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      level: 40,
      roomId: chat.roomId,
      sender: alice.userId,
      msg: 'Ignored a replayed message: its ciphertext came in another event before.',
    });
  });

  test('together with the first one, while the bot is off, is carried out once', async () => {
    const other = await Conversation.start(alice, bot.userId, { encrypted: true });
    await bot.stop();
    const command = await other.send('create');
    const { content } = await raw(other.roomId, command);
    const replayed = await sendRaw(other.roomId, 'm.room.encrypted', content);
    await bot.start();
    await other.answerTo(command);
    expect(await other.answersTo(command, replayed)).toEqual([1, 0]);
  });
});

async function switchOn(roomId: string, settings: object = {}): Promise<void> {
  const eventId = await alice.sendState(roomId, 'm.room.encryption', '', { ...ENCRYPTION, ...settings });
  await alice.waitForEvent(roomId, (event) => event.getId() === eventId, 'the encryption');
}

async function raw(roomId: string, eventId: string): Promise<RawEvent> {
  const event = (await rawEvents(server.baseUrl, alice, roomId)).find(({ event_id }) => event_id === eventId);
  if (event === undefined) throw new Error(`${eventId} is not there.`);
  return event;
}

/** The types of what the bot has sent. */
async function ofBot(roomId: string): Promise<string[]> {
  const events = await rawEvents(server.baseUrl, alice, roomId);
  return events.filter(({ sender }) => sender === bot.userId).map(({ type }) => type);
}

/** The same bytes, written differently. */
function padded(base64: string): string {
  const missing = (4 - (base64.length % 4)) % 4;
  return base64 + '='.repeat(missing);
}
