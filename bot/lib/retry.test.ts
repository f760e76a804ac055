import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pause, retry } from './retry.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const always = { when: () => true, first: 100, most: 1_000 };

/** Fails so many times, then returns the number of the attempt that worked. */
function failing(times: number) {
  return vi.fn(async (attempt: number) => {
    if (attempt < times) throw new Error(`attempt ${attempt}`);
    return attempt;
  });
}

test('what works at once is done once', async () => {
  const work = failing(0);
  expect(await retry(work, always)).toBe(0);
  expect(work).toHaveBeenCalledTimes(1);
});

test('what may pass is tried until it works, with growing delays up to the most', async () => {
  const delays: number[] = [];
  const done = retry(failing(6), { ...always, onRetry: (_, ms) => delays.push(ms) });
  await vi.runAllTimersAsync();
  expect(await done).toBe(6);
  for (const [index, full] of [100, 200, 400, 800, 1_000, 1_000].entries()) {
    expect(delays[index]).toBeGreaterThanOrEqual(full * 0.75);
    expect(delays[index]).toBeLessThanOrEqual(full);
  }
});

test('what does not pass is thrown as it is', async () => {
  const when = (error: unknown) => (error as Error).message !== 'attempt 1';
  const result = expect(retry(failing(5), { ...always, when })).rejects.toThrow('attempt 1');
  await vi.runAllTimersAsync();
  await result;
});

test('a delay that the failure asks for is kept', async () => {
  const onRetry = vi.fn();
  const done = retry(failing(1), { ...always, delayOf: () => 5_000, onRetry });
  await vi.advanceTimersByTimeAsync(4_999);
  expect(onRetry).toHaveBeenCalledWith(expect.any(Error), 5_000, 0);
  await vi.advanceTimersByTimeAsync(1);
  expect(await done).toBe(1);
});

test('an abort ends the wait with its reason', async () => {
  const stop = new AbortController();
  const result = expect(retry(failing(9), { ...always, signal: stop.signal })).rejects.toThrow('stopped');
  await vi.advanceTimersByTimeAsync(150);
  stop.abort(new Error('stopped'));
  await result;
});

test('an abort before the first attempt does nothing', async () => {
  const work = failing(0);
  await expect(retry(work, { ...always, signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow(
    'stopped',
  );
  expect(work).not.toHaveBeenCalled();
});

test('the failure may decide by the delay, and have another one each time', async () => {
  const delays: number[] = [];
  const when = (_: unknown, attempt: number, retryInMs: number) => {
    delays.push(retryInMs);
    return attempt < 2 && retryInMs <= 20;
  };
  const result = expect(
    retry(failing(9), { ...always, when, delayOf: (_, attempt) => 10 * (attempt + 1) }),
  ).rejects.toThrow('attempt 2');
  await vi.runAllTimersAsync();
  await result;
  expect(delays).toEqual([10, 20, 30]);
});

test('what `when` throws is thrown in place of the failure', async () => {
  const when = () => {
    throw new Error('given up');
  };
  await expect(retry(failing(1), { ...always, when })).rejects.toThrow('given up');
});

test('a pause that is ended leads to the next attempt at once; one that is not under way changes nothing', async () => {
  const pause = new Pause();
  const work = failing(2);
  pause.end();
  const done = retry(work, { ...always, pause });
  await vi.advanceTimersByTimeAsync(0);
  expect(work).toHaveBeenCalledTimes(1);
  pause.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(work).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(200);
  expect(await done).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
});

test('an abort ends a pause with its reason', async () => {
  const stop = new AbortController();
  const result = expect(
    retry(failing(9), { ...always, signal: stop.signal, pause: new Pause() }),
  ).rejects.toThrow('stopped');
  await vi.advanceTimersByTimeAsync(50);
  stop.abort(new Error('stopped'));
  await result;
});
