import { describe, expect, test } from 'vitest';
import { makeRecoveryKey, type RecoveryKey } from '../lib/recoveryKey.ts';
import { requestFailed } from '../matrix/errors.ts';
import { asObject, type Json } from '../matrix/json.ts';
import { decrypt, encrypt, SecretStorage } from './secretStorage.ts';

const SECRETS = { master: 'bWFzdGVy', self_signing: 'c2VsZg', user_signing: 'dXNlcg' };
const OTHERS = { master: 'b3RoZXI', self_signing: 'b25l', user_signing: 'dHdv' };

/** An account's data, as a homeserver keeps it. */
class Account {
  readonly userId = '@bot:x';
  readonly data = new Map<string, Json>();
  writes = 0;
  failing = false;

  async request(method: string, path: string, body?: unknown): Promise<unknown> {
    const type = decodeURIComponent(path.split('/').at(-1) ?? '');
    if (this.failing) throw requestFailed('http://x', { status: 502 });
    if (method === 'PUT') {
      this.writes++;
      this.data.set(type, asObject(body));
      return {};
    }
    const content = this.data.get(type);
    if (content === undefined)
      throw requestFailed('http://x', { status: 404, errcode: 'M_NOT_FOUND', error: 'Not found' });
    return content;
  }

  storage(key: RecoveryKey): SecretStorage {
    return new SecretStorage(this, key);
  }
}

describe('secrets', () => {
  const key = makeRecoveryKey();

  test('come back with their key and name, and with no other', () => {
    const stored = encrypt(key, 'm.a', 'secret');
    expect(decrypt(key, 'm.a', stored)?.toString()).toBe('secret');
    expect(decrypt(key, 'm.b', stored)).toBeUndefined();
    expect(decrypt(makeRecoveryKey(), 'm.a', stored)).toBeUndefined();
  });

  test('are never encrypted twice in the same way', () => {
    const [a, b] = [encrypt(key, 'm.a', 'secret'), encrypt(key, 'm.a', 'secret')];
    expect(a.iv).not.toBe(b.iv);
    expect(a.ciphertext).not.toBe(b.ciphertext);
  });

  test('that were changed on the homeserver are none', () => {
    const stored = encrypt(key, 'm.a', 'secret');
    for (const field of ['ciphertext', 'mac']) {
      const bytes = Buffer.from(String(stored[field]), 'base64');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      expect(decrypt(key, 'm.a', { ...stored, [field]: bytes.toString('base64') }), field).toBeUndefined();
      expect(decrypt(key, 'm.a', { ...stored, [field]: 7 }), field).toBeUndefined();
    }
    expect(decrypt(key, 'm.a', {})).toBeUndefined();
    expect(decrypt(key, 'm.a', { ...stored, iv: 'AAAA' })).toBeUndefined();
  });
});

describe('the secret storage', () => {
  test('is empty at first, is set up, and gives back what was put in', async () => {
    const account = new Account();
    const storage = account.storage(makeRecoveryKey());
    expect(await storage.read()).toBeUndefined();
    expect(account.writes).toBe(0);
    await storage.write(SECRETS, false);
    expect(await storage.read()).toEqual(SECRETS);
    const text = JSON.stringify([...account.data]);
    for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret);
  });

  test('is not written when it has everything already', async () => {
    const account = new Account();
    const key = makeRecoveryKey();
    await account.storage(key).write(SECRETS, false);
    const { writes } = account;
    await account.storage(key).write(SECRETS, false);
    expect(account.writes).toBe(writes);
  });

  test('names its key only when the secrets are in: what a crash leaves is begun anew', async () => {
    const account = new Account();
    const key = makeRecoveryKey();
    await account.storage(key).write(SECRETS, false);
    account.data.delete('m.secret_storage.default_key');
    account.data.delete('m.cross_signing.user_signing');
    expect(await account.storage(key).read()).toBeUndefined();
    await account.storage(key).write(SECRETS, false);
    expect(await account.storage(key).read()).toEqual(SECRETS);
  });

  test('without one of the secrets has none', async () => {
    const account = new Account();
    const storage = account.storage(makeRecoveryKey());
    await storage.write(SECRETS, false);
    account.data.delete('m.cross_signing.self_signing');
    expect(await storage.read()).toBeUndefined();
  });

  test('with emptied content, as clients delete it, counts as missing', async () => {
    const account = new Account();
    await account.storage(makeRecoveryKey()).write(SECRETS, false);
    for (const type of account.data.keys()) account.data.set(type, {});
    expect(await account.storage(makeRecoveryKey()).read()).toBeUndefined();
  });

  test('refuses another key, and stays as it is', async () => {
    const account = new Account();
    const key = makeRecoveryKey();
    await account.storage(key).write(SECRETS, false);
    const before = structuredClone(account.data);
    const stranger = account.storage(makeRecoveryKey());
    const refusal = { kind: 'recovery_key_refused', sentence: expect.stringMatching(/@bot:x.*leave/) };
    await expect(stranger.read()).rejects.toMatchObject(refusal);
    await expect(stranger.write(OTHERS, false)).rejects.toMatchObject(refusal);
    expect(account.data).toEqual(before);
  });

  test('is set up anew for another key if that is asked for', async () => {
    const account = new Account();
    await account.storage(makeRecoveryKey()).write(SECRETS, false);
    const key = makeRecoveryKey();
    await account.storage(key).write(OTHERS, true);
    expect(await account.storage(key).read()).toEqual(OTHERS);
  });

  test('keeps what other keys open', async () => {
    const account = new Account();
    const key = makeRecoveryKey();
    await account.storage(key).write(SECRETS, false);
    const other = { iv: 'a', ciphertext: 'b', mac: 'c' };
    const encrypted = asObject(account.data.get('m.cross_signing.master')?.encrypted);
    account.data.set('m.cross_signing.master', { encrypted: { ...encrypted, other } });
    await account.storage(key).write(OTHERS, false);
    expect(account.data.get('m.cross_signing.master')?.encrypted).toMatchObject({ other });
    expect(await account.storage(key).read()).toEqual(OTHERS);
  });

  test('reports a failure of the homeserver as one', async () => {
    const account = new Account();
    account.failing = true;
    const storage = account.storage(makeRecoveryKey());
    await expect(storage.read()).rejects.toMatchObject({ status: 502 });
    await expect(storage.write(SECRETS, false)).rejects.toMatchObject({ status: 502 });
  });
});

test('a key description with an invalid check is not opened by any key', async () => {
  const account = new Account();
  account.data.set('m.secret_storage.default_key', { key: 'k' });
  const algorithm = 'm.secret_storage.v1.aes-hmac-sha2';
  account.data.set('m.secret_storage.key.k', { algorithm, iv: 'AAAA', mac: 'AAAA' });
  await expect(account.storage(makeRecoveryKey()).read()).rejects.toMatchObject({
    kind: 'recovery_key_refused',
  });
});
