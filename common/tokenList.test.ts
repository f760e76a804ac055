import { expect, test } from 'vitest';
import type { RegistrationToken } from './token.ts';
import { compareTokens, countByState, matches } from './tokenList.ts';

function token(name: string, change: Partial<RegistrationToken> = {}): RegistrationToken {
  const fresh = { uses_allowed: 1, completed: 0, pending: 0, expiry_time: null, state: 'active' as const };
  return { id: name, token: name, ...fresh, ...change };
}
const LIST = [token('b'), token('d'), token('f')];

test('loaded tokens are counted by state', () => {
  const counts = countByState([...LIST, token('g', { state: 'used' })]);
  expect(counts).toEqual({ active: 3, pending: 0, used: 1, expired: 0, revoked: 0 });
});

test('a filter names states and part of a token, in any case', () => {
  const used = token('Summer', { state: 'used' });
  expect(matches(used, { states: [], search: '' })).toBe(true);
  expect(matches(used, { states: ['used', 'expired'], search: 'uMM' })).toBe(true);
  expect(matches(used, { states: ['active'], search: '' })).toBe(false);
  expect(matches(used, { states: [], search: 'winter' })).toBe(false);
});

test('what never expires comes last, whichever way round; equal ones go by name', () => {
  const list = [
    token('never'),
    token('b', { expiry_time: 1 }),
    token('a', { expiry_time: 1 }),
    token('late', { expiry_time: 2 }),
  ];
  const names = (order: 'asc' | 'desc') =>
    list.toSorted((a, b) => compareTokens(a, b, 'expiry_time', order)).map((t) => t.token);
  expect(names('asc')).toEqual(['a', 'b', 'late', 'never']);
  expect(names('desc')).toEqual(['late', 'b', 'a', 'never']);
});

test('most used come first', () => {
  const list = [token('a'), token('b', { completed: 9 })];
  expect(list.toSorted((a, b) => compareTokens(a, b, 'completed')).map((t) => t.token)).toEqual(['b', 'a']);
});
