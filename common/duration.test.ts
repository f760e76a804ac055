import { describe, expect, test } from 'vitest';
import { count, formatDuration, parseDuration } from './duration.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('a duration as people write it', () => {
  test.each([
    ['90s', 90_000],
    ['15m', 15 * 60_000],
    ['12h', 12 * HOUR],
    ['7d', 7 * DAY],
    ['2w', 14 * DAY],
    ['1d12h', 36 * HOUR],
    [' 7D ', 7 * DAY],
    ['007d', 7 * DAY],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    '7',
    'd',
    '0d',
    '0h0m',
    '-1d',
    '1.5d',
    '7 d',
    '7days',
    '1y',
    '7d!',
    '٧d',
    `${'9'.repeat(30)}w`,
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('a duration to read', () => {
  test.each([
    [0, 'less than a minute'],
    [29_999, 'less than a minute'],
    [30_000, '1 minute'],
    [59 * 60_000 + 29_999, '59 minutes'],
    [59 * 60_000 + 30_000, '1 hour'],
    [90 * 60_000, '1 hour 30 minutes'],
    [DAY - 1, '1 day'],
    [DAY + HOUR, '1 day 1 hour'],
    [7 * DAY - 1, '7 days'],
    [7 * DAY + 5 * HOUR, '7 days'],
    [38 * DAY, '38 days'],
  ])('%d ms: %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

test('one is singular, nothing and more are plural', () => {
  expect([0, 1, 2].map((n) => count(n, 'token'))).toEqual(['0 tokens', '1 token', '2 tokens']);
  expect(count(2, 'person', 'people')).toBe('2 people');
});
