import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Store } from '../store/store.ts';
import { diskFull } from '../store/testFault.ts';
import { Sessions } from './sessions.ts';

const MINUTE = 60_000;
const ALICE = '@alice:example.org';

let dir: string;
let store: Store;
let now: number;
let sessions: Sessions;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'regbot-sessions-'));
  now = Date.UTC(2026, 10, 1);
  open();
});

afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

function open(): void {
  store = new Store(dir);
  sessions = new Sessions(() => now, store);
}

test('sessions outlive the process, with their age and last use; the disk has no token', () => {
  const token = sessions.start(ALICE);
  now += 50 * MINUTE;
  expect(sessions.use(token)).toMatchObject({ userId: ALICE });
  store.close();
  for (const file of readdirSync(dir)) expect(readFileSync(join(dir, file), 'latin1')).not.toContain(token);
  now += 50 * MINUTE;
  open();
  expect(sessions.use(token)).toMatchObject({ userId: ALICE });
  now += 60 * MINUTE;
  expect(sessions.use(token)).toBeUndefined();
  expect(store.widgetSessions.all()).toEqual([]);
});

test('half a day after its start a session ends, over restarts too', () => {
  const token = sessions.start(ALICE);
  for (let n = 0; n < 14; n++) {
    now += 50 * MINUTE;
    expect(sessions.use(token)).toBeDefined();
    store.close();
    open();
  }
  now += 20 * MINUTE;
  expect(sessions.use(token)).toBeUndefined();
});

test('the last use is written at most once a minute', () => {
  const token = sessions.start(ALICE);
  const setUsed = vi.spyOn(store.widgetSessions, 'setUsed');
  for (let second = 0; second < 180; second++) {
    now += 1_000;
    sessions.use(token);
  }
  expect(setUsed).toHaveBeenCalledTimes(3);
});

test('a full disk keeps nobody from reading, and ends no session that is not over', () => {
  const token = sessions.start(ALICE);
  const full = () => {
    throw diskFull();
  };
  vi.spyOn(store.widgetSessions, 'setUsed').mockImplementation(full);
  vi.spyOn(store.widgetSessions, 'remove').mockImplementation(full);
  now += 30 * MINUTE;
  expect(sessions.use(token)).toBeDefined();
  now += 30 * MINUTE;
  expect(sessions.use(token)).toBeUndefined();
});

test('a clock that was set back does not prolong a session', () => {
  const token = sessions.start(ALICE);
  now -= 365 * 24 * 60 * MINUTE;
  expect(sessions.use(token)).toBeUndefined();
});

test('a person has 20 sessions: another one takes the place of the least recently used', () => {
  const other = sessions.start('@bob:example.org');
  const tokens = Array.from({ length: 20 }, () => sessions.start(ALICE));
  now += MINUTE;
  sessions.use(String(tokens[0]));
  const last = sessions.start(ALICE);
  expect(sessions.count).toBe(21);
  const still = [...tokens, last].filter((token) => sessions.use(token) !== undefined);
  expect(still).toEqual([tokens[0], ...tokens.slice(2), last]);
  expect(sessions.use(other)).toBeDefined();
});

test('there are 1,000 sessions at most, and those that have ended take no place', () => {
  store.transaction(() => {
    for (let n = 0; n < 1_000; n++) {
      const row = { hash: `hash ${n}`, userId: `@user${n}:example.org`, startedAt: now };
      store.widgetSessions.add({ ...row, usedAt: n === 7 ? now - 1 : now });
    }
  });
  sessions.start(ALICE);
  expect(sessions.count).toBe(1_000);
  expect(store.widgetSessions.get('hash 7')).toBeUndefined();
  now += 60 * MINUTE;
  expect(sessions.count).toBe(0);
  sessions.start(ALICE);
  expect(store.widgetSessions.all()).toHaveLength(1);
});
