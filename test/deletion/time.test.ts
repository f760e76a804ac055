// Questions expire, whether the bot runs then or not. What counts is when the bot received the answer, by its own
// clock: timestamps of homeservers and clients are not trusted.
import { beforeAll, describe, expect, test } from 'vitest';
import { MINUTE, MovableClock } from '../harness/movableClock.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import {
  askToDelete,
  editsOf,
  existing,
  newToken,
  newTokens,
  outcomeOf,
  recordedDeletions,
  settled,
} from './prompts.ts';

const EXPIRED =
  /^I saw no answer in time\. Nothing was deleted: token-\d+ stays\.\n\nSend the command again if you still want it\.$/;

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice');
});

describe('while the bot runs', () => {
  test('an unanswered question is edited to say that its time is over, and a late ✅ deletes nothing', async () => {
    const bot = await server.startBot({ confirmTimeout: 500 });
    const roomId = await alice.roomWith(bot.userId);
    const tokens = await newTokens(server, 2);
    const prompts = [];
    for (const token of tokens) prompts.push(await alice.ask(roomId, `delete ${token}`));
    for (const prompt of prompts) {
      expect(await outcomeOf(alice, roomId, prompt)).toMatch(EXPIRED);
      await alice.react(roomId, prompt.eventId, '✅');
      await settled(alice, roomId, bot);
      expect(editsOf(alice, roomId, prompt.eventId)).toBe(1);
    }
    expect((await alice.ask(roomId, 'confirm')).body).not.toContain('Deleted');
    expect(await existing(server, tokens)).toEqual(tokens);
    await bot.stop();
  });

  test.each(['✅', 'confirm'])('%s received after the end is too late, even by a moment', async (answer) => {
    const clock = new MovableClock();
    const bot = await server.startBot({ clock: clock.now });
    const roomId = await alice.roomWith(bot.userId);
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    clock.advance(5 * MINUTE);
    if (answer === '✅') await alice.react(roomId, prompt.eventId, answer);
    else await alice.ask(roomId, answer);
    expect(await outcomeOf(alice, roomId, prompt)).toMatch(EXPIRED);
    expect(await existing(server, [token])).toEqual([token]);
    await bot.stop();
  });

  test('just before the expiry is in time', async () => {
    const clock = new MovableClock();
    const bot = await server.startBot({ clock: clock.now });
    const roomId = await alice.roomWith(bot.userId);
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    clock.advance(4 * MINUTE);
    await alice.react(roomId, prompt.eventId, '✅');
    expect(await outcomeOf(alice, roomId, prompt)).toContain('Deleted 1 token');
    await bot.stop();
  });

  test('a clock that lags behind the timers does not keep a question open', async () => {
    // Timers use another clock: they may fire a moment too early.
    const clock = new MovableClock();
    clock.advance(-40);
    const bot = await server.startBot({ clock: clock.now, confirmTimeout: 300 });
    const roomId = await alice.roomWith(bot.userId);
    const prompt = await alice.ask(roomId, `delete ${await newToken(server)}`);
    clock.advance(-40);
    expect(await outcomeOf(alice, roomId, prompt)).toMatch(EXPIRED);
    await bot.stop();
  });
});

describe('across a restart', () => {
  let bot: RestartableBot;
  let roomId: string;
  let clock: MovableClock;

  beforeAll(async () => {
    clock = new MovableClock();
    bot = await server.startBot({ clock: clock.now });
    roomId = await alice.roomWith(bot.userId);
  });

  test('an open question is still open', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await bot.stop();
    await bot.start();
    await settled(alice, roomId, bot);
    expect(editsOf(alice, roomId, prompt.eventId)).toBe(0);
    await alice.react(roomId, prompt.eventId, '✅');
    expect(await outcomeOf(alice, roomId, prompt)).toContain('Deleted 1 token');
    expect(await existing(server, [token])).toEqual([]);
  });

  test('a question whose time ended while the bot was off is edited to say so', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await bot.stop();
    clock.advance(10 * MINUTE);
    await bot.start();
    expect(await outcomeOf(alice, roomId, prompt)).toMatch(EXPIRED);
    expect(await existing(server, [token])).toEqual([token]);
  });

  test('✅ while the bot is off counts if it is back in time', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await bot.stop();
    await alice.react(roomId, prompt.eventId, '✅');
    clock.advance(2 * MINUTE);
    await bot.start();
    expect(await outcomeOf(alice, roomId, prompt)).toContain('Deleted 1 token');
    await settled(alice, roomId, bot);
    expect(editsOf(alice, roomId, prompt.eventId)).toBe(1);
    expect(recordedDeletions(bot, [token])).toEqual([1]);
  });

  test('✅ while the bot is off does not count if it is back too late', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await bot.stop();
    await alice.react(roomId, prompt.eventId, '✅');
    clock.advance(10 * MINUTE);
    await bot.start();
    expect(await outcomeOf(alice, roomId, prompt)).toMatch(EXPIRED);
    await settled(alice, roomId, bot);
    expect(editsOf(alice, roomId, prompt.eventId)).toBe(1);
    expect(await existing(server, [token])).toEqual([token]);
  });

  test('access taken away while the bot is off counts when it is back', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await bot.stop();
    await alice.react(roomId, prompt.eventId, '✅');
    await bot.start({ settings: { ACCESS_DEFAULT: 'nobody' } });
    expect(await outcomeOf(alice, roomId, prompt)).toContain('may not manage tokens any more');
    expect(await existing(server, [token])).toEqual([token]);
  });
});
