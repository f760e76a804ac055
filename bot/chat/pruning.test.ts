import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '../observability/log.ts';
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
  });
  const [confirmations, ciphertexts] = [vi.fn(), vi.fn()];
  const end = startPruning({
    // Only the parts that are used.
    store: {
      inbox: { prune: inbox },
      confirmations: { prune: confirmations },
      ciphertexts: { prune: ciphertexts },
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
