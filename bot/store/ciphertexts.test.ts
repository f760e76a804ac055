import { afterEach, beforeEach, expect, test } from 'vitest';
import { Store } from './store.ts';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;

let store: Store;

beforeEach(() => {
  store = new Store(':memory:');
});
afterEach(() => store.close());

function add(eventId: string, messageIndex: number, change: object = {}): boolean {
  const base = { roomId: '!r:x', sessionId: 'S', sender: '@a:x', receivedAt: NOW };
  return store.ciphertexts.add({ ...base, eventId, messageIndex, ...change });
}

test('a ciphertext belongs to the event that it came in first', () => {
  expect(add('$1', 0)).toBe(true);
  expect(add('$2', 0)).toBe(false);
  // The same event again, as after a crash.
  expect(add('$1', 0)).toBe(true);
});

test('other rooms, sessions and indexes are others', () => {
  expect(add('$1', 5)).toBe(true);
  expect(add('$2', 4)).toBe(true);
  expect(add('$3', 5, { sessionId: 'T' })).toBe(true);
  expect(add('$4', 5, { roomId: '!s:x' })).toBe(true);
});

test('after 60 days the highest index of a session stands for those before it', () => {
  for (const index of [0, 1, 2]) add(`$${index}`, index);
  add('$new', 3, { receivedAt: NOW + 30 * DAY });
  store.ciphertexts.prune(NOW + 61 * DAY, 500);
  const later = { receivedAt: NOW + 61 * DAY };
  for (const index of [0, 1, 2, 3]) expect(add('$replayed', index, later)).toBe(false);
  expect(add('$4', 4, later)).toBe(true);
  expect(add('$new', 3, later)).toBe(true);
  expect(add('$2', 2, later)).toBe(true);
  expect(add('$1', 1, later)).toBe(false);
});

test('of old sessions, 200 of each person in each room are kept', () => {
  for (let session = 0; session <= 200; session++)
    add(`$${session}`, 0, { sessionId: `S${session}`, receivedAt: NOW + session });
  add('$bob', 0, { sessionId: 'bob', sender: '@b:x' });
  store.ciphertexts.prune(NOW + 100 * DAY, 500);
  const again = (sessionId: string) => add('$replayed', 0, { sessionId, receivedAt: NOW + 100 * DAY });
  expect(['S0', 'S1', 'S200', 'bob'].map(again)).toEqual([true, false, false, false]);
});
