import { describe, expect, test } from 'vitest';
import { AccessPolicy } from './policy.ts';

const SERVER = 'example.org';

describe('without allowed patterns', () => {
  const open = new AccessPolicy(SERVER, 'homeserver', []);

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
    expect(new AccessPolicy(SERVER, 'nobody', []).allows('@alice:example.org')).toBe(false);
  });
});

test('the default no longer applies once a pattern is allowed', () => {
  const policy = new AccessPolicy(SERVER, 'homeserver', [{ text: '@bob:elsewhere.org', source: 'config' }]);
  expect(policy.allows('@alice:example.org')).toBe(false);
  expect(policy.allows('@bob:elsewhere.org')).toBe(true);
});
