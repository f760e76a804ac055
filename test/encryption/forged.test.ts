// Encrypted events that no real client would send.
import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { rawEvents } from '../harness/rawEvents.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;
let mallory: Person;
let chat: Conversation;

beforeAll(async () => {
  bot = await server.startBot({ settings: { BOT_PREFIX: '!' }, keyPatienceMs: 1 });
  alice = await server.person('alice', { encryption: true });
  mallory = await server.person('mallory', { encryption: true });
  chat = await Conversation.start(alice, bot.userId, { encrypted: true });
});

/** As it is, past the client. */
async function sendRaw(person: Person, roomId: string, content: unknown): Promise<string> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.encrypted/${randomUUID()}`;
  const answer = await requestJson<{ event_id: string }>(server.baseUrl, 'PUT', path, {
    accessToken: person.accessToken,
    body: content,
  });
  return answer.event_id;
}

const megolm = {
  algorithm: 'm.megolm.v1.aes-sha2',
  ciphertext: 'AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg',
  session_id: 'X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ',
};

describe.each<[string, unknown]>([
  ['nothing', {}],
  ['an unknown algorithm', { ...megolm, algorithm: 'org.example.rot13' }],
  ['an algorithm for devices', { ...megolm, algorithm: 'm.olm.v1.curve25519-aes-sha2' }],
  ['an algorithm that is no text', { ...megolm, algorithm: 5 }],
  ['no ciphertext', { algorithm: megolm.algorithm, session_id: megolm.session_id }],
  ['no session', { algorithm: megolm.algorithm, ciphertext: megolm.ciphertext }],
  ['ciphertext that is an object', { ...megolm, ciphertext: { body: 'x' } }],
  ['ciphertext that is no base64', { ...megolm, ciphertext: '✅ \u0000 💥' }],
  ['empty ciphertext', { ...megolm, ciphertext: '' }],
  ['a session that nobody has', megolm],
  ['a very long ciphertext', { ...megolm, ciphertext: 'A'.repeat(60_000) }],
  ['a very deep object', { ...megolm, ciphertext: JSON.parse('['.repeat(90) + ']'.repeat(90)) }],
  ['a relation that is none', { ...megolm, 'm.relates_to': 'x' }],
])('an event with %s', (_what, content) => {
  test('is ignored', async () => {
    const eventId = await sendRaw(alice, chat.roomId, content);
    await chat.ask('help');
    expect(alice.repliesTo(chat.roomId, eventId)).toEqual([]);
  });
});

test('an undecryptable message of a known session is ignored', async () => {
  const command = await chat.send('help');
  await chat.answerTo(command);
  const { content } = await rawEvent(alice, chat.roomId, command);
  const ciphertext = String(content.ciphertext);
  for (const garbled of [ciphertext.slice(0, -20), `${ciphertext}AAAA`, `B${ciphertext.slice(1)}`]) {
    await sendRaw(alice, chat.roomId, { ...content, ciphertext: garbled });
  }
  await chat.ask('help');
});

test.each<[string, unknown]>([
  ['m.room.encrypted', {}],
  ['m.room.encrypted', { algorithm: 'm.olm.v1.curve25519-aes-sha2', ciphertext: 'x', sender_key: 5 }],
  [
    'm.room.encrypted',
    { algorithm: 'm.olm.v1.curve25519-aes-sha2', ciphertext: { x: { type: 9, body: [] } } },
  ],
  ['m.room_key', { ...megolm, session_key: 'AgAAA', room_id: '!x:y' }],
  ['m.forwarded_room_key', { ...megolm, session_key: 'AgAAA', room_id: '!x:y' }],
  ['m.room_key_request', { action: 'request', body: 5, request_id: 1, requesting_device_id: '💥' }],
  ['m.room_key.withheld', { code: 7 }],
  ['m.secret.request', { action: 'request', name: 'm.cross_signing.master', request_id: 'x' }],
  ['m.secret.send', { request_id: 'x', secret: 'x' }],
  ['m.key.verification.request', { methods: 'all', transaction_id: null }],
  ['m.key.verification.start', { method: 'm.sas.v1', transaction_id: 'x', from_device: 'x' }],
  ['org.example.unheard-of', {}],
])('a message between devices of type %s that is %o is passed over', async (type, content) => {
  const path = `/_matrix/client/v3/sendToDevice/${type}/${randomUUID()}`;
  await requestJson(server.baseUrl, 'PUT', path, {
    accessToken: mallory.accessToken,
    body: { messages: { [bot.userId]: { '*': content } } },
  });
  await chat.ask('help');
});

describe('a message that another person encrypted', () => {
  let group: Conversation;

  beforeEach(async () => {
    const roomId = await alice.createRoom({
      invite: [bot.userId, mallory.userId],
      initial_state: [{ type: 'm.room.encryption', state_key: '', content: { algorithm: megolm.algorithm } }],
    });
    await mallory.waitForMember(roomId, mallory.userId, 'invite');
    await mallory.join(roomId);
    await alice.waitForMember(roomId, mallory.userId, 'join');
    await alice.waitForMember(roomId, bot.userId, 'join');
    group = new Conversation(alice, roomId, bot.userId);
  });

  test('counts as their command only', async () => {
    const command = await group.send('!help');
    await group.answerTo(command);
    const { content } = await rawEvent(alice, group.roomId, command);
    const replayed = await sendRaw(mallory, group.roomId, content);
    await group.ask('!help');
    expect(alice.repliesTo(group.roomId, replayed)).toEqual([]);
    expect(await group.answersTo(command)).toEqual([1]);
  });

  test('for another room is no command', async () => {
    const command = await chat.send('!help');
    await chat.answerTo(command);
    const { content } = await rawEvent(alice, chat.roomId, command);
    const replayed = await sendRaw(alice, group.roomId, content);
    await group.ask('!help');
    expect(alice.repliesTo(group.roomId, replayed)).toEqual([]);
  });
});

async function rawEvent(reader: Person, roomId: string, eventId: string) {
  const event = (await rawEvents(server.baseUrl, reader, roomId)).find(
    ({ event_id }) => event_id === eventId,
  );
  if (event === undefined) throw new Error(`${eventId} is not there.`);
  return event;
}
