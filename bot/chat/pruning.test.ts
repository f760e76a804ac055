import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '../observability/log.ts';
import { Store } from '../store/store.ts';
import { diskFull } from '../store/testFault.ts';
import { startPruning } from './pruning.ts';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('pruning is retried while the disk is full, and continues daily', async () => {
  const lines: string[] = [];
  const log = await createLog({ level: 'debug', format: 'json' }, { write: (line) => void lines.push(line) });
  const stop = new AbortController();
  let isFull = true;
  const inbox = vi.fn(() => {
    if (isFull) throw diskFull();
    return 0;
  });
  const nothing = { prune: () => 0 };
  const confirmations = vi.fn(() => 0);
  const ciphertexts = vi.fn(() => 0);
  const end = startPruning({
    // Only the parts that are used.
    store: {
      rooms: nothing,
      inbox: { prune: inbox },
      confirmations: { prune: confirmations },
      ciphertexts: { prune: ciphertexts },
      audit: nothing,
      widgetSessions: nothing,
    } as never,
    clock: Date.now,
    log,
    signal: stop.signal,
  });
  await vi.advanceTimersByTimeAsync(DAY_MS + 1);
  expect(confirmations).not.toHaveBeenCalled();
  expect(lines.join('')).toContain('data folder can’t be written to: database or disk is full');
  isFull = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(confirmations).toHaveBeenCalled();
  expect(ciphertexts).toHaveBeenCalled();
  const { length: before } = confirmations.mock.calls;
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(confirmations).toHaveBeenCalledTimes(before + 1);
  end();
  stop.abort(new Error('The test is over.'));
  await vi.advanceTimersByTimeAsync(2 * DAY_MS);
  expect(confirmations).toHaveBeenCalledTimes(before + 1);
});

test('much to delete goes in small steps, between which others get their turn', async () => {
  const store = new Store(':memory:');
  store.transaction(() => {
    for (let index = 0; index < 1_700; index++) {
      const id = `$${index}`;
      const receivedAt = index < 1_600 ? 1 : Date.now();
      store.inbox.add({ id, kind: 'command', roomId: '!a:x', sender: '@a:x', content: null, receivedAt });
      store.inbox.setDone(id);
    }
  });
  const prune = vi.spyOn(store.inbox, 'prune');
  const log = await createLog({ level: 'error', format: 'json' }, { write: () => undefined });
  const { signal } = new AbortController();
  const end = startPruning({ store, clock: Date.now, log, signal });
  await vi.advanceTimersByTimeAsync(0);
  expect(prune.mock.results.map(({ value }) => value)).toEqual([500]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(prune.mock.results.map(({ value }) => value)).toEqual([500, 500, 500, 100]);
  await vi.advanceTimersByTimeAsync(61 * DAY_MS);
  expect(prune.mock.results.reduce((sum, { value }) => sum + Number(value), 0)).toBe(1_700);
  end();
  store.close();
});

test('the end of the bot ends a pruning that is under way', async () => {
  const log = await createLog({ level: 'error', format: 'json' }, { write: () => undefined });
  const { signal } = new AbortController();
  const rooms = vi.fn(() => 500);
  const end = startPruning({ store: { rooms: { prune: rooms } } as never, clock: Date.now, log, signal });
  await vi.advanceTimersByTimeAsync(100);
  const { length } = rooms.mock.calls;
  expect(length).toBeGreaterThan(2);
  end();
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(rooms).toHaveBeenCalledTimes(length);
});
