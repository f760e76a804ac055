// Secret storage in the account data, encrypted with the recovery key:
// https://spec.matrix.org/v1.16/client-server-api/#secret-storage (m.secret_storage.v1.aes-hmac-sha2)

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { problem } from '../../common/problems/problem.ts';
import type { RecoveryKey } from '../lib/recoveryKey.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { asObject, type Json } from '../matrix/json.ts';
import type { MatrixSession } from '../matrix/session.ts';

/** Private keys, unpadded base64. */
export interface CrossSigningSecrets {
  readonly master: string;
  readonly self_signing: string;
  readonly user_signing: string;
}

const NAMES = ['master', 'self_signing', 'user_signing'] as const;
const ALGORITHM = 'm.secret_storage.v1.aes-hmac-sha2';
const DEFAULT_KEY = 'm.secret_storage.default_key';
/** Plaintext of the check (`iv`, `mac`) in the key's description, by which a key is verified. */
const ZEROS = Buffer.alloc(32);
const IV_LENGTH = 16;

export class SecretStorage {
  readonly #session: Pick<MatrixSession, 'request' | 'userId'>;
  readonly #key: RecoveryKey;

  constructor(session: Pick<MatrixSession, 'request' | 'userId'>, key: RecoveryKey) {
    this.#session = session;
    this.#key = key;
  }

  /**
   * undefined: not all secrets are stored.
   * @throws RequestFailed; Problem `recovery_key_refused` if the account's storage has another key
   */
  async read(): Promise<CrossSigningSecrets | undefined> {
    const keyId = await this.#defaultKeyId();
    if (keyId === undefined) return undefined;
    const [master, self_signing, user_signing] = await Promise.all(
      NAMES.map((name) => this.#readSecret(name, keyId)),
    );
    if (master === undefined || self_signing === undefined || user_signing === undefined) return undefined;
    return { master, self_signing, user_signing };
  }

  /**
   * Stores missing or different secrets. Sets the storage up with a new key if the account has none, or if `anew`:
   * other secrets encrypted with the previous key are not migrated.
   * @throws RequestFailed; Problem `recovery_key_refused` if the account's storage has another key
   */
  async write(secrets: CrossSigningSecrets, anew: boolean): Promise<void> {
    const keyId = (anew ? undefined : await this.#defaultKeyId()) ?? (await this.#setUp());
    for (const name of NAMES) {
      if ((await this.#readSecret(name, keyId)) === secrets[name]) continue;
      const before = asObject((await this.#get(`m.cross_signing.${name}`))?.encrypted);
      const encrypted = { ...before, [keyId]: encrypt(this.#key, `m.cross_signing.${name}`, secrets[name]) };
      await this.#put(`m.cross_signing.${name}`, { encrypted });
    }
    if ((await this.#get(DEFAULT_KEY))?.key !== keyId) await this.#put(DEFAULT_KEY, { key: keyId });
  }

  /** The ID of the account's default key; undefined: it has none. */
  async #defaultKeyId(): Promise<string | undefined> {
    const keyId = (await this.#get(DEFAULT_KEY))?.key;
    if (typeof keyId !== 'string') return undefined;
    const description = await this.#get(`m.secret_storage.key.${keyId}`);
    if (description === undefined) return undefined;
    if (opens(this.#key, description)) return keyId;
    throw problem('recovery_key_refused', { userId: this.#session.userId });
  }

  async #setUp(): Promise<string> {
    const keyId = randomBytes(16).toString('hex');
    const { iv, mac } = encrypt(this.#key, '', ZEROS);
    await this.#put(`m.secret_storage.key.${keyId}`, { algorithm: ALGORITHM, iv, mac });
    return keyId;
  }

  async #readSecret(name: (typeof NAMES)[number], keyId: string): Promise<string | undefined> {
    const type = `m.cross_signing.${name}`;
    const encrypted = asObject(asObject((await this.#get(type))?.encrypted)[keyId]);
    return decrypt(this.#key, type, encrypted)?.toString('utf8');
  }

  async #get(type: string): Promise<Json | undefined> {
    try {
      const content = asObject(await this.#session.request('GET', this.#path(type)));
      // Account data can't be deleted, only set to an empty object.
      return Object.keys(content).length === 0 ? undefined : content;
    } catch (error) {
      if (error instanceof RequestFailed && error.status === 404 && error.errcode === 'M_NOT_FOUND')
        return undefined;
      throw error;
    }
  }

  async #put(type: string, content: Json): Promise<void> {
    await this.#session.request('PUT', this.#path(type), content);
  }

  #path(type: string): string {
    return `/_matrix/client/v3/user/${encodeURIComponent(this.#session.userId)}/account_data/${encodeURIComponent(type)}`;
  }
}

interface Encrypted extends Json {
  readonly iv: string;
  readonly ciphertext: string;
  readonly mac: string;
}

/** @param name of the secret: the AES and HMAC keys are derived per name */
export function encrypt(key: RecoveryKey, name: string, secret: string | Buffer): Encrypted {
  return encryptWith(key, name, secret, freshIv());
}

/** undefined: the key is the wrong one, or the stored data was modified. */
export function decrypt(key: RecoveryKey, name: string, encrypted: Json): Buffer | undefined {
  const { iv, ciphertext, mac } = encrypted;
  if (typeof iv !== 'string' || typeof ciphertext !== 'string' || typeof mac !== 'string') return undefined;
  const { aes, hmac } = derive(key, name);
  const bytes = Buffer.from(ciphertext, 'base64');
  if (!isSame(Buffer.from(mac, 'base64'), createHmac('sha256', hmac).update(bytes).digest()))
    return undefined;
  const counter = Buffer.from(iv, 'base64');
  // The MAC covers only the ciphertext, not the IV.
  if (counter.length !== IV_LENGTH) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', aes, counter);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}

/** Whether the key matches a description (`m.secret_storage.key.…`). One without `iv` and `mac` matches any key. */
function opens(key: RecoveryKey, { algorithm, iv, mac }: Json): boolean {
  if (algorithm !== ALGORITHM) return false;
  if (typeof iv !== 'string' || typeof mac !== 'string') return true;
  const bytes = Buffer.from(iv, 'base64');
  if (bytes.length !== IV_LENGTH) return false;
  const expected = encryptWith(key, '', ZEROS, bytes).mac;
  return isSame(Buffer.from(mac, 'base64'), Buffer.from(expected, 'base64'));
}

function encryptWith(key: RecoveryKey, name: string, secret: string | Buffer, iv: Buffer): Encrypted {
  const { aes, hmac } = derive(key, name);
  const cipher = createCipheriv('aes-256-ctr', aes, iv);
  const bytes = Buffer.concat([cipher.update(secret), cipher.final()]);
  return {
    iv: iv.toString('base64'),
    ciphertext: bytes.toString('base64'),
    mac: createHmac('sha256', hmac).update(bytes).digest('base64'),
  };
}

/** Bit 63 is 0, as the specification requires for implementations with a 64-bit counter. */
function freshIv(): Buffer {
  const iv = randomBytes(IV_LENGTH);
  iv[8] = (iv[8] ?? 0) & 0x7f;
  return iv;
}

function derive(key: RecoveryKey, name: string): { aes: Buffer; hmac: Buffer } {
  const bytes = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(32), name, 64));
  return { aes: bytes.subarray(0, 32), hmac: bytes.subarray(32) };
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
