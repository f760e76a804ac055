import { beforeEach, expect, test } from 'vitest';
import { AnswerQuota, MOST_ANSWERS, QUOTA_WINDOW_MS } from './answerQuota.ts';

let now: number;
let refused: number;
let allowed: Set<string>;
let quota: AnswerQuota;

beforeEach(() => {
  [now, refused, allowed] = [1_000_000, 0, new Set(['@admin:x'])];
  quota = new AnswerQuota({
    hasAccess: (userId) => allowed.has(userId),
    clock: () => now,
    onRefused: () => void refused++,
  });
});

const stranger = (index: number) => `@stranger${index}:x`;

test('a person without access gets one answer a minute', () => {
  expect(quota.admits('@eve:x', '$1')).toBe(true);
  now += QUOTA_WINDOW_MS - 1;
  expect(quota.admits('@eve:x', '$2')).toBe(false);
  now += 1;
  expect(quota.admits('@eve:x', '$3')).toBe(true);
  expect(refused).toBe(1);
});

test('what is refused does not put the next answer off', () => {
  quota.admits('@eve:x', '$0');
  for (let second = 1; second < 60; second++) {
    now += 1_000;
    expect(quota.admits('@eve:x', `$${second}`)).toBe(false);
  }
  now += 1_000;
  expect(quota.admits('@eve:x', '$60')).toBe(true);
});

test('all of them together get no more than leaves something of the homeserver’s limit to others', () => {
  const answers = Array.from({ length: 100 }, (_, index) => quota.admits(stranger(index), `$${index}`));
  expect(answers.filter(Boolean)).toHaveLength(MOST_ANSWERS);
  expect(refused).toBe(100 - MOST_ANSWERS);
  now += QUOTA_WINDOW_MS;
  expect(quota.admits(stranger(99), '$')).toBe(true);
});

test('people with access get every answer, also while others get none', () => {
  for (let index = 0; index < 10; index++) quota.admits(stranger(index), `$${index}`);
  for (let index = 0; index < 10; index++) expect(quota.admits('@admin:x', `$a${index}`)).toBe(true);
  expect(quota.admits('@eve:x', '$e')).toBe(false);
  allowed.add('@eve:x');
  expect(quota.admits('@eve:x', '$e')).toBe(true);
});

test('the same event is answered the same when it comes again', () => {
  expect(quota.admits('@eve:x', '$1')).toBe(true);
  expect(quota.admits('@eve:x', '$1')).toBe(true);
  expect(quota.admits('@mallory:x', '$1')).toBe(true);
  expect(refused).toBe(0);
});

test('a clock that is set back does not silence anybody', () => {
  quota.admits('@eve:x', '$1');
  now -= 86_400_000;
  expect(quota.admits('@eve:x', '$2')).toBe(true);
});
