import { expect, test } from 'vitest';
import type { RegistrationToken } from '../../../common/token.ts';
import { type Filter, mergeTokens } from './merge.ts';

function token(name: string, change: Partial<RegistrationToken> = {}): RegistrationToken {
  return {
    id: name,
    token: name,
    uses_allowed: 1,
    completed: 0,
    pending: 0,
    expiry_time: null,
    state: 'active',
    ...change,
  };
}
const ALL: Filter = { states: [], search: '', sort: 'changed' };
const LIST = [token('b'), token('d'), token('f')];
const names = (list: RegistrationToken[]): string => list.map((each) => each.token).join('');

test('a change stays in its place', () => {
  const merged = mergeTokens(LIST, [token('d', { completed: 1, state: 'used' })], [], ALL, true);
  expect(names(merged)).toBe('bdf');
  expect(merged[1]?.state).toBe('used');
});

test('deleted tokens and those that no longer match are removed', () => {
  const active: Filter = { ...ALL, states: ['active'] };
  expect(names(mergeTokens(LIST, [token('d', { state: 'used' })], ['f'], active, true))).toBe('b');
});

test('new tokens are inserted at their place, if that is loaded', () => {
  expect(names(mergeTokens(LIST, [token('c')], [], ALL, false))).toBe('cbdf');
  const sorted: Filter = { ...ALL, sort: 'token' };
  expect(names(mergeTokens(LIST, [token('c')], [], sorted, false))).toBe('bcdf');
  expect(names(mergeTokens(LIST, [token('z')], [], sorted, false))).toBe('bdf');
  expect(names(mergeTokens(LIST, [token('z')], [], sorted, true))).toBe('bdfz');
});

test('new tokens that do not match are left out', () => {
  expect(names(mergeTokens(LIST, [token('c')], [], { ...ALL, search: 'D' }, true))).toBe('bdf');
});
