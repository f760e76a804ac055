import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { problem } from '../../common/problems/problem.ts';
import { type RetryPolicy, retryTransient } from './request.ts';

const away = problem('machine_slept');
const policy: RetryPolicy = { quickTries: 3, maxDelayMs: 2_000, signal: new AbortController().signal };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Fails so many times; how often it was tried until it ended. */
async function tried(
  failures: number,
  error: unknown,
  keepRetrying?: () => Promise<boolean>,
): Promise<string> {
  let tries = 0;
  const work = async () => {
    if (tries++ < failures) throw error;
    return 'done';
  };
  const result = retryTransient(work, keepRetrying ? { ...policy, keepRetrying } : policy).catch(
    (thrown: unknown) => {
      expect(thrown).toBe(error);
      return 'failed';
    },
  );
  await vi.runAllTimersAsync();
  return `${await result} after ${tries}`;
}

test('a transient failure is tried three times', async () => {
  expect(await tried(2, away)).toBe('done after 3');
  expect(await tried(3, away)).toBe('failed after 3');
});

test('a lasting failure is not retried', async () => {
  expect(await tried(1, problem('nothing_to_confirm'))).toBe('failed after 1');
  expect(await tried(1, new Error('fault'))).toBe('failed after 1');
});

test('after that it goes on for as long as the policy says', async () => {
  let left = 5;
  expect(await tried(99, away, async () => left-- > 0)).toBe('failed after 8');
});

test('a homeserver that takes long to fail is asked once', async () => {
  const work = vi.fn(async () => {
    vi.advanceTimersByTime(20_001);
    throw away;
  });
  await expect(retryTransient(work, policy)).rejects.toBe(away);
  expect(work).toHaveBeenCalledTimes(1);
});
