import { describe, expect, test } from 'vitest';
import { problem } from './problems/problem.ts';
import {
  createTokensSchema,
  expiryProblem,
  type TokenFacts,
  type TokenState,
  tokenState,
  tokenValueSchema,
  updateTokenSchema,
  usesLeft,
} from './token.ts';

const NOW = 1_800_000_000_000;

function facts(change: Partial<TokenFacts>): TokenFacts {
  return { token: 't', uses_allowed: 2, completed: 0, pending: 0, expiry_time: null, ...change };
}

describe('the state of a token', () => {
  test.each<[string, TokenState, Partial<TokenFacts>]>([
    ['fresh', 'active', {}],
    ['used in part', 'active', { completed: 1 }],
    ['without a limit, used often', 'active', { uses_allowed: null, completed: 99, pending: 5 }],
    ['all uses taken, one unfinished', 'pending', { completed: 1, pending: 1 }],
    ['all uses unfinished', 'pending', { pending: 2 }],
    ['pending not known', 'active', { completed: 1, pending: null }],
    ['used up', 'used', { completed: 2 }],
    ['used more often than allowed since an edit', 'used', { uses_allowed: 1, completed: 3 }],
    ['expiring in a moment', 'active', { expiry_time: NOW + 1 }],
    ['expiring now', 'expired', { expiry_time: NOW }],
    ['expired while somebody registers', 'expired', { pending: 2, expiry_time: NOW - 1 }],
    ['used up and expired', 'used', { completed: 2, expiry_time: NOW - 1 }],
    ['revoked, whatever else', 'revoked', { revoked: true, completed: 2, expiry_time: NOW - 1 }],
  ])('%s: %s', (_, state, change) => {
    expect(tokenState(facts(change), NOW)).toBe(state);
  });
});

test('uses left exclude those of registrations under way', () => {
  expect(usesLeft(facts({ uses_allowed: 5, completed: 2, pending: 1 }))).toBe(2);
  expect(usesLeft(facts({ uses_allowed: 5, completed: 2, pending: null }))).toBe(3);
  expect(usesLeft(facts({ uses_allowed: 1, completed: 3 }))).toBe(0);
  expect(usesLeft(facts({ uses_allowed: null, completed: 3 }))).toBeNull();
});

test('an expiry must lie in the future, or be none', () => {
  expect(expiryProblem(NOW + 1, NOW)).toBeUndefined();
  expect(expiryProblem(null, NOW)).toBeUndefined();
  expect(expiryProblem(undefined, NOW)).toBeUndefined();
  expect(problem(expiryProblem(NOW, NOW) ?? 'expiry_too_late').message).toContain('must lie in the future');
});

describe('input', () => {
  test.each(['a', 'A.z_0~-', '...', 'x'.repeat(64)])('%s can be a token', (token) => {
    expect(tokenValueSchema.safeParse(token).success).toBe(true);
  });

  test.each(['', 'x'.repeat(65), 'a b', 'ä', 'a/b', 'a\n', '.', '..', 5, null])('%j can not', (token) => {
    expect(tokenValueSchema.safeParse(token).success).toBe(false);
  });

  test.each([
    { uses_allowed: 0 },
    { uses_allowed: -1 },
    { uses_allowed: 1.5 },
    { uses_allowed: '5' },
    { uses_allowed: 2 ** 31 },
    { expiry_time: -1 },
    { expiry_time: 1.5 },
    { expiry_time: Number.NaN },
    { expiry_time: 8.64e15 + 1 },
    { something: 'else' },
  ])('%j is refused, for a new token and for a change, in words', (input) => {
    for (const schema of [createTokensSchema, updateTokenSchema]) {
      expect(schema.safeParse(input).success).toBe(false);
    }
  });

  test('null is no limit and no expiry; absent stays absent', () => {
    expect(updateTokenSchema.parse({ uses_allowed: null, expiry_time: null })).toEqual({
      uses_allowed: null,
      expiry_time: null,
    });
    expect(createTokensSchema.parse({})).toEqual({});
  });

  test.each([0, 51, 1.5])('a count of %d is refused', (count) => {
    expect(createTokensSchema.safeParse({ count }).success).toBe(false);
  });
});
