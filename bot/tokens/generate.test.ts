import { expect, test } from 'vitest';
import { generateToken } from './generate.ts';

test('made up tokens have the length asked for, only letters and digits, and are never the same', () => {
  const tokens = Array.from({ length: 1_000 }, () => generateToken(16));
  expect(new Set(tokens).size).toBe(1_000);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9]{16}$/);
  // Every character of the alphabet occurs among 16,000.
  expect(new Set(tokens.join('')).size).toBe(62);
});
