import { describe, expect, test } from 'vitest';
import { compilePattern, isPlainUserId } from './patterns.ts';

const matches = (pattern: string, userId: string) => compilePattern(pattern).matches(userId);

describe('a user ID', () => {
  test.each(['@alice:example.org', '@a.b+c=d/e_f-g:example.org:8448', '@alice:[2001:db8::1]'])(
    '%s stands for itself alone',
    (userId) => {
      expect(isPlainUserId(userId)).toBe(true);
      expect(matches(userId, userId)).toBe(true);
      expect(matches(userId, `${userId}x`)).toBe(false);
      expect(matches(userId, userId.replace('a', 'b'))).toBe(false);
    },
  );

  test('has no character that matches another', () => {
    expect(matches('@a.b:example.org', '@axb:example.org')).toBe(false);
    expect(matches('@a.b:example.org', '@a.b:exampleXorg')).toBe(false);
  });
});

describe('a pattern', () => {
  test.each<[string, string, boolean]>([
    ['@.*:example.org', '@alice:example.org', true],
    ['@.*:example.org', '@alice:exampleXorg', false],
    ['@.*:example.org', '@alice:example.org.evil.org', false],
    ['@.*:example.org', '@alice:evil.org:example.org', true],
    ['@[a-c].*:example.org', '@bob:example.org', true],
    ['@[a-c].*:example.org', '@dora:example.org', false],
    ['@(alice|bob):example.org', '@bob:example.org', true],
    ['@(alice|bob):example.org', 'x@bob:example.org', false],
    ['@alice:.*', '@alice:anywhere.org', true],
    ['.*:example\\.org', '@alice:example.org', true],
    ['@alice|@bob:example.org', '@alice:evil.org', false],
    ['.*', '@anybody:anywhere.org', true],
    ['@[A]lice:example.org', '@Alice:example.org', true],
  ])('%s on %s: %s', (pattern, userId, expected) => {
    expect(matches(pattern, userId)).toBe(expected);
  });

  test('with catastrophic backtracking in other engines is matched at once', () => {
    const pattern = compilePattern('@(a+)+(a|a)*b:example.org');
    const started = performance.now();
    expect(pattern.matches(`@${'a'.repeat(250)}:example.org`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

test.each([
  ['', 'must not be empty'],
  ['alice', 'A user ID has the form @alice:example.org'],
  ['Alice', 'A user ID has the form @alice:example.org'],
  ['@Alice:example.org', 'Did you mean @alice:example.org?'],
  ['@*:example.org', 'write .* instead: “@.*:example.org”'],
  ['@(a:example.org', 'is not a valid pattern'],
  ['@[z-a]:example.org', 'is not a valid pattern'],
  ['@(?=a)a:example.org', 'is not a valid pattern'],
  ['@(a)\\1:example.org', 'is not a valid pattern'],
  ['@a b:example.org', 'contains a space'],
  ['x'.repeat(513), 'at most 512 characters'],
])('%s is refused: %s', (pattern, words) => {
  expect(() => compilePattern(pattern)).toThrow(
    expect.objectContaining({ kind: 'invalid_input', sentence: expect.stringContaining(words) }),
  );
});
