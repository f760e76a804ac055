import { describe, expect, test } from 'vitest';
import { Store } from '../store/store.ts';
import { AllowList } from './allowList.ts';
import type { AccessDefault } from './policy.ts';

const rulesWith = (accessDefault: AccessDefault) => ({
  serverName: 'example.org',
  accessDefault,
  deny: ['@_.*'],
});

const ALICE = '@alice:example.org';
const BOB = '@bob:example.org';

function allowList(configured: string[] = [], accessDefault: AccessDefault = 'homeserver') {
  const { allowed: table } = new Store(':memory:');
  const options = { rules: rulesWith(accessDefault), configured, table, clock: () => 1 };
  return { list: new AllowList(options), reopened: () => new AllowList(options) };
}

const texts = (list: AllowList) => list.policy.patterns.map(({ text }) => text);

describe('allow', () => {
  test('adds its sender to the first patterns, but not if one of those covers them', () => {
    const { list, reopened } = allowList();
    expect(list.allow(ALICE, [BOB])).toEqual({ added: [BOB], already: [], alsoAdded: ALICE });
    expect(texts(list)).toEqual([BOB, ALICE]);
    expect(texts(reopened())).toEqual([BOB, ALICE]);

    const { list: other } = allowList();
    expect(other.allow(ALICE, ['@.*:example.org']).alsoAdded).toBeUndefined();
  });

  test('of one invalid pattern among others changes nothing', () => {
    const { list } = allowList();
    expect(() => list.allow(ALICE, [BOB, '@(:example.org'])).toThrow('not a valid pattern');
    expect(list.policy.byDefault).toBe(true);
  });

  test('of the same again changes nothing', () => {
    const { list } = allowList([ALICE]);
    expect(list.allow(ALICE, [ALICE])).toEqual({ added: [], already: [ALICE], alsoAdded: undefined });
    list.allow(ALICE, [BOB, BOB]);
    expect(texts(list)).toEqual([ALICE, BOB]);
  });
});

describe('disallow', () => {
  test('never takes the access of its sender away', () => {
    const { list } = allowList();
    list.allow(ALICE, [BOB]);
    expect(() => list.disallow(ALICE, [ALICE])).toThrow('lose your own access');
    expect(texts(list)).toEqual([BOB, ALICE]);
    list.allow(ALICE, ['@a.*:example.org']);
    expect(list.disallow(ALICE, [ALICE]).removed).toEqual([ALICE]);
  });

  test('of all patterns returns to the default, if that keeps the sender’s access', () => {
    const { list } = allowList();
    list.allow(ALICE, [BOB]);
    expect(list.disallow(ALICE, [ALICE, BOB]).backToDefault).toBe(true);

    const { list: closed } = allowList(['@owner:example.org'], 'nobody');
    closed.allow('@owner:example.org', [ALICE]);
    expect(() => closed.disallow(ALICE, [ALICE])).toThrow('lose your own access');
  });

  test('would open the homeserver only if it is of the last pattern, and the default does', () => {
    const { list } = allowList();
    list.allow(ALICE, [BOB]);
    expect(list.wouldOpen(ALICE, [BOB])).toBe(false);
    expect(list.wouldOpen(ALICE, [BOB, ALICE])).toBe(true);
    expect(() => list.wouldOpen(ALICE, ['@nobody:example.org'])).toThrow('not in the list');
    expect(texts(list)).toEqual([BOB, ALICE]);

    const { list: configured } = allowList([ALICE]);
    configured.allow(ALICE, [BOB]);
    expect(configured.wouldOpen(ALICE, [BOB])).toBe(false);
  });

  test('of a denied user names no pattern through which they would have access', () => {
    const { list } = allowList();
    list.allow(ALICE, ['@.*:example.org']);
    expect(() => list.disallow(ALICE, [BOB])).toThrow(expect.objectContaining({ code: 'pattern_covered' }));
    expect(() => list.disallow(ALICE, ['@_irc_bob:example.org'])).toThrow(
      expect.objectContaining({ code: 'pattern_not_listed' }),
    );
  });

  test('refuses the whole command if a pattern is in the configuration or is not on the list', () => {
    const { list } = allowList(['@owner:example.org', ALICE]);
    list.allow(ALICE, [BOB]);
    expect(() => list.disallow(ALICE, [BOB, '@owner:example.org'])).toThrow('allowed in the configuration');
    expect(() => list.disallow(ALICE, [BOB, '@nobody:example.org'])).toThrow('not in the list');
    expect(texts(list)).toEqual(['@owner:example.org', ALICE, BOB]);
  });
});

test('a pattern that is both in the configuration and allowed by command counts as configured', () => {
  const { allowed: table } = new Store(':memory:');
  const options = { rules: rulesWith('nobody'), table, clock: () => 1 };
  new AllowList({ ...options, configured: [ALICE] }).allow(ALICE, [BOB]);
  const later = new AllowList({ ...options, configured: [ALICE, BOB] });
  expect(later.policy.patterns.map(({ source }) => source)).toEqual(['config', 'config']);
  expect(() => later.disallow(ALICE, [BOB])).toThrow('allowed in the configuration');
});
