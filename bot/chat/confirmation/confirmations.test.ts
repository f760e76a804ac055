// Migrates confirmations of the previous version, whose column `decision` held first the deletion and then the reply.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../../observability/log.ts';
import { migrate, STATE_FILE } from '../../store/migrations.ts';
import { Store } from '../../store/store.ts';
import { NOW, type TestTokens, testTokens } from '../../tokens/testTokens.ts';
import { ENGLISH } from '../../words/en/english.ts';
import { concludeDisallow } from '../access/disallowRun.ts';
import { concludeDeletion } from '../deletion/deletionRun.ts';
import { stepsOf } from '../inbox/steps.ts';
import type { Rendered } from '../reply/document.ts';
import type { RoomMessages } from '../reply/roomMessages.ts';
import { Confirmations } from './confirmations.ts';

const ALICE = '@alice:example.org';
const STEPS_BEFORE = 4;
const seen = (token: string) =>
  JSON.stringify({ token, uses_allowed: 1, completed: 0, pending: 0, expiry_time: null, state: 'active' });
const named = (...tokens: string[]) => `{"scope":"named","tokens":[${tokens.map(seen).join(',')}]}`;
const DECISION = '{"delete":["a","b"],"changed":[],"kept":[],"gone":["c"]}';

let dir: string;
let bot: TestTokens;
let confirmations: Confirmations;
let shown: Map<string, string>;
let work: Promise<void>;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'regbot-confirmations-'));
  shown = new Map();
  work = Promise.resolve();
});

afterEach(() => {
  bot.store.close();
  rmSync(dir, { recursive: true, force: true });
});

/** @param rows prompt, request, state, answered by and decision of questions of Alice in one room */
async function openOld(...rows: [string, string, string, string | null, string | null][]): Promise<void> {
  const db = new DatabaseSync(join(dir, 'bot.sqlite'));
  migrate(db, { ...STATE_FILE, steps: STATE_FILE.steps.slice(0, STEPS_BEFORE) });
  const insert = db.prepare('INSERT INTO confirmations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (const [prompt, request, ...rest] of rows)
    insert.run(prompt, '!a:x', ALICE, request, NOW - 1, NOW + 60_000, ...rest);
  db.close();
  bot = await testTokens(new Store(dir));
  for (const token of ['a', 'b', 'other'])
    await bot.backend.create({ token, uses_allowed: 1, expiry_time: null });
  const messages: Pick<RoomMessages, 'edit'> = {
    edit: async (_room: string, event: string, { body }: Rendered) => void shown.set(event, body),
  };
  const stop = new AbortController();
  const options = {
    ...bot,
    table: bot.store.confirmations,
    retries: { quickTries: 1, maxDelayMs: 0, signal: stop.signal },
    messages: messages as RoomMessages,
    words: ENGLISH,
  };
  confirmations = new Confirmations({
    table: bot.store.confirmations,
    access: bot.access,
    conclude: {
      deletion: (confirmation, end) => concludeDeletion(confirmation, end, options),
      disallow: (confirmation, end) => concludeDisallow(confirmation, end, options),
    },
    messages: messages as RoomMessages,
    words: ENGLISH,
    typing: { during: (_room, work) => work() },
    timeout: 60_000,
    byReaction: true,
    clock: () => NOW,
    log: await createLog({ level: 'error', format: 'json' }, { write: () => undefined }),
    signal: stop.signal,
    inRoom: (_room, task) => {
      work = work.then(task);
    },
  });
}

test('an open confirmation can be answered', async () => {
  await openOld(['$open', named('a'), 'open', null, null]);
  await confirmations.react({
    roomId: '!a:x',
    sender: ALICE,
    eventId: '$open',
    answer: 'yes',
    receivedAt: NOW,
  });
  expect(shown.get('$open')).toMatch(/Deleted 1 token, confirmed by @alice:example\.org\.\n\n• a$/);
  expect([...bot.backend.tokens.keys()]).toEqual(['b', 'other']);
});

test('a confirmed deletion runs after the start', async () => {
  await openOld(['$confirmed', named('a', 'c'), 'confirmed', ALICE, null]);
  confirmations.resume();
  await work;
  expect(shown.get('$confirmed')).toMatch(/Deleted 1 token.*\n\n• a\n\nGone already:\n\n• c$/);
});

test('a deletion that had begun continues with the stored decision', async () => {
  await openOld(['$begun', named('a', 'b', 'c'), 'confirmed', ALICE, DECISION]);
  await bot.backend.delete('a');
  confirmations.resume();
  await work;
  expect(shown.get('$begun')).toMatch(/Deleted 2 tokens.*\n\n• a\n• b\n\nGone already:\n\n• c$/);
  expect([...bot.backend.tokens.keys()]).toEqual(['other']);
});

test('an interrupted `confirm` returns the outcome of a finished confirmation', async () => {
  const told = { body: 'Deleted.', html: '<p>Deleted.</p>' };
  await openOld(['$done', 'null', 'done', ALICE, JSON.stringify(told)]);
  const command = { id: '$word', kind: 'command', roomId: '!a:x', sender: ALICE, receivedAt: NOW } as const;
  const item = { ...command, content: null, answer: undefined, plan: { outcome: '$done' } };
  const reply = await confirmations.answerByCommand(
    {
      actor: { userId: ALICE, via: 'chat' },
      roomId: '!a:x',
      repliesTo: undefined,
      receivedAt: NOW,
      commitStep: stepsOf(item, bot.store).commitStep,
    },
    true,
  );
  expect(reply).toEqual(told);
});
