// Recovery keys as people see them: https://spec.matrix.org/v1.16/appendices/#cryptographic-key-representation
import { randomBytes } from 'node:crypto';
import bs58 from 'bs58';

/** The 32 bytes that open the account's secret storage. */
export type RecoveryKey = Buffer;

const PREFIX = [0x8b, 0x01];
const LENGTH = 32;

export function makeRecoveryKey(): RecoveryKey {
  return randomBytes(LENGTH);
}

/** In groups of four characters. */
export function formatRecoveryKey(key: RecoveryKey): string {
  const bytes = [...PREFIX, ...key];
  const text = bs58.encode(Uint8Array.from([...bytes, parity(bytes)]));
  return text.replace(/.{4}(?=.)/g, '$& ');
}

/** undefined: it is none, or has a typing error. */
export function parseRecoveryKey(text: string): RecoveryKey | undefined {
  const bytes = bs58.decodeUnsafe(text.replace(/\s/g, ''));
  if (bytes === undefined || bytes.length !== PREFIX.length + LENGTH + 1) return undefined;
  if (bytes[0] !== PREFIX[0] || bytes[1] !== PREFIX[1] || parity(bytes) !== 0) return undefined;
  return Buffer.from(bytes.subarray(PREFIX.length, -1));
}

function parity(bytes: Iterable<number>): number {
  let sum = 0;
  for (const byte of bytes) sum ^= byte;
  return sum;
}
