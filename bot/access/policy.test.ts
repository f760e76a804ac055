import { describe, expect, test } from 'vitest';
import { AccessPolicy, type AccessRules } from './policy.ts';

const NO_PEOPLE = ['@_.*'];
const HOMESERVER: AccessRules = { serverName: 'example.org', accessDefault: 'homeserver', deny: NO_PEOPLE };
const NOBODY: AccessRules = { ...HOMESERVER, accessDefault: 'nobody' };
const allowing = (...texts: string[]) => texts.map((text) => ({ text, source: 'config' }) as const);

describe('without allowed patterns', () => {
  const open = new AccessPolicy(HOMESERVER, []);

  test.each<[string, boolean]>([
    ['@alice:example.org', true],
    ['@alice:elsewhere.org', false],
    ['@alice:sub.example.org', false],
    ['@alice:example.org:8448', false],
    ['@alice:elsewhere.org:example.org', false],
    ['alice', false],
    ['', false],
  ])('the homeserver’s users have access, others don’t: %s', (userId, allowed) => {
    expect(open.allows(userId)).toBe(allowed);
  });

  test('nobody has access if the default is nobody', () => {
    expect(new AccessPolicy(NOBODY, []).allows('@alice:example.org')).toBe(false);
  });
});

test('the default no longer applies once a pattern is allowed', () => {
  const policy = new AccessPolicy(HOMESERVER, allowing('@bob:elsewhere.org'));
  expect(policy.allows('@alice:example.org')).toBe(false);
  expect(policy.allows('@bob:elsewhere.org')).toBe(true);
});

describe.each<[string, string]>([
  ['a guest', '@42:example.org'],
  ['a user of a bridge', '@_telegram_123:example.org'],
])('%s', (_who, userId) => {
  test('is not among the people of the homeserver', () => {
    expect(new AccessPolicy(HOMESERVER, []).allows(userId)).toBe(false);
  });

  test.each(['@.*:example.org', '.*', `${userId.replace(/\d/, '\\d')}`, '@[_4].*:example.org'])(
    'has no access through the pattern %s',
    (pattern) => {
      const policy = new AccessPolicy(HOMESERVER, allowing(pattern));
      expect(policy.allows(userId)).toBe(false);
      expect(policy.matching(userId)).toBeUndefined();
    },
  );

  test('has access if exactly this user ID is allowed', () => {
    const policy = new AccessPolicy(HOMESERVER, allowing('@.*:example.org', userId));
    expect(policy.allows(userId)).toBe(true);
    expect(policy.matching(userId)).toBe(userId);
  });
});

test('people have access whose user ID only contains digits or an underscore', () => {
  const policy = new AccessPolicy(HOMESERVER, []);
  for (const localpart of ['alice42', '42alice', '4-2', 'a_b', 'a_'])
    expect(policy.allows(`@${localpart}:example.org`), localpart).toBe(true);
});

describe('a pattern of access.deny', () => {
  test.each<[string, string, boolean]>([
    ['@_.*', '@_irc_bob:example.org', true],
    ['@_.*', '@_irc_bob:elsewhere.org:8448', true],
    ['@_.*', '@bob_:example.org', false],
    ['@irc_[a-z]+', '@irc_bob:example.org', true],
    ['@irc_[^:]*', '@irc_bob:example.org', true],
    ['@(?:irc|xmpp)_.*', '@xmpp_bob:example.org', true],
    ['@irc_[a-z]+', '@irc_bob2:example.org', false],
    ['irc_.*', '@irc_bob:example.org', false],
    ['@irc_.*:example.org', '@irc_bob:example.org', true],
    ['@irc_.*:example.org', '@irc_bob:elsewhere.org', false],
    ['@bot:example.org', '@bot:example.org', true],
    ['@bot:example.org', '@bot:example.org:8448', false],
  ])('%s on %s: %s', (deny, userId, denied) => {
    const policy = new AccessPolicy({ ...HOMESERVER, deny: [deny] }, allowing('.*'));
    expect(policy.allows(userId)).toBe(!denied);
  });

  test('is not needed: without any, only guests are left out', () => {
    const policy = new AccessPolicy({ ...HOMESERVER, deny: [] }, []);
    expect(policy.allows('@_irc_bob:example.org')).toBe(true);
    expect(policy.allows('@42:example.org')).toBe(false);
  });
});
