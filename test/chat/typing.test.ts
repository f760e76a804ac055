// While an answer takes long, the room shows that the bot is typing.
import { beforeAll, expect, test } from 'vitest';
import { startBotForTest } from '../harness/botInRoom.ts';
import { isTokenApi, isTyping, waitForRequests } from '../harness/faults.ts';
import type { Person } from '../harness/person.ts';
import { type CannedResponse, type Fault, type Proxy as FaultyProxy, rateLimited } from '../harness/proxy.ts';
import { useTestServer } from '../harness/suite.ts';

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice');
});

/** What the bot said about its typing, in order. */
function typingOf({ requests }: FaultyProxy): boolean[] {
  return requests.filter(isTyping).map(({ body }) => JSON.parse(body).typing);
}

/** The token API's answers are held back until `letGo` is called. */
function holdTokenApi(
  proxy: FaultyProxy,
  onTyping: () => Fault | Promise<Fault> = () => undefined,
): () => void {
  const { promise: held, resolve } = Promise.withResolvers<Fault>();
  proxy.intercept((request) => {
    if (isTyping(request)) return onTyping();
    return isTokenApi(request) ? held : undefined;
  });
  return () => resolve(undefined);
}

test.each([
  ['a room', false],
  ['an encrypted room', true],
])('a slow command in %s shows it until it is answered', async (_where, encrypted) => {
  const person = await server.person(encrypted ? 'carol' : 'dora', { encryption: encrypted });
  const { bot } = await startBotForTest(server, person);
  const { roomId } = await person.startDirectRoom(bot.userId, { encrypted });
  await person.waitForMember(roomId, bot.userId, 'join');
  const letGo = holdTokenApi(bot.proxy);
  const command = await person.send(roomId, 'create');
  await person.waitForTyping(roomId, bot.userId, true);
  expect(person.repliesTo(roomId, command)).toEqual([]);
  letGo();
  await person.waitForReply(roomId, command);
  await person.waitForTyping(roomId, bot.userId, false);
  const typing = typingOf(bot.proxy);
  expect([typing[0], typing.at(-1)]).toEqual([true, false]);
});

test('so does a slow deletion, confirmed by reaction', async () => {
  const { bot, chat } = await startBotForTest(server, alice);
  await server.admin.createToken({ token: 'slow' });
  const prompt = await chat.ask('delete slow');
  const letGo = holdTokenApi(bot.proxy);
  await alice.react(chat.roomId, prompt.eventId, '✅');
  await alice.waitForTyping(chat.roomId, bot.userId, true);
  letGo();
  await alice.waitForEdit(chat.roomId, prompt.eventId);
  await alice.waitForTyping(chat.roomId, bot.userId, false);
});

test('quick answers are not announced', async () => {
  // So that they are quick on a slow machine as well.
  const { bot, chat } = await startBotForTest(server, alice, { typingAfterMs: 120_000 });
  for (const command of ['create quick', 'list', 'delete quick', 'confirm', 'no-such-command', 'status'])
    await chat.ask(command);
  expect(typingOf(bot.proxy)).toEqual([]);
});

test.each<[string, () => Fault | Promise<Fault>]>([
  ['fail', () => ({ status: 500, body: { errcode: 'M_UNKNOWN', error: 'Internal server error' } })],
  ['are refused', (): CannedResponse => ({ status: 403, body: { errcode: 'M_FORBIDDEN', error: 'No' } })],
  ['are cut off', () => 'drop'],
  ['are rate-limited', () => rateLimited(600_000)],
  ['are never answered', () => new Promise<Fault>(() => undefined)],
])('typing notifications that %s change nothing for the answers', async (_how, fault) => {
  const { bot, chat } = await startBotForTest(server, alice);
  for (let round = 0; round < 2; round++) {
    const letGo = holdTokenApi(bot.proxy, fault);
    const asked = round === 0 && waitForRequests(bot.proxy, isTyping, 1);
    const command = await chat.send('create');
    await asked;
    letGo();
    expect((await chat.answerTo(command)).body).toMatch(/token/i);
    await chat.ask('help create');
  }
});
