import { describe, expect, test } from 'vitest';
import { problem } from '../../../common/problems/problem.ts';
import type { RegistrationToken } from '../../../common/token.ts';
import { ENGLISH } from '../../words/en/english.ts';
import { absoluteTime, relativeTime } from '../reply/time.ts';
import { renderCreated, renderEdited, renderList, renderShow, tokenLine } from './tokensReply.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const DAY = 86_400_000;

function token(name: string, change: Partial<RegistrationToken> = {}): RegistrationToken {
  const fresh = {
    uses_allowed: 1,
    completed: 0,
    pending: 0,
    expiry_time: NOW + 7 * DAY,
    state: 'active' as const,
  };
  return { id: name, token: name, ...fresh, ...change };
}

test('times are absolute in UTC, and relative', () => {
  expect(absoluteTime(Date.parse('2026-12-31T18:00:59Z'))).toBe('2026-12-31 18:00 UTC');
  expect(relativeTime(ENGLISH, NOW + 7 * DAY, NOW)).toBe('in 7 days');
  expect(relativeTime(ENGLISH, NOW - 2 * 3_600_000, NOW)).toBe('2 hours ago');
});

describe('a list', () => {
  const tokens = [
    token('fresh'),
    token('open', { uses_allowed: null, expiry_time: null, completed: 3 }),
    token('busy', { pending: 1, state: 'pending' }),
    token('done', { completed: 1, state: 'used' }),
    token('late', { expiry_time: NOW - 2 * DAY, state: 'expired' }),
    token('back', { state: 'revoked', pending: null }),
  ];
  const rows = (filter?: 'valid' | 'expired' | 'used') =>
    renderList(ENGLISH, { tokens, filter, page: 1 }, NOW).body.split('\n\n').slice(1);

  test('counts by state and shows each token on a line of its own', () => {
    const { body } = renderList(ENGLISH, { tokens, filter: undefined, page: 1 }, NOW);
    expect(body).toMatch(/^6 tokens: 2 valid, 1 in use, 1 used up, 1 expired, 1 revoked\.\n/);
    expect(rows()).toEqual([
      'fresh\nvalid · 0 of 1 used · expires in 7 days',
      'open\nvalid · 3 used, no limit · never expires',
      'busy\nin use · 0 of 1 used, 1 registering · expires in 7 days',
      'done\nused up · 1 of 1 used',
      'late\nexpired 2 days ago · 0 of 1 used',
      'back\nrevoked · 0 of 1 used',
    ]);
  });

  test('is filtered; a token that is being used may become valid again', () => {
    expect(rows('valid').map((row) => row.split('\n')[0])).toEqual(['fresh', 'open', 'busy']);
    expect(rows('expired')).toHaveLength(1);
    expect(rows('used')).toHaveLength(1);
  });

  test('a page beyond the last one names the number of pages', () => {
    expect(renderList(ENGLISH, { tokens, filter: 'used', page: 2 }, NOW).body).toContain(
      'There is only 1 page.',
    );
  });
});

test('show names unknown tokens among known ones, in the order asked for', () => {
  const { body } = renderShow(ENGLISH, ['a', 'b'], [null, token('b')], NOW);
  expect(body).toMatch(/^There is no token a\.\n\nb\n\n• State: valid/);
});

test('show leaves out fields that the homeserver does not send', () => {
  expect(renderShow(ENGLISH, ['a'], [token('a', { pending: null })], NOW).body).not.toContain('Pending');
});

describe('new tokens', () => {
  test('that could not all be made are shown with the reason', () => {
    const failed = problem('token_api_odd_answer', { baseUrl: 'http://x' });
    const { body } = renderCreated(
      ENGLISH,
      { created: [token('a'), token('b')], failed },
      'example.org',
      NOW,
    );
    expect(body).toContain(
      '2 new registration tokens, each: 1 use, expires in 7 days (2026-06-08 12:00 UTC).',
    );
    expect(body).toContain('• a\n• b');
    expect(body).toContain(`The rest could not be created. ${failed.sentence}`);
  });
});

test('the answer to an edit has limits and state', () => {
  const edited = token('a', { uses_allowed: 3, completed: 3, state: 'used', expiry_time: null });
  expect(renderEdited(ENGLISH, edited, NOW).body).toBe(
    'Changed a: 3 uses, never expires. Now used up, 3 of 3 used.',
  );
});

test('a question about deletion has a token with its state and uses', () => {
  expect(tokenLine(ENGLISH, token('a', { pending: 1, state: 'pending' }))).toEqual([
    { code: 'a' },
    ' (',
    'in use',
    ', ',
    '0 of 1 used, 1 registering',
    ')',
  ]);
});
