// The bot's own ✅ and ❌ invite to click on them: they go once the question is closed.
import { beforeAll, describe, expect, test } from 'vitest';
import { startBotForTest } from '../harness/botInRoom.ts';
import type { Conversation } from '../harness/conversation.ts';
import { isRedaction, isSend, waitForRequests } from '../harness/faults.ts';
import { MINUTE, MovableClock } from '../harness/movableClock.ts';
import type { Person } from '../harness/person.ts';
import { badGateway, type CannedResponse, type Fault, type ProxiedRequest } from '../harness/proxy.ts';
import { rawEvents } from '../harness/rawEvents.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import type { Reply } from '../harness/roomObserver.ts';
import { useTestServer } from '../harness/suite.ts';
import { askToDelete, editsOf, newToken, outcomeOf } from './prompts.ts';

const server = useTestServer();
let alice: Person;
let bot: RestartableBot;
let clock: MovableClock;

beforeAll(async () => {
  alice = await server.person('alice');
});

async function start(): Promise<Conversation> {
  clock = new MovableClock();
  const started = await startBotForTest(server, alice, { clock: clock.now });
  bot = started.bot;
  return started.chat;
}

/** How many redactions the bot has sent to a room. */
async function redactionsIn(roomId: string): Promise<number> {
  const events = await rawEvents(server.baseUrl, alice, roomId);
  return events.filter(({ type, sender }) => type === 'm.room.redaction' && sender === bot.userId).length;
}

type Close = (chat: Conversation, prompt: Reply) => Promise<unknown>;
const react =
  (key: string): Close =>
  (chat, prompt) =>
    alice.react(chat.roomId, prompt.eventId, key);
const type =
  (word: string): Close =>
  (chat) =>
    chat.ask(word);

test.each<[string, RegExp, Close]>([
  ['confirmed by reaction', /^🗑️ Deleted 1 token/, react('✅')],
  ['cancelled by reaction', /^Cancelled/, react('❌')],
  ['confirmed by a typed word', /^🗑️ Deleted 1 token/, type('confirm')],
  ['cancelled by a typed word', /^Cancelled/, type('cancel')],
  [
    'answered too late',
    /^I saw no answer in time/,
    async (...question) => {
      clock.advance(10 * MINUTE);
      await react('✅')(...question);
    },
  ],
  [
    'over while the bot was off',
    /^I saw no answer in time/,
    async () => {
      await bot.stop();
      clock.advance(10 * MINUTE);
      await bot.start();
    },
  ],
  [
    'confirmed by somebody who lost access',
    /may not manage tokens any more/,
    async (...question) => {
      await bot.stop();
      await react('✅')(...question);
      await bot.start({ settings: { ACCESS_DEFAULT: 'nobody' } });
    },
  ],
])('a question that is %s loses the reactions of the bot, and no others', async (_how, outcome, close) => {
  const chat = await start();
  const { roomId } = chat;
  const prompt = await askToDelete(alice, roomId, `delete ${await newToken(server)}`);
  await alice.react(roomId, prompt.eventId, '👍');
  await close(chat, prompt);
  expect(await outcomeOf(alice, roomId, prompt)).toMatch(outcome);
  await alice.waitForNoReactions(roomId, prompt.eventId, bot.userId);
  expect(alice.reactionsOn(roomId, prompt.eventId).map(({ key }) => key)).toContain('👍');
  await bot.restart();
  await chat.ask('help confirm');
  expect(await redactionsIn(roomId)).toBe(2);
  expect(bot.proxy.requests.filter(isRedaction)).toHaveLength(2);
});

test('an open question keeps them', async () => {
  const chat = await start();
  const prompt = await askToDelete(alice, chat.roomId, `delete ${await newToken(server)}`);
  await bot.restart();
  await chat.ask('help confirm');
  expect(alice.reactionsOn(chat.roomId, prompt.eventId)).toHaveLength(2);
});

test('outcome and answer are sent before the redactions', async () => {
  const chat = await start();
  const prompt = await askToDelete(alice, chat.roomId, `delete ${await newToken(server)}`);
  const before = bot.proxy.requests.length;
  await chat.ask('confirm');
  await alice.waitForNoReactions(chat.roomId, prompt.eventId, bot.userId);
  const sent = bot.proxy.requests.slice(before).filter((request) => isSend(request) || isRedaction(request));
  expect(sent.map((request) => isRedaction(request))).toEqual([false, false, true, true]);
});

test.each<[string, Close]>([
  ['reaction', react('❌')],
  ['typed word', (chat) => chat.send('cancel')],
])(
  'no reaction is left by a question that is answered by a %s before they are there',
  async (_how, close) => {
    const chat = await start();
    const { promise: held, resolve: letGo } = Promise.withResolvers<Fault>();
    const isReaction = (request: ProxiedRequest) =>
      isSend(request) && request.path.includes('m.reaction') && request.body.includes('❌');
    bot.proxy.intercept((request) => (isReaction(request) ? held : undefined));
    const arrived = waitForRequests(bot.proxy, isReaction, 1);
    const prompt = await chat.ask(`delete ${await newToken(server)}`);
    await close(chat, prompt);
    await arrived;
    letGo(undefined);
    expect(await outcomeOf(alice, chat.roomId, prompt)).toMatch(/^Cancelled/);
    await alice.waitForEvent(chat.roomId, (event) => event.getType() === 'm.room.redaction', 'a redaction');
    await alice.waitForNoReactions(chat.roomId, prompt.eventId, bot.userId);
    await chat.ask('help confirm');
    await bot.stop();
    expect(await redactionsIn(chat.roomId)).toBe(2);
  },
);

describe('a redaction that', () => {
  const forbidden: CannedResponse = { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'No' } };

  test('is refused is not tried again, and the rest goes on', async () => {
    const chat = await start();
    bot.proxy.intercept((request) => (isRedaction(request) ? forbidden : undefined));
    const tried = waitForRequests(bot.proxy, isRedaction, 2);
    const prompt = await askToDelete(alice, chat.roomId, `delete ${await newToken(server)}`);
    await chat.ask('confirm');
    expect(await outcomeOf(alice, chat.roomId, prompt)).toMatch(/^🗑️ Deleted 1 token/);
    await tried;
    await chat.ask('help confirm');
    await bot.restart();
    await chat.ask('help confirm');
    expect(bot.proxy.requests.filter(isRedaction)).toHaveLength(2);
    expect(editsOf(alice, chat.roomId, prompt.eventId)).toBe(1);
  });

  test('hangs or fails holds up nothing, and is done as soon as it can be', async () => {
    const chat = await start();
    const { promise: held, resolve: letGo } = Promise.withResolvers<Fault>();
    bot.proxy.intercept((request) => (isRedaction(request) ? held : undefined));
    const tried = waitForRequests(bot.proxy, isRedaction, 1);
    const prompt = await askToDelete(alice, chat.roomId, `delete ${await newToken(server)}`);
    await alice.react(chat.roomId, prompt.eventId, '✅');
    await tried;
    await chat.ask('help confirm');
    const second = await askToDelete(alice, chat.roomId, `delete ${await newToken(server)}`);
    await chat.ask('cancel');
    bot.proxy.clear();
    letGo(badGateway());
    await alice.waitForNoReactions(chat.roomId, prompt.eventId, bot.userId);
    await alice.waitForNoReactions(chat.roomId, second.eventId, bot.userId);
    await bot.stop();
    expect(await redactionsIn(chat.roomId)).toBe(4);
  });
});
