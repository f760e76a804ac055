// The commands work in encrypted rooms too, and only members can read them.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiUser } from '../api/apiUser.ts';
import { Conversation } from '../harness/conversation.ts';
import { expectNoSecrets } from '../harness/logSearch.ts';
import type { Person } from '../harness/person.ts';
import { rawEvents } from '../harness/rawEvents.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { widgetAppears } from '../room-widget/roomState.ts';
import { expectEncrypted, expectNothingInClear, rawMessages } from './ciphertext.ts';

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;
let chat: Conversation;

beforeAll(async () => {
  bot = await server.startBot({ settings: WIDGET_SETTINGS });
  alice = await server.person('alice', { encryption: true });
  chat = await Conversation.start(alice, bot.userId, { encrypted: true });
});

async function said() {
  return await rawMessages(server, alice, chat.roomId, bot.userId);
}

test('the greeting comes encrypted', async () => {
  expect(await chat.greeting()).toContain('Hello!');
  const [greeting] = await said();
  expectEncrypted(greeting === undefined ? [] : [greeting]);
  expect(greeting?.type).toBe('m.room.encrypted');
});

test.each([
  ['help', 'create uses=5'],
  ['help create', 'create'],
  ['create inclear uses=3', 'inclear'],
  ['list', 'inclear'],
  ['show inclear', 'inclear'],
  ['edit inclear uses=4', 'inclear'],
  ['allow @bob:example.org', '@bob:example.org'],
  ['allowed', '@bob:example.org'],
  ['disallow @bob:example.org', '@bob:example.org'],
  ['widget', 'widget'],
  ['status', 'Encryption: on'],
  ['confirm', 'nothing'],
  ['cancel', 'nothing'],
  ['nonsense', 'don’t know “nonsense”'],
])('“%s” is answered, and only ciphertext is on the homeserver', async (command, words) => {
  const before = await said();
  const { body, eventId } = await chat.ask(command);
  expect(body.toLowerCase()).toContain(words.toLowerCase());
  const after = (await said()).slice(before.length);
  expect(after.map(({ event_id }) => event_id)).toEqual([eventId]);
  expectEncrypted(after);
});

test('which message is answered can be read from outside, and so can its thread', async () => {
  const threadRoot = await chat.send('list');
  const first = await chat.answerTo(threadRoot);
  const commandId = await chat.send('list', { threadRoot });
  const second = await chat.answerTo(commandId);
  const raw = new Map((await said()).map((event) => [event.event_id, event.content['m.relates_to']]));
  expect(raw.get(first.eventId)).toEqual({ 'm.in_reply_to': { event_id: threadRoot } });
  expect(raw.get(second.eventId)).toMatchObject({
    rel_type: 'm.thread',
    event_id: threadRoot,
    'm.in_reply_to': { event_id: commandId },
  });
});

describe('a deletion', () => {
  let token: string;

  beforeEach(async () => {
    const created = await server.admin.createToken({});
    token = created.token;
  });

  test('is confirmed by a reaction; question and outcome are encrypted, reactions and redactions can’t be', async () => {
    const before = (await rawEvents(server.baseUrl, alice, chat.roomId)).length;
    const prompt = await chat.ask(`delete ${token}`);
    await alice.waitForReaction(chat.roomId, prompt.eventId, '❌');
    await alice.react(chat.roomId, prompt.eventId, '✅');
    await alice.waitForEdit(chat.roomId, prompt.eventId, (body) => /deleted/i.test(body));
    expect((await server.tokens()).map((each) => each.token)).not.toContain(token);
    await alice.waitForNoReactions(chat.roomId, prompt.eventId, bot.userId);
    const events = (await rawEvents(server.baseUrl, alice, chat.roomId)).slice(before);
    const ofBot = events.filter(({ sender }) => sender === bot.userId);
    expect(ofBot.map(({ type }) => type)).toEqual([
      'm.room.encrypted',
      'm.reaction',
      'm.reaction',
      'm.room.encrypted',
      'm.room.redaction',
      'm.room.redaction',
    ]);
    expectEncrypted(ofBot.filter(({ type }) => type === 'm.room.encrypted'));
    const relation = { rel_type: 'm.replace', event_id: prompt.eventId };
    expect(ofBot[3]?.content['m.relates_to']).toEqual(relation);
    for (const { content } of ofBot.slice(4)) expect(Object.keys(content)).toEqual(['redacts']);
  });

  test('is confirmed by a typed answer', async () => {
    const prompt = await chat.ask('delete-all');
    await alice.waitForReaction(chat.roomId, prompt.eventId, '❌');
    await chat.send('confirm', { replyTo: prompt.eventId });
    await alice.waitForEdit(chat.roomId, prompt.eventId, (body) => /deleted/i.test(body));
    expect(await server.tokens()).toEqual([]);
    await expectNothingInClear(server, alice, chat.roomId, bot.userId);
  });

  test('is called off by a reaction', async () => {
    const prompt = await chat.ask(`delete ${token}`);
    await alice.waitForReaction(chat.roomId, prompt.eventId, '❌');
    await alice.react(chat.roomId, prompt.eventId, '❌');
    await alice.waitForEdit(chat.roomId, prompt.eventId);
    expect((await server.tokens()).map((each) => each.token)).toContain(token);
    await expectNothingInClear(server, alice, chat.roomId, bot.userId);
  });
});

test('no message text is in the log', () => {
  expectNoSecrets(bot.logLines, ['inclear', 'Write “create”', 'Encryption: on', alice.accessToken]);
});

test('the widget is in the room and works as in any other', async () => {
  expect((await widgetAppears(alice, chat.roomId)).url).toContain('/widget/#/?');
  const user = await ApiUser.signIn(server, bot, alice);
  const { token } = await user.createToken({ uses_allowed: 2 });
  expect((await chat.ask(`show ${token}`)).body).toContain(token);
  await expectNothingInClear(server, alice, chat.roomId, bot.userId);
});
