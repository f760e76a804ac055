// Tokens can change between the question and the answer: they are read again before any is deleted.
import { beforeAll, describe, expect, test } from 'vitest';
import { MINUTE, MovableClock } from '../harness/movableClock.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { registerWithToken } from '../harness/users.ts';
import { askToDelete, existing, newToken, newTokens, outcomeOf, recordedDeletions } from './prompts.ts';

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;
let bob: Person;
let roomId: string;
const clock = new MovableClock();

beforeAll(async () => {
  alice = await server.person('alice');
  bob = await server.person('bob');
  bot = await server.startBot({ clock: clock.now });
  roomId = await alice.roomWith(bot.userId);
});

describe('what changed between question and answer', () => {
  test('a token that was used since is deleted, and the reply says so', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await registerWithToken(server.baseUrl, { username: 'user-between', password: 'pw', token });
    await alice.react(roomId, prompt.eventId, '✅');
    const outcome = await outcomeOf(alice, roomId, prompt);
    expect(outcome).toContain('Deleted 1 token');
    expect(outcome).toContain(`${token} was used once since`);
    expect(await existing(server, [token])).toEqual([]);
  });

  test('a token that no longer exists is reported, the others are deleted', async () => {
    const [gone, token] = (await newTokens(server, 2)) as [string, string];
    const prompt = await askToDelete(alice, roomId, `delete ${gone} ${token}`);
    await server.admin.deleteToken(gone);
    await alice.react(roomId, prompt.eventId, '✅');
    const outcome = await outcomeOf(alice, roomId, prompt);
    expect(outcome).toMatch(new RegExp(`Deleted 1 token,.*${token}.*Gone already:.*${gone}`, 's'));
    expect(recordedDeletions(bot, [gone, token])).toEqual([0, 1]);
  });

  test('nothing is left to delete: the reply says so', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await server.admin.deleteToken(token);
    await alice.react(roomId, prompt.eventId, '✅');
    const outcome = await outcomeOf(alice, roomId, prompt);
    expect(outcome).toContain('Nothing was deleted');
    expect(outcome).toContain(token);
  });

  test('delete-all expired keeps a token that was extended since', async () => {
    await server.admin.deleteAllTokens();
    const hour = 60 * MINUTE;
    const expiry_time = clock.now() + hour;
    await server.admin.createToken({ token: 'expired-1', expiry_time });
    await server.admin.createToken({ token: 'expired-2', expiry_time });
    const valid = await newToken(server);
    clock.advance(2 * hour);
    const prompt = await askToDelete(alice, roomId, 'delete-all expired');
    expect(prompt.body).toContain('Delete 2 expired tokens?');
    await server.admin.updateToken('expired-2', { expiry_time: clock.now() + hour });
    await alice.react(roomId, prompt.eventId, '✅');
    const outcome = await outcomeOf(alice, roomId, prompt);
    expect(outcome).toMatch(/Deleted 1 token,.*expired-1.*Kept, .*expired-2/s);
    expect(await existing(server, ['expired-1', 'expired-2', valid])).toEqual(['expired-2', valid]);
  });

  test('delete-all never touches tokens made after the question', async () => {
    await server.admin.deleteAllTokens();
    const tokens = await newTokens(server, 2);
    const prompt = await askToDelete(alice, roomId, 'delete-all');
    expect(prompt.body).toContain('Delete ALL 2 tokens?');
    const later = await newToken(server);
    await alice.react(roomId, prompt.eventId, '✅');
    expect(await outcomeOf(alice, roomId, prompt)).toContain('Deleted 2 tokens');
    expect(await existing(server, [...tokens, later])).toEqual([later]);
  });

  test('access withdrawn since: nothing is deleted, and the prompt says so', async () => {
    const own = await server.startBot();
    const [room, bobsRoom] = [await alice.roomWith(own.userId), await bob.roomWith(own.userId)];
    await alice.ask(room, `allow ${bob.userId}`);
    const token = await newToken(server);
    const prompt = await askToDelete(bob, bobsRoom, `delete ${token}`);
    await alice.ask(room, `disallow ${bob.userId}`);
    await bob.react(bobsRoom, prompt.eventId, '✅');
    const outcome = await outcomeOf(bob, bobsRoom, prompt);
    expect(outcome).toBe(
      `${bob.userId} may not manage tokens any more. Nothing was deleted: ${token} stays.`,
    );
    expect(await existing(server, [token])).toEqual([token]);
    await own.stop();
  });
});

describe('many tokens', () => {
  test('delete-all of 120 tokens says the number and deletes each once', async () => {
    await server.admin.deleteAllTokens();
    // As long as tokens can be: the question and the outcome have to fit into one event each.
    const tokens = Array.from({ length: 120 }, (_, index) => `${index}-`.padEnd(64, 'x'));
    for (const token of tokens) await server.admin.createToken({ token, uses_allowed: 1 });
    const prompt = await askToDelete(alice, roomId, 'delete-all');
    expect(prompt.body).toContain('Delete ALL 120 tokens?');
    expect(prompt.body).toContain('and 70 more');
    await alice.react(roomId, prompt.eventId, '✅');
    const content = await alice.waitForEdit(roomId, prompt.eventId, (body) => body.includes('Deleted'));
    expect(content.body).toContain(`Deleted 120 tokens, confirmed by ${alice.userId}.`);
    expect(await server.admin.listTokens()).toEqual([]);
    expect(recordedDeletions(bot, tokens)).toEqual(tokens.map(() => 1));
  });
});
