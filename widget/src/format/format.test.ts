import { describe, expect, test } from 'vitest';
import { createFormat, fromLocalInput, toLocalInput } from './format.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('relative times', () => {
  test.each([
    [1000, 'in 1 minute'],
    [-1000, '1 minute ago'],
    [30 * 60_000, 'in 30 minutes'],
    [HOUR, 'in 1 hour'],
    [DAY - 1, 'in 24 hours'],
    [47 * HOUR, 'in 47 hours'],
    [7 * DAY - 1, 'in 7 days'],
    [30 * DAY, 'in 30 days'],
    [-90 * DAY, '3 months ago'],
    [800 * DAY, 'in 2 years'],
  ])('%d ms: %s', (ms, text) => {
    expect(createFormat('en').relative(NOW + ms, NOW)).toBe(text);
  });

  test('in German', () => {
    expect(createFormat('de').relative(NOW + 7 * DAY, NOW)).toBe('in 7 Tagen');
  });
});

test('dates and numbers follow the language', () => {
  expect(createFormat('de', 'Europe/Berlin').dateTime(NOW)).toBe('23.11.2026, 13:00');
  expect(createFormat('de').number(10_000)).toBe('10.000');
  expect(createFormat('en').number(10_000)).toBe('10,000');
});

test('a time goes through the date field and back, in local time', () => {
  const value = toLocalInput(NOW);
  expect(value).toMatch(/^2026-11-2\dT\d\d:\d\d$/);
  expect(fromLocalInput(value)).toBe(NOW);
  expect(fromLocalInput('')).toBeUndefined();
  expect(fromLocalInput('2026-13-40T10:00')).toBeUndefined();
});
