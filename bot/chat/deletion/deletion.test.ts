import { describe, expect, test } from 'vitest';
import type { RegistrationToken } from '../../../common/token.ts';
import { ENGLISH } from '../../words/en/english.ts';
import { asSeen, type DeletionScope, decideDeletion } from './deletion.ts';

function token(name: string, change: Partial<RegistrationToken> = {}): RegistrationToken {
  const fresh = { uses_allowed: 2, completed: 0, pending: 0, expiry_time: null, state: 'active' as const };
  return { id: name, token: name, ...fresh, ...change };
}

function decide(scope: DeletionScope, asked: RegistrationToken[], now: RegistrationToken[]) {
  return decideDeletion({ scope, tokens: asked.map(asSeen) }, now, ENGLISH.deletion.change);
}

describe('a confirmed deletion', () => {
  test('deletes unchanged tokens', () => {
    const tokens = [token('a'), token('b', { completed: 1 })];
    expect(decide('named', tokens, tokens)).toEqual({ delete: ['a', 'b'], changed: [], kept: [], gone: [] });
  });

  test('never deletes tokens that the question did not name', () => {
    expect(decide('all', [token('a')], [token('a'), token('made-since')]).delete).toEqual(['a']);
  });

  test('lists tokens that are gone', () => {
    expect(decide('named', [token('a'), token('b')], [token('b')])).toMatchObject({
      delete: ['b'],
      gone: ['a'],
    });
  });

  test.each<[string, Partial<RegistrationToken>]>([
    ['was used once since', { completed: 1 }],
    ['was used 2 times since', { completed: 2, state: 'used' }],
    ['somebody is registering with it right now', { pending: 1 }],
    ['was edited since', { uses_allowed: null }],
    ['was edited since', { expiry_time: 5 }],
  ])('of a named token that %s deletes it and says so', (what, change) => {
    expect(decide('named', [token('a')], [token('a', change)])).toMatchObject({
      delete: ['a'],
      changed: [{ token: 'a', what }],
    });
  });

  test('of all expired or used up tokens keeps those that no longer are', () => {
    const expired = token('a', { state: 'expired', expiry_time: 1 });
    const extended = token('a', { expiry_time: 9 });
    expect(decide('expired', [expired], [extended])).toMatchObject({ delete: [], kept: ['a'] });
    expect(decide('expired', [expired], [expired])).toMatchObject({ delete: ['a'], kept: [] });
    const used = token('b', { state: 'used', completed: 2 });
    expect(decide('used', [used], [token('b', { uses_allowed: 3, completed: 2 })]).kept).toEqual(['b']);
  });

  test('does not report fewer pending uses or an expiry as a change', () => {
    const before = token('a', { pending: 1 });
    expect(decide('named', [before], [token('a', { state: 'expired' })]).changed).toEqual([]);
  });
});
