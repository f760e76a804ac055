import { expect, test } from 'vitest';
import { MOST_KEYS, RequestCounts, WINDOW_MS } from './requestCounts.ts';

test('a key is counted for a minute from its first request on, then anew', () => {
  let now = 0;
  const counts = new RequestCounts(() => now);
  const hits = (key: string) => counts.increment(key).totalHits;
  expect([hits('a'), hits('a'), hits('b')]).toEqual([1, 2, 1]);
  now = WINDOW_MS - 1;
  expect([hits('a'), hits('c')]).toEqual([3, 1]);
  now = WINDOW_MS;
  expect([hits('a'), hits('c')]).toEqual([1, 2]);
  // `b` was removed with it, although nobody asked for it.
  expect(counts.size).toBe(2);
});

test('what was counted can be taken back, but not below nothing', () => {
  const counts = new RequestCounts();
  counts.increment('a');
  counts.decrement('a');
  counts.decrement('a');
  counts.decrement('unknown');
  expect(counts.increment('a').totalHits).toBe(1);
});

test('however many addresses somebody has: the oldest count is forgotten, and new ones are counted', () => {
  const counts = new RequestCounts(() => 0);
  for (let n = 0; n < 3 * MOST_KEYS; n++) counts.increment(`2001:db8:${n.toString(16)}::/64`);
  expect(counts.size).toBe(MOST_KEYS);
  counts.increment('198.51.100.7');
  expect(counts.increment('198.51.100.7').totalHits).toBe(2);
});
