// kill -9 at random moments, again and again, while people go on writing.
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { Person } from '../harness/person.ts';
import { BARE_BOT } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import {
  type AskedCreation,
  type AskedDeletion,
  auditedTokens,
  deletionFaultsIn,
  eventsSentBy,
  faultsIn,
} from './ledger.ts';

const LEAST_KILLS = 25;
const DURATION_MS = 55_000;
/** From the start of the process: a good part of it is over before the bot is ready. Longer where starts are slow. */
const LONGEST_LIFE_MS = 2_200;
const LONGEST_LIFE_IN_STARTS = 2.5;
const LONGEST_PAUSE_MS = 250;
/** Deletions that are under way at the same time. */
const DELETERS = 3;

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice');
});

test('killed at any moment: each command runs once and is answered once', {
  timeout: 240_000,
}, async ({ annotate }) => {
  const seed = Number(process.env.KILL_SEED ?? randomInt(2 ** 31));
  // One for each that goes on at the same time: whose turn it is must not change the others' numbers.
  let generators = 0;
  const newRandom = () => seeded(seed + generators++);
  const random = newRandom();
  const bot = await server.bot(BARE_BOT);
  const began = performance.now();
  await bot.startProcess();
  const longestLife = Math.max(LONGEST_LIFE_MS, LONGEST_LIFE_IN_STARTS * (performance.now() - began));
  const [creationRoom, deletionRoom] = [await alice.roomWith(bot.userId), await alice.roomWith(bot.userId)];
  const until = Date.now() + DURATION_MS;
  const killing = { over: false };
  const creations = sendCreations(creationRoom, killing, newRandom());
  const deletions = Array.from({ length: DELETERS }, (_, index) =>
    sendDeletions(deletionRoom, killing, newRandom(), `deleter-${index}`),
  );
  let kills = 0;
  while (kills < LEAST_KILLS || Date.now() < until) {
    // A random moment is the point of the test: there is nothing to wait for.
    await wait(random() * longestLife);
    await bot.kill();
    kills++;
    bot.spawn();
  }
  killing.over = true;
  const created = await creations;
  const deleted = (await Promise.all(deletions)).flat();
  const longWait = { timeoutMs: 60_000 };
  for (const { eventId } of created) await alice.waitForReply(creationRoom, eventId, longWait);
  for (const { confirmId } of deleted)
    if (confirmId !== undefined) await alice.waitForReply(deletionRoom, confirmId, longWait);
  // Answers that came twice would come before the answers to these.
  const lastOnes = [];
  for (const roomId of [creationRoom, deletionRoom]) lastOnes.push(await alice.ask(roomId, 'help', longWait));
  expect(await bot.stop()).toBe(0);

  const reader = { baseUrl: server.baseUrl, accessToken: alice.accessToken };
  const [inCreationRoom, inDeletionRoom] = [
    await eventsSentBy(bot.userId, reader, creationRoom),
    await eventsSentBy(bot.userId, reader, deletionRoom),
  ];
  const answers = inCreationRoom.answers.slice(0, -1);
  const onServer = await server.tokenNames();
  const faults = [
    ...faultsIn({ asked: created, answers, onServer, audited: auditedTokens(bot.dataDir, 'create') }),
    ...deletionFaultsIn({
      ...inDeletionRoom,
      asked: deleted,
      onServer,
      audited: auditedTokens(bot.dataDir, 'delete'),
    }),
  ];
  const figures = `${kills} kills, ${created.length} creations, ${deleted.length} deletions`;
  await annotate(`${figures}, KILL_SEED=${seed}`);
  expect(faults, `KILL_SEED=${seed}: ${figures}`).toEqual([]);
  expect(inCreationRoom.answerIds.at(-1)).toBe(lastOnes[0]?.eventId);
  expect(created.length).toBeGreaterThan(50);
  expect(deleted.length).toBeGreaterThan(10);
});

async function sendCreations(
  roomId: string,
  killing: { over: boolean },
  random: () => number,
): Promise<AskedCreation[]> {
  const sent: AskedCreation[] = [];
  while (!killing.over) {
    const kind = random();
    const [command, count] =
      kind < 0.3
        ? ['create count=3', 3]
        : kind < 0.6
          ? [`create custom-${sent.length} uses=2 expires=never`, 1]
          : ['create', 1];
    sent.push({ eventId: await alice.send(roomId, command), command, count });
    await wait(random() * LONGEST_PAUSE_MS);
  }
  return sent;
}

/** One deletion after the other, each confirmed by reaction or by word; ends when the last has its outcome. */
async function sendDeletions(
  roomId: string,
  killing: { over: boolean },
  random: () => number,
  name: string,
): Promise<AskedDeletion[]> {
  const { admin } = server;
  const done: AskedDeletion[] = [];
  const longWait = 60_000;
  while (!killing.over) {
    const tokens = [1, 2].map((index) => `${name}-${done.length}-${index}`);
    for (const token of tokens) await admin.createToken({ token, uses_allowed: 1 });
    const eventId = await alice.send(roomId, `delete ${tokens.join(' ')}`);
    const prompt = await alice.waitForReply(roomId, eventId, { timeoutMs: longWait });
    const byWord = random() < 0.5;
    const confirmId = byWord
      ? await alice.send(roomId, 'confirm', { replyTo: prompt.eventId })
      : void (await alice.react(roomId, prompt.eventId, '✅'));
    await alice.waitForEdit(roomId, prompt.eventId, undefined, longWait);
    done.push({ eventId, tokens, confirmId });
  }
  return done;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
