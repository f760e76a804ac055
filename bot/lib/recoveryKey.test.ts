import { encodeRecoveryKey } from 'matrix-js-sdk/lib/crypto-api/recovery-key.js';
import { describe, expect, test } from 'vitest';
import { formatRecoveryKey, makeRecoveryKey, parseRecoveryKey } from './recoveryKey.ts';

/** The bytes 0 to 31, as matrix-js-sdk writes them. */
const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
const TEXT = encodeRecoveryKey(Uint8Array.from(KEY)) ?? '';

describe('a recovery key', () => {
  test('is written as clients write it: 48 characters in groups of four', () => {
    expect(formatRecoveryKey(KEY)).toBe(TEXT);
    expect(TEXT).toMatch(/^E(s|t)[1-9A-Za-z]{2}( [1-9A-Za-z]{4}){11}$/);
  });

  test('is random, and read back as it was written', () => {
    const [a, b] = [makeRecoveryKey(), makeRecoveryKey()];
    expect(a.equals(b)).toBe(false);
    for (const key of [a, b]) expect(parseRecoveryKey(formatRecoveryKey(key))?.equals(key)).toBe(true);
  });

  test.each([
    ['with the spaces left out', TEXT.replaceAll(' ', '')],
    ['with spaces and line ends around it', ` ${TEXT.replace(' ', '\n')}\t`],
    ['in other groups', TEXT.replaceAll(' ', '').replaceAll(/.{6}/g, '$& ')],
  ])('may be typed %s', (_, text) => {
    expect(parseRecoveryKey(text)).toEqual(KEY);
  });

  test('with any one character mistyped is none', () => {
    for (const [at, character] of [...TEXT].entries()) {
      if (character === ' ') continue;
      const mistyped = TEXT.slice(0, at) + (character === '2' ? '3' : '2') + TEXT.slice(at + 1);
      expect(parseRecoveryKey(mistyped), mistyped).toBeUndefined();
    }
  });

  test.each([
    ['nothing', ''],
    ['a password', 'correct horse battery staple'],
    ['cut off', TEXT.slice(0, -4)],
    ['with more behind it', `${TEXT} abcd`],
    ['characters that are in no key', TEXT.replace(/.$/, '0')],
    ['another kind of key', `Es${'1'.repeat(46)}`],
  ])('%s is none', (_, text) => {
    expect(parseRecoveryKey(text)).toBeUndefined();
  });
});
