import { expect, test } from 'vitest';
import { Budget } from './budget.ts';

function budget(burst: number, everyMs: number) {
  const time = { now: 1_000_000 };
  const made = new Budget({ burst, everyMs }, () => time.now);
  const spend = (key: string, times: number) => {
    let taken = 0;
    for (let n = 0; n < times; n++) {
      if (!made.has(key)) continue;
      made.take(key);
      taken++;
    }
    return taken;
  };
  return { time, spend };
}

test('allows a burst, then one in each period, and a burst again after a pause', () => {
  const { time, spend } = budget(3, 100);
  expect(spend('a', 10)).toBe(3);
  time.now += 99;
  expect(spend('a', 10)).toBe(0);
  time.now += 1;
  expect(spend('a', 10)).toBe(1);
  time.now += 1_000;
  expect(spend('a', 10)).toBe(3);
});

test('counts each key by itself, and forgets only those that have their burst again', () => {
  const { time, spend } = budget(2, 100);
  expect(spend('spender', 5)).toBe(2);
  time.now += 50;
  for (let n = 0; n < 3_000; n++) expect(spend(`key ${n}`, 1)).toBe(1);
  expect(spend('spender', 5)).toBe(0);
});
