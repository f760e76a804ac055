// How the bot is talked to, and how it answers: which messages are commands, and what an answer looks like.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person, SendOptions } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  bot = await server.startBot({ settings: { BOT_PREFIX: '!' } });
  alice = await server.person('alice');
  bob = await server.person('bob');
});

describe('an answer', () => {
  let chat: Conversation;

  beforeAll(async () => {
    chat = await Conversation.start(alice, bot.userId);
  });

  test('is a reply to the command and nothing else', async () => {
    const commandId = await chat.send('allowed');
    const { content } = await chat.answerTo(commandId);
    expect(content['m.relates_to']).toEqual({ 'm.in_reply_to': { event_id: commandId } });
    expect(await chat.answersTo(commandId)).toEqual([1]);
  });

  test('stays in the thread of the command', async () => {
    const threadRoot = await chat.send('list');
    await chat.answerTo(threadRoot);
    const commandId = await chat.send('list', { threadRoot });
    const { content } = await chat.answerTo(commandId);
    expect(content['m.relates_to']).toMatchObject({
      rel_type: 'm.thread',
      event_id: threadRoot,
      'm.in_reply_to': { event_id: commandId },
    });
  });
});

describe('in a direct room', () => {
  let chat: Conversation;

  beforeAll(async () => {
    chat = await Conversation.start(alice, bot.userId);
  });

  const isHelp = (body: string) => body.startsWith('“help');

  test.each([
    ['help help'],
    ['HELP Help'],
    ['  help\n  help'],
    ['!help help'],
    ['! help help'],
    ['regbot: help help'],
    ['@regbot help help'],
    ['Registration Bot, help help'],
    ['help help and all the rest of the sentence: delete-all'],
    ['> <@somebody:example.org> delete-all\n> create\n\nhelp help'],
  ])('%j is the command help', async (text) => {
    expect((await chat.ask(text)).body).toSatisfy(isHelp);
  });

  test('the bot’s full user ID works as its name', async () => {
    expect((await chat.ask(`${bot.userId}: help help`)).body).toSatisfy(isHelp);
  });

  test('a reply to another message is read without what it replies to', async () => {
    const replyTo = await chat.send('status');
    await chat.answerTo(replyTo);
    expect((await chat.ask('help help', { replyTo })).body).toSatisfy(isHelp);
  });

  test('words anywhere but at the beginning are no command; one hint is given, then silence until a command', async () => {
    await chat.ask('help');
    const first = await chat.ask('please help me create');
    expect(first.body).toBe('I don’t know “please”. “help” shows what I can do.');
    const second = await chat.send('I want a list of tokens');
    const third = await chat.send('delete-everything');
    expect(await chat.answersTo(second, third)).toEqual([0, 0]);
    expect((await chat.ask('creat')).body).toContain('Did you mean “create”?');
    expect(await server.admin.listTokens()).toEqual([]);
  });

  test.each(['', '!', 'regbot', '@regbot:'])('%j alone is answered with what to send', async (text) => {
    await chat.ask('help');
    const { body } = await chat.ask(text === '' ? ' ' : text);
    expect(body).toBe('“help” shows what I can do.');
  });

  test('notices, emotes, pictures and edits are no commands', async () => {
    const created = await chat.send('help help');
    await chat.answerTo(created);
    const silent = [
      await chat.send('create', { msgtype: 'm.notice' }),
      await chat.send('create', { msgtype: 'm.emote' }),
      await alice.sendEvent(chat.roomId, 'm.room.message', {
        msgtype: 'm.image',
        body: 'create',
        url: 'mxc://x/y',
      }),
      await alice.sendEvent(chat.roomId, 'm.room.message', {
        msgtype: 'm.text',
        body: '* create',
        'm.new_content': { msgtype: 'm.text', body: 'create' },
        'm.relates_to': { rel_type: 'm.replace', event_id: created },
      }),
      await alice.sendEvent(chat.roomId, 'm.sticker', { body: 'create', url: 'mxc://x/y', info: {} }),
    ];
    expect(await chat.answersTo(...silent)).toEqual(silent.map(() => 0));
    expect(await server.admin.listTokens()).toEqual([]);
    expect(await chat.answersTo(created)).toEqual([1]);
  });

  test.each([
    { 'm.relates_to': 'create' },
    { 'm.relates_to': { 'm.in_reply_to': 5, rel_type: {}, event_id: [] } },
    { 'm.relates_to': { rel_type: 'm.thread' } },
    { formatted_body: ['create'], format: 5 },
  ])('a command beside nonsense is a command: %j', async (nonsense) => {
    // Not by the SDK, which stumbles over some of it.
    const { baseUrl } = server.synapse;
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(chat.roomId)}/send/m.room.message/${randomUUID()}`;
    const { event_id } = await requestJson<{ event_id: string }>(baseUrl, 'PUT', path, {
      accessToken: alice.accessToken,
      body: { msgtype: 'm.text', body: 'help help', ...nonsense },
    });
    expect((await chat.answerTo(event_id)).body).toSatisfy(isHelp);
  });

  test('a message that is deleted before the bot has read it does no harm', async () => {
    const { roomId } = chat;
    const eventId = await chat.send('help help');
    await alice.redact(roomId, eventId);
    expect((await chat.ask('help help')).body).toSatisfy(isHelp);
  });
});

describe('in a room with others', () => {
  let room: Conversation;

  beforeAll(async () => {
    const roomId = await alice.createRoom({ invite: [bob.userId] });
    await alice.invite(roomId, bot.userId);
    await alice.waitForMember(roomId, bot.userId, 'join');
    await bob.join(roomId);
    await alice.waitForMember(roomId, bob.userId, 'join');
    room = new Conversation(alice, roomId, bot.userId);
  });

  test.each<[string, () => [string, SendOptions?]]>([
    ['the prefix', () => ['!help help']],
    ['its name', () => ['Registration Bot: help help']],
    ['its user ID', () => [`${bot.userId} help help`]],
    ['a mention', () => ['help help', { mentions: [bot.userId] }]],
    ['a mention as Element writes it', () => ['Registration Bot: help help', { mentions: [bot.userId] }]],
  ])('the bot is addressed by %s', async (_, message) => {
    const [text, options] = message();
    expect((await room.ask(text, options)).body).toMatch(/^“help \[command\]”/);
  });

  test('it does not reply to anything else, unknown words after the prefix included', async () => {
    const silent = [
      await room.send('create'),
      await room.send('help'),
      await room.send('I like the registration bot, create'),
      await room.send('create', { mentions: [bob.userId] }),
      await room.send('!weather tomorrow'),
      await room.send('!'),
      await bob.send(room.roomId, 'delete-all'),
    ];
    expect(await room.answersTo(...silent)).toEqual(silent.map(() => 0));
    expect(await server.admin.listTokens()).toEqual([]);
    expect(room.greetings()).toEqual([]);
  });

  test('it answers everybody there, and as in a direct room once the others have left', async () => {
    expect((await bob.ask(room.roomId, '!help help', { timeoutMs: 10_000 })).sender).toBe(bot.userId);
    await bob.leave(room.roomId);
    expect((await room.ask('help help')).body).toMatch(/^“help \[command\]”/);
  });
});

test('prevents reply loops between two bots', async () => {
  const other = await server.startBot({ localpart: 'otherbot' });
  const roomId = await alice.createRoom({ invite: [bot.userId, other.userId] });
  await alice.waitForMember(roomId, bot.userId, 'join');
  await alice.waitForMember(roomId, other.userId, 'join');
  const mentions = [bot.userId, other.userId];
  const eventId = await alice.send(roomId, 'hello', { mentions });
  for (const from of mentions) await alice.waitForReply(roomId, eventId, { from });
  const last = await alice.send(roomId, 'help help', { mentions });
  for (const from of mentions) await alice.waitForReply(roomId, last, { from });
  const replies = alice
    .timeline(roomId)
    .filter((event) => event.getContent()['m.relates_to']?.['m.in_reply_to'] !== undefined);
  expect(replies).toHaveLength(4);
});
