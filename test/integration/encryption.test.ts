import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestBot } from '../harness/bot.ts';
import type { Person } from '../harness/person.ts';
import { Conversation, Scene } from '../harness/scene.ts';

let scene: Scene;
let bot: TestBot;
let alice: Person;

beforeAll(async () => {
  scene = await Scene.start();
  bot = await scene.startBot(await scene.botAccount());
  alice = await scene.person('alice', { encryption: true });
});

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

test('help', async () => {
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  const reply = await chat.ask('help');
  expect(reply.body).toMatch(/create/);
});
