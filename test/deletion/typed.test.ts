// Clients and people without reactions answer by a word.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../harness/person.ts';
import {
  askToDelete,
  type BotOfTest,
  directRoom,
  editsOf,
  existing,
  expectStillOpen,
  newToken,
  outcomeOf,
  recordedDeletions,
  startWorld,
  type World,
} from './confirmationWorld.ts';

let world: World;
let bot: BotOfTest;
let alice: Person;
let roomId: string;

beforeAll(async () => {
  world = await startWorld();
  alice = world.alice;
  bot = await world.newBot();
  roomId = await directRoom(alice, bot);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

test('there is nothing to confirm: that is said', async () => {
  for (const word of ['confirm', 'cancel'])
    expect((await alice.ask(roomId, word)).body).toContain('nothing to confirm');
});

test('confirm deletes, is answered, and the prompt becomes the outcome', async () => {
  const token = await newToken(world);
  const prompt = await askToDelete(alice, roomId, `delete ${token}`);
  const reply = await alice.ask(roomId, 'Confirm');
  expect(reply.body).toContain(`Deleted 1 token, confirmed by ${alice.userId}`);
  expect(await outcomeOf(alice, roomId, prompt)).toContain('Deleted 1 token');
  expect(await existing(world, [token])).toEqual([]);
  expect(recordedDeletions(bot, [token])).toEqual([1]);
});

test('cancel keeps the token', async () => {
  const token = await newToken(world);
  const prompt = await askToDelete(alice, roomId, `delete ${token}`);
  expect((await alice.ask(roomId, 'cancel')).body).toContain('Nothing was deleted');
  expect(await outcomeOf(alice, roomId, prompt)).toContain(`Cancelled by ${alice.userId}`);
  expect(await existing(world, [token])).toEqual([token]);
});

test('as a reply it answers that question, otherwise the newest', async () => {
  const [first, second, third] = [await newToken(world), await newToken(world), await newToken(world)];
  const prompts = [];
  for (const token of [first, second, third])
    prompts.push(await askToDelete(alice, roomId, `delete ${token}`));
  const [firstPrompt, , thirdPrompt] = prompts;
  if (firstPrompt === undefined || thirdPrompt === undefined) throw new Error('No prompts.');
  await alice.ask(roomId, 'confirm', { replyTo: firstPrompt.eventId });
  expect(await outcomeOf(alice, roomId, firstPrompt)).toContain(first);
  expect(await existing(world, [first, second, third])).toEqual([second, third]);
  await alice.ask(roomId, 'confirm');
  expect(await outcomeOf(alice, roomId, thirdPrompt)).toContain(third);
  expect(await existing(world, [first, second, third])).toEqual([second]);
  await alice.ask(roomId, 'confirm');
  expect(await existing(world, [second])).toEqual([]);
});

test('as a reply to a question that is answered already it does not answer another', async () => {
  const [first, second] = [await newToken(world), await newToken(world)];
  const other = await askToDelete(alice, roomId, `delete ${second}`);
  const prompt = await askToDelete(alice, roomId, `delete ${first}`);
  await alice.react(roomId, prompt.eventId, '❌');
  await outcomeOf(alice, roomId, prompt);
  const reply = await alice.ask(roomId, 'confirm', { replyTo: prompt.eventId });
  expect(reply.body).toMatch(/answered already|not open any more/);
  expect(editsOf(alice, roomId, prompt.eventId)).toBe(1);
  await expectStillOpen(world, bot, { person: alice, roomId, prompt: other, tokens: [first, second] });
  await alice.ask(roomId, 'cancel');
});

test('a question in a thread can be answered there', async () => {
  const token = await newToken(world);
  const root = await alice.send(roomId, 'list');
  const command = await alice.send(roomId, `delete ${token}`, { threadRoot: root });
  const prompt = await alice.waitForReply(roomId, command);
  expect(prompt.content['m.relates_to']).toMatchObject({ rel_type: 'm.thread', event_id: root });
  await alice.ask(roomId, 'confirm', { threadRoot: root });
  expect(await existing(world, [token])).toEqual([]);
});
