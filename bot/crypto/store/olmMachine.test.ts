// The real crypto code on the store: IndexedDB has what it needs, and every write survives a restart.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import {
  DecryptionSettings,
  DeviceId,
  DeviceLists,
  EncryptionSettings,
  type KeysUploadRequest,
  OlmMachine,
  RequestType,
  RoomId,
  StoreHandle,
  TrustRequirement,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCryptoFile } from './cryptoFile.ts';
import { type CryptoStore, loadCryptoStore } from './cryptoStore.ts';
import { KEPT } from './retention.ts';

const ROOM = '!room:x';
const ALICE = '@alice:x';
const BOB = '@bob:x';

interface Upload {
  device_keys: object;
  one_time_keys: Record<string, object>;
}

/** A device: its file, its machine, and what the homeserver would know of it. */
class Device {
  readonly faults: unknown[] = [];
  readonly userId: string;
  readonly #path: string;
  #db: DatabaseSync | undefined;
  #store: CryptoStore | undefined;
  #machine: OlmMachine | undefined;
  upload: Upload = { device_keys: {}, one_time_keys: {} };

  constructor(userId: string, path: string) {
    this.userId = userId;
    this.#path = path;
  }

  get machine(): OlmMachine {
    if (this.#machine === undefined) throw new Error('not open');
    return this.#machine;
  }

  get db(): DatabaseSync {
    if (this.#db === undefined) throw new Error('not open');
    return this.#db;
  }

  /** `generation`: the newest one of its file. */
  async open(generation?: number): Promise<void> {
    this.#db = openCryptoFile(this.#path);
    const meta = { get: () => generation?.toString(), set: () => undefined, delete: () => undefined };
    this.#store = await loadCryptoStore(this.#db, (error) => this.faults.push(error), { meta });
    const handle = await this.#store.withIndexedDb(() => StoreHandle.open('crypto', null));
    this.#machine = await OlmMachine.initFromStore(new UserId(this.userId), new DeviceId('D'), handle);
  }

  get store(): CryptoStore {
    if (this.#store === undefined) throw new Error('not open');
    return this.#store;
  }

  close(): void {
    this.#machine?.close();
    this.#store?.close();
    this.#machine = undefined;
  }

  async reopen(generation?: number): Promise<void> {
    this.close();
    await this.open(generation);
  }

  async uploadKeys(): Promise<void> {
    for (const request of await this.machine.outgoingRequests()) {
      if (request.type !== RequestType.KeysUpload) continue;
      const { id, body } = request as KeysUploadRequest;
      this.upload = JSON.parse(body) as Upload;
      const counts = { one_time_key_counts: { signed_curve25519: 50 } };
      await this.machine.markRequestAsSent(id ?? '', request.type, JSON.stringify(counts));
    }
  }

  /** Gets the other's keys, and an Olm session with it. */
  async meet(other: Device): Promise<void> {
    const { machine } = this;
    await machine.updateTrackedUsers([new UserId(other.userId)]);
    for (const { type, id } of await machine.outgoingRequests()) {
      if (type !== RequestType.KeysQuery) continue;
      const answer = { device_keys: { [other.userId]: { D: other.upload.device_keys } } };
      await machine.markRequestAsSent(id ?? '', type, JSON.stringify(answer));
    }
    const claim = await machine.getMissingSessions([new UserId(other.userId)]);
    if (claim === null) return;
    const [key] = Object.entries(other.upload.one_time_keys);
    const claimed = { one_time_keys: { [other.userId]: { D: Object.fromEntries(key ? [key] : []) } } };
    await machine.markRequestAsSent(claim.id, claim.type, JSON.stringify(claimed));
  }

  /** Gives the other the room's key. */
  async shareKey(other: Device): Promise<void> {
    const requests = await this.machine.shareRoomKey(
      new RoomId(ROOM),
      [new UserId(other.userId)],
      new EncryptionSettings(),
    );
    for (const { id, type, event_type, body } of requests) {
      const { messages } = JSON.parse(body) as { messages: Record<string, Record<string, object>> };
      const content = messages[other.userId]?.D;
      const event = { sender: this.userId, type: event_type, content };
      await other.machine.receiveSyncChanges(JSON.stringify([event]), new DeviceLists(), new Map());
      await this.machine.markRequestAsSent(id, type, '{}');
    }
  }

  /** Encrypts a text. Returns the event. */
  async encrypt(text: string): Promise<string> {
    const clear = JSON.stringify({ msgtype: 'm.text', body: text });
    const content = await this.machine.encryptRoomEvent(new RoomId(ROOM), 'm.room.message', clear);
    return JSON.stringify({
      type: 'm.room.encrypted',
      event_id: `$${text}`,
      sender: this.userId,
      origin_server_ts: 1,
      content: JSON.parse(content),
    });
  }

  async decrypt(event: string): Promise<string> {
    const settings = new DecryptionSettings(TrustRequirement.Untrusted);
    const decrypted = await this.machine.decryptRoomEvent(event, new RoomId(ROOM), settings);
    return (JSON.parse(decrypted.event) as { content: { body: string } }).content.body;
  }
}

let dir: string;
let alice: Device;
let bob: Device;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'regbot-crypto-'));
  alice = new Device(ALICE, join(dir, 'alice.sqlite'));
  bob = new Device(BOB, join(dir, 'bob.sqlite'));
  await Promise.all([alice.open(), bob.open()]);
});

afterEach(() => {
  alice.close();
  bob.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The part of a Megolm message that must never be the same for two messages: its number. */
function messageIndex(event: string): number {
  const { content } = JSON.parse(event) as { content: { ciphertext: string } };
  const bytes = Buffer.from(content.ciphertext, 'base64');
  // Version 3, then 0x08 and the index as a variable-length integer: below 128 it is one byte.
  if (bytes[0] !== 3 || bytes[1] !== 8) throw new Error('not a Megolm message');
  return bytes[2] ?? Number.NaN;
}

describe('an OlmMachine on the store', () => {
  test('keeps its identity and its sessions over re-opening', async () => {
    const identity = alice.machine.identityKeys.curve25519.toBase64();
    await bob.uploadKeys();
    await alice.uploadKeys();
    await alice.meet(bob);
    await alice.shareKey(bob);
    const first = await alice.encrypt('one');
    expect(await bob.decrypt(first)).toBe('one');

    await Promise.all([alice.reopen(), bob.reopen()]);
    expect(alice.machine.identityKeys.curve25519.toBase64()).toBe(identity);
    // No new room key: the share of before is known, and the ratchet goes on.
    await alice.shareKey(bob);
    const second = await alice.encrypt('two');
    expect([messageIndex(first), messageIndex(second)]).toEqual([0, 1]);
    expect(await bob.decrypt(second)).toBe('two');
    expect(await bob.decrypt(first)).toBe('one');
    expect(alice.faults).toEqual([]);
  });

  test('goes on when old room keys are deleted while it is in use', async () => {
    await Promise.all([alice.uploadKeys(), bob.uploadKeys()]);
    await alice.meet(bob);
    const events: string[] = [];
    const sessionIds: string[] = [];
    for (let n = 0; n < 2 * KEPT.roomKeysPerSender; n++) {
      await alice.machine.invalidateGroupSession(new RoomId(ROOM));
      await alice.shareKey(bob);
      const event = await alice.encrypt(`text ${n}`);
      events.push(event);
      sessionIds.push((JSON.parse(event) as { content: { session_id: string } }).content.session_id);
    }
    const now = Date.now();
    bob.store.noteRoomKeys(
      sessionIds.map((sessionId) => ({ roomId: ROOM, sessionId, sender: ALICE })),
      now,
    );
    const excess = async () => await bob.store.deleteExcess({ rooms: [ROOM], now: now + 86_400_000 });
    expect(await bob.decrypt(events[0] ?? '')).toBe('text 0');
    await excess();
    await expect(bob.decrypt(events[0] ?? '')).rejects.toBeDefined();
    const kept = events.slice(-KEPT.roomKeysPerSender + 1);
    for (const event of kept) expect(await bob.decrypt(event)).toContain('text');
    await alice.machine.invalidateGroupSession(new RoomId(ROOM));
    await alice.shareKey(bob);
    expect(await bob.decrypt(await alice.encrypt('new'))).toBe('new');
    await bob.reopen();
    expect(await bob.decrypt(await alice.encrypt('newer'))).toBe('newer');
    await expect(bob.decrypt(events[0] ?? '')).rejects.toBeDefined();
    expect(bob.faults).toEqual([]);
  });

  test('has no Olm sessions any more if its file is an older copy', async () => {
    const identity = alice.machine.identityKeys.ed25519.toBase64();
    await bob.uploadKeys();
    await alice.meet(bob);
    const missing = async () => (await alice.machine.getMissingSessions([new UserId(BOB)])) !== null;
    const { generation } = alice.store;
    await alice.reopen(generation);
    expect(await missing()).toBe(false);
    expect(alice.store.facts.get('olm_sessions')).toBeUndefined();

    await alice.reopen(generation + 1);
    expect(await missing()).toBe(true);
    expect(alice.store.facts.get('olm_sessions')).toBe('forgotten');
    expect(alice.machine.identityKeys.ed25519.toBase64()).toBe(identity);
    // No copy of between the two is taken for the newest.
    expect(alice.store.generation).toBeGreaterThan(generation + 1);
  });

  test('returns no message whose ratchet step is not on disk', async () => {
    await alice.machine.shareRoomKey(new RoomId(ROOM), [], new EncryptionSettings());
    const first = await alice.encrypt('one');
    const pages = Number(alice.db.prepare('PRAGMA page_count').get()?.page_count);
    alice.db.exec(`PRAGMA max_page_count = ${pages}`);
    const sent: string[] = [];
    const fill = async () => {
      // Rooms have keys of their own: each takes room in the file.
      for (let n = 0; n < 500; n++) {
        await alice.machine.shareRoomKey(new RoomId(`!${n}:x`), [], new EncryptionSettings());
      }
    };
    await expect(fill()).rejects.toBeDefined();
    expect(alice.faults).toHaveLength(1);
    await expect(alice.encrypt('never').then((event) => sent.push(event))).rejects.toBeDefined();
    expect(sent).toEqual([]);

    await alice.reopen();
    expect(messageIndex(await alice.encrypt('two'))).toBe(messageIndex(first) + 1);
  });
});
