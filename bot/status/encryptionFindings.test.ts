import { describe, expect, test } from 'vitest';
import { problem } from '../../common/problems/problem.ts';
import type { EncryptionStatus } from '../crypto/encryption.ts';
import { encryptionFindings } from './encryptionFindings.ts';
import { findingText } from './finding.ts';

const STATUS: EncryptionStatus = {
  deviceId: 'ABCDEFGHIJ',
  fingerprint: 'abcdefghijklmnopqrstuvwxyz0123456789+/ABCDE',
  recovery: 'none',
  problem: undefined,
  verifications: [],
};

describe('status says about encryption', () => {
  test('that it is off, and what follows from that', () => {
    const findings = encryptionFindings(undefined);
    expect(findings).toMatchObject([{ state: 'note', code: 'encryption_off' }]);
    expect(findings.map(findingText)[0]).toMatch(
      /bot\.encryption is false.*neither read nor write in encrypted rooms/,
    );
  });

  test('the device and its session key, in groups of four as clients show it', () => {
    const [found] = encryptionFindings(STATUS);
    expect(found).toMatchObject({ state: 'ok', code: 'encryption_on', about: 'Encryption' });
    expect(found && findingText(found)).toBe(
      'on. The bot’s device and its session key: ABCDEFGHIJ, abcd efgh ijkl mnop qrst uvwx yz01 2345 6789 +/AB CDE',
    );
  });

  test.each([
    // Advice, not a success.
    ['none', 'note', 'identity_own', /Set bot\.recovery_key/],
    ['stored', 'ok', 'identity_kept', /bot\.recovery_key brings the identity back/],
  ] as const)('that the device is signed (recovery: %s)', (recovery, state, code, text) => {
    const [, identity] = encryptionFindings({ ...STATUS, recovery });
    expect(identity).toMatchObject({ state, code });
    expect(identity && findingText(identity)).toMatch(text);
  });

  test('why it is not', () => {
    const foreign = problem('identity_foreign', { userId: '@bot:x', hasRecoveryKey: false });
    const [, identity] = encryptionFindings({ ...STATUS, problem: foreign });
    expect(identity).toMatchObject({
      state: 'problem',
      code: 'identity_foreign',
      problem: foreign,
    });
    expect(identity && findingText(identity)).toBe(foreign.sentence);
  });

  test('the emoji of every verification, with the name of who sees them', () => {
    const emoji = [
      { symbol: '🐶', name: 'Dog' },
      { symbol: '🔑', name: 'Key' },
    ];
    const shown = { userId: '@alice:x', deviceId: 'D', emoji, at: 0 };
    const other = { ...shown, userId: '@bob:x' };
    const findings = encryptionFindings({ ...STATUS, verifications: [shown, other] });
    expect(findings.slice(2).map(({ state, code, detail }) => [state, code, detail])).toEqual([
      ['note', 'verification', '@alice:x: 🐶 Dog, 🔑 Key'],
      ['note', 'verification', '@bob:x: 🐶 Dog, 🔑 Key'],
    ]);
  });
});
