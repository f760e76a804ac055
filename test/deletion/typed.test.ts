// Clients and people without reactions answer by a word.
import { beforeAll, expect, test } from 'vitest';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import {
  askToDelete,
  editsOf,
  existing,
  expectStillOpen,
  newToken,
  outcomeOf,
  recordedDeletions,
} from './prompts.ts';

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;
let roomId: string;

beforeAll(async () => {
  alice = await server.person('alice');
  bot = await server.startBot();
  roomId = await alice.roomWith(bot.userId);
});

test('nothing to confirm: the reply says so', async () => {
  for (const word of ['confirm', 'cancel'])
    expect((await alice.ask(roomId, word)).body).toContain('nothing to confirm');
});

test('confirm deletes, is answered, and the prompt becomes the outcome', async () => {
  const token = await newToken(server);
  const prompt = await askToDelete(alice, roomId, `delete ${token}`);
  const reply = await alice.ask(roomId, 'Confirm');
  expect(reply.body).toContain(`Deleted 1 token, confirmed by ${alice.userId}`);
  expect(await outcomeOf(alice, roomId, prompt)).toContain('Deleted 1 token');
  expect(await existing(server, [token])).toEqual([]);
  expect(recordedDeletions(bot, [token])).toEqual([1]);
});

test('cancel keeps the token', async () => {
  const token = await newToken(server);
  const prompt = await askToDelete(alice, roomId, `delete ${token}`);
  expect((await alice.ask(roomId, 'cancel')).body).toContain('Nothing was deleted');
  expect(await outcomeOf(alice, roomId, prompt)).toContain(`Cancelled by ${alice.userId}`);
  expect(await existing(server, [token])).toEqual([token]);
});

test('as a reply it answers that question, otherwise the newest', async () => {
  const [first, second, third] = [await newToken(server), await newToken(server), await newToken(server)];
  const prompts = [];
  for (const token of [first, second, third])
    prompts.push(await askToDelete(alice, roomId, `delete ${token}`));
  const [firstPrompt, , thirdPrompt] = prompts;
  if (firstPrompt === undefined || thirdPrompt === undefined) throw new Error('No prompts.');
  await alice.ask(roomId, 'confirm', { replyTo: firstPrompt.eventId });
  expect(await outcomeOf(alice, roomId, firstPrompt)).toContain(first);
  expect(await existing(server, [first, second, third])).toEqual([second, third]);
  await alice.ask(roomId, 'confirm');
  expect(await outcomeOf(alice, roomId, thirdPrompt)).toContain(third);
  expect(await existing(server, [first, second, third])).toEqual([second]);
  await alice.ask(roomId, 'confirm');
  expect(await existing(server, [second])).toEqual([]);
});

test('as a reply to a question that is answered already it does not answer another', async () => {
  const [first, second] = [await newToken(server), await newToken(server)];
  const other = await askToDelete(alice, roomId, `delete ${second}`);
  const prompt = await askToDelete(alice, roomId, `delete ${first}`);
  await alice.react(roomId, prompt.eventId, '❌');
  await outcomeOf(alice, roomId, prompt);
  const reply = await alice.ask(roomId, 'confirm', { replyTo: prompt.eventId });
  expect(reply.body).toMatch(/answered already|not open any more/);
  expect(editsOf(alice, roomId, prompt.eventId)).toBe(1);
  await expectStillOpen(server, bot, { person: alice, roomId, prompt: other, tokens: [first, second] });
  await alice.ask(roomId, 'cancel');
});

test('a question in a thread can be answered there', async () => {
  const token = await newToken(server);
  const root = await alice.send(roomId, 'list');
  const command = await alice.send(roomId, `delete ${token}`, { threadRoot: root });
  const prompt = await alice.waitForReply(roomId, command);
  expect(prompt.content['m.relates_to']).toMatchObject({ rel_type: 'm.thread', event_id: root });
  await alice.ask(roomId, 'confirm', { threadRoot: root });
  expect(await existing(server, [token])).toEqual([]);
});
