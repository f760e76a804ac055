// The world goes on between the question and the answer: tokens are read again before any is deleted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../harness/person.ts';
import { registerWithToken } from '../harness/users.ts';
import {
  askToDelete,
  type BotOfTest,
  directRoom,
  existing,
  MINUTE,
  MovableClock,
  newToken,
  newTokens,
  outcomeOf,
  recordedDeletions,
  startWorld,
  type World,
} from './confirmationWorld.ts';

let world: World;
let bot: BotOfTest;
let alice: Person;
let bob: Person;
let roomId: string;
const clock = new MovableClock();

beforeAll(async () => {
  world = await startWorld();
  ({ alice, bob } = world);
  bot = await world.newBot({ clock: clock.now });
  roomId = await directRoom(alice, bot);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

describe('what changed between question and answer', () => {
  test('a token that was used since is deleted, and that is told', async () => {
    const token = await newToken(world);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await registerWithToken(world.synapse.baseUrl, { username: 'user-between', password: 'pw', token });
    await alice.react(roomId, prompt.eventId, '✅');
    const outcome = await outcomeOf(alice, roomId, prompt);
    expect(outcome).toContain('Deleted 1 token');
    expect(outcome).toContain(`${token} was used once since`);
    expect(await existing(world, [token])).toEqual([]);
  });

  test('a token that is gone already is told, the others are deleted', async () => {
    const [gone, token] = (await newTokens(world, 2)) as [string, string];
    const prompt = await askToDelete(alice, roomId, `delete ${gone} ${token}`);
    await world.admin.deleteToken(gone);
    await alice.react(roomId, prompt.eventId, '✅');
    const outcome = await outcomeOf(alice, roomId, prompt);
    expect(outcome).toMatch(new RegExp(`Deleted 1 token,.*${token}.*Gone already:.*${gone}`, 's'));
    expect(recordedDeletions(bot, [gone, token])).toEqual([0, 1]);
  });

  test('nothing is left to delete: that is told', async () => {
    const token = await newToken(world);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await world.admin.deleteToken(token);
    await alice.react(roomId, prompt.eventId, '✅');
    const outcome = await outcomeOf(alice, roomId, prompt);
    expect(outcome).toContain('Nothing was deleted');
    expect(outcome).toContain(token);
  });

  test('delete-all expired keeps a token that was extended since', async () => {
    await world.admin.deleteAllTokens();
    const hour = 60 * MINUTE;
    const expiry_time = clock.now() + hour;
    await world.admin.createToken({ token: 'expired-1', expiry_time });
    await world.admin.createToken({ token: 'expired-2', expiry_time });
    const valid = await newToken(world);
    clock.advance(2 * hour);
    const prompt = await askToDelete(alice, roomId, 'delete-all expired');
    expect(prompt.body).toContain('Delete 2 expired tokens?');
    await world.admin.updateToken('expired-2', { expiry_time: clock.now() + hour });
    await alice.react(roomId, prompt.eventId, '✅');
    const outcome = await outcomeOf(alice, roomId, prompt);
    expect(outcome).toMatch(/Deleted 1 token,.*expired-1.*Kept, .*expired-2/s);
    expect(await existing(world, ['expired-1', 'expired-2', valid])).toEqual(['expired-2', valid]);
  });

  test('delete-all never touches tokens made after the question', async () => {
    await world.admin.deleteAllTokens();
    const tokens = await newTokens(world, 2);
    const prompt = await askToDelete(alice, roomId, 'delete-all');
    expect(prompt.body).toContain('Delete ALL 2 tokens?');
    const later = await newToken(world);
    await alice.react(roomId, prompt.eventId, '✅');
    expect(await outcomeOf(alice, roomId, prompt)).toContain('Deleted 2 tokens');
    expect(await existing(world, [...tokens, later])).toEqual([later]);
  });

  test('access withdrawn since: nothing is deleted, and the prompt says so', async () => {
    const own = await world.newBot();
    const [room, bobsRoom] = [await directRoom(alice, own), await directRoom(bob, own)];
    await alice.ask(room, `allow ${bob.userId}`);
    const token = await newToken(world);
    const prompt = await askToDelete(bob, bobsRoom, `delete ${token}`);
    await alice.ask(room, `disallow ${bob.userId}`);
    await bob.react(bobsRoom, prompt.eventId, '✅');
    const outcome = await outcomeOf(bob, bobsRoom, prompt);
    expect(outcome).toBe(
      `${bob.userId} may not manage tokens any more. Nothing was deleted: ${token} stays.`,
    );
    expect(await existing(world, [token])).toEqual([token]);
    await own.stop();
  });
});

describe('many tokens', () => {
  test('delete-all of 120 tokens says the number and deletes each once', async () => {
    await world.admin.deleteAllTokens();
    // As long as tokens can be: the question and the outcome have to fit into one event each.
    const tokens = Array.from({ length: 120 }, (_, index) => `${index}-`.padEnd(64, 'x'));
    for (const token of tokens) await world.admin.createToken({ token, uses_allowed: 1 });
    const prompt = await askToDelete(alice, roomId, 'delete-all');
    expect(prompt.body).toContain('Delete ALL 120 tokens?');
    expect(prompt.body).toContain('and 70 more');
    await alice.react(roomId, prompt.eventId, '✅');
    const content = await alice.waitForEdit(roomId, prompt.eventId, (body) => body.includes('Deleted'));
    expect(content.body).toContain(`Deleted 120 tokens, confirmed by ${alice.userId}.`);
    expect(await world.admin.listTokens()).toEqual([]);
    expect(recordedDeletions(bot, tokens)).toEqual(tokens.map(() => 1));
  });
});
