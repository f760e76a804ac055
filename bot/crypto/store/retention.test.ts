// What is deleted of what others sent, and what is kept.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { serialize } from 'node:v8';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCryptoFile } from './cryptoFile.ts';
import { type CryptoStore, loadCryptoStore } from './cryptoStore.ts';
import { type Database, done } from './indexedDb.ts';
import { KEPT, type RoomKey } from './retention.ts';
import { openDatabase, write } from './testDatabases.ts';

const DATABASE = 'DEVICE::matrix-sdk-crypto';
const INBOUND = 'inbound_group_sessions3';
const STORES = [INBOUND, 'outbound_group_sessions', 'session', 'olm_hashes', 'devices'];
const DAY_MS = 86_400_000;
const HERE = '!here:x';
const ELSEWHERE = '!elsewhere:x';

let dir: string;
let db: DatabaseSync;
let store: CryptoStore;
let database: Database;
let rooms: string[] | undefined;
let now: number;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'regbot-retention-'));
  rooms = [HERE];
  now = 1_000 * DAY_MS;
  await open();
});

afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function open(): Promise<void> {
  db = openCryptoFile(join(dir, 'crypto.sqlite'));
  store = await loadCryptoStore(
    db,
    (error) => {
      throw error;
    },
    { rooms, clock: () => now },
  );
  database = await openDatabase(store, DATABASE, 1, (made) => {
    for (const name of STORES) made.createObjectStore(name);
  });
}

async function reopen(): Promise<void> {
  store.close();
  await open();
}

/** Deletes the excess of a store in use, and expects the file to say the same as memory. */
async function tidy(): Promise<void> {
  await store.deleteExcess({ rooms, now });
  const inFile = db.prepare(
    'SELECT key FROM records WHERE store = (SELECT id FROM stores WHERE name = ?) ORDER BY key',
  );
  for (const name of STORES) {
    const keys = inFile.all(name).map(({ key }) => JSON.parse(String(key)));
    expect(keys.sort()).toEqual((await kept(name)).sort());
  }
}

const roomKey = (roomId: string, sessionId: string) => `${roomId}\u001d${sessionId}`;

/** Room keys that were received now, each for its room. */
async function receiveKeys(keys: readonly RoomKey[]): Promise<void> {
  await write(
    database,
    INBOUND,
    ...keys.map(({ roomId, sessionId }) => [roomKey(roomId, sessionId), {}] as const),
  );
  store.noteRoomKeys(keys, now);
}

async function receive(roomId: string, sender: string, ...sessionIds: string[]): Promise<void> {
  await receiveKeys(sessionIds.map((sessionId) => ({ roomId, sessionId, sender })));
}

const numbered = (name: string, count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => `${name}${String(index + from).padStart(6, '0')}`);

/** The keys in an object store, in memory; of room keys, without the room. */
async function kept(name: string, roomId = ''): Promise<string[]> {
  const keys = (await done(database.transaction(name).objectStore(name).getAllKeys())) as string[];
  return keys
    .filter((key) => roomId === '' || key.startsWith(`${roomId}\u001d`))
    .map((key) => (roomId === '' ? key : (key.split('\u001d')[1] ?? '')));
}

/** Writes many records into the file at once; they are loaded at the next start. */
function fill(name: string, keys: readonly string[], value: unknown = { n: 1 }): void {
  const insert = db.prepare(
    'INSERT INTO records (store, key, value) SELECT id, ?, ? FROM stores WHERE name = ?',
  );
  db.exec('BEGIN');
  for (const key of keys) insert.run(JSON.stringify(key), serialize(value), name);
  db.exec('COMMIT');
}

// At the start the file is changed before it is read, while running the databases are.
describe.each([
  ['at the start', reopen],
  ['while in use', tidy],
])('%s', (when, clean) => {
  test('keys of rooms that the bot is not in are kept for a week, the newest of them', async () => {
    await receive(ELSEWHERE, '@mallory:x', 'early');
    now += 3 * DAY_MS;
    await receive(ELSEWHERE, '@mallory:x', 'late');
    await receive(HERE, '@alice:x', 'here');
    await clean();
    expect(await kept(INBOUND, ELSEWHERE)).toEqual(['early', 'late']);
    now += 4 * DAY_MS;
    await clean();
    expect(await kept(INBOUND, ELSEWHERE)).toEqual(['late']);
    rooms = [HERE, ELSEWHERE];
    now += 4 * DAY_MS;
    await clean();
    expect(await kept(INBOUND, ELSEWHERE)).toEqual(['late']);
    expect(await kept(INBOUND, HERE)).toEqual(['here']);
  });

  test('of rooms that the bot is not in, only the newest 500 keys are kept, however many rooms', async () => {
    await receive(HERE, '@alice:x', 'here');
    const flood = numbered('flood', 700).map((sessionId, index) => ({
      roomId: `!nowhere${index}:x`,
      sessionId,
      sender: `@mallory${index % 7}:x`,
    }));
    for (const half of [flood.slice(0, 350), flood.slice(350)]) {
      await receiveKeys(half);
      now += 1;
    }
    await clean();
    const left = await kept(INBOUND);
    expect(left).toHaveLength(1 + KEPT.foreignRoomKeys);
    expect(left).toContain(roomKey(HERE, 'here'));
    expect(left).toContain(roomKey('!nowhere699:x', 'flood000700'));
    expect(left).not.toContain(roomKey('!nowhere199:x', 'flood000200'));
  });

  test('for rooms that the bot is not in, nobody pushes out the keys of others', async () => {
    await receive('!soon:x', '@new:x', 'new');
    const flood = numbered('flood', 700).map((sessionId, index) => ({
      roomId: `!nowhere${index}:x`,
      sessionId,
      sender: '@mallory:x',
    }));
    await receiveKeys(flood);
    await clean();
    expect(await kept(INBOUND)).toHaveLength(KEPT.foreignRoomKeys);
    expect(await kept(INBOUND, '!soon:x')).toEqual(['new']);
  });

  test('one who sends many keys for a room pushes out only their own, and none of the last day', async () => {
    await receive(HERE, '@alice:x', 'alice');
    await receive(HERE, '@mallory:x', ...numbered('old', 30));
    now += DAY_MS;
    await clean();
    expect(await kept(INBOUND, HERE)).toEqual(['alice', ...numbered('old', 20, 11)]);
    await receive(HERE, '@mallory:x', ...numbered('today', 50));
    await clean();
    expect(await kept(INBOUND, HERE)).toEqual(['alice', ...numbered('today', 50)]);
  });

  test('after 30 days the three latest keys of each sender and room are kept', async () => {
    await receive(HERE, '@alice:x', ...numbered('alice', 5));
    now += 20 * DAY_MS;
    await receive(HERE, '@bob:x', ...numbered('bob', 5));
    now += 10 * DAY_MS;
    await clean();
    expect(await kept(INBOUND, HERE)).toEqual([...numbered('alice', 3, 3), ...numbered('bob', 5)]);
  });

  test('a key whose sender is not known counts as received when it is first seen', async () => {
    await write(database, INBOUND, ...numbered('own', 120).map((id) => [roomKey(HERE, id), {}] as const));
    await clean();
    expect(await kept(INBOUND, HERE)).toHaveLength(120);
    now += DAY_MS;
    await clean();
    expect(await kept(INBOUND, HERE)).toEqual(numbered('own', KEPT.roomKeysUnattributed, 21));
  });

  test('with each device the Olm sessions that were used last are kept', async () => {
    const session = (device: string, id: string) => `${device}\u001d${id}`;
    for (const id of numbered('s', 8)) await write(database, 'session', [session('A', id), {}]);
    await write(database, 'session', [session('B', 'only'), {}]);
    await write(database, 'session', [session('A', 's000001'), { used: true }]);
    await clean();
    const ofA = ['s000001', ...numbered('s', 4, 5)].map((id) => session('A', id));
    expect(await kept('session')).toEqual([...ofA, session('B', 'only')]);
  });

  test('the last hashes of Olm messages are kept', async () => {
    const hashes = numbered('hash', 2_300);
    await write(database, 'olm_hashes', ...hashes.map((key) => [key, true] as const));
    await clean();
    expect(await kept('olm_hashes')).toEqual(hashes.slice(300));
  });

  test('the bot’s own session of a room that it left is deleted at the start', async () => {
    await write(database, 'outbound_group_sessions', [HERE, {}], [ELSEWHERE, {}]);
    await clean();
    // While in use the machine has it in memory, and would write it again.
    expect(await kept('outbound_group_sessions')).toEqual(
      when === 'at the start' ? [HERE] : [ELSEWHERE, HERE],
    );
  });
});

test('before the bot knows its rooms, none counts as one that it is not in', async () => {
  await receive(ELSEWHERE, '@alice:x', 'one', 'two');
  await write(database, 'outbound_group_sessions', [ELSEWHERE, {}]);
  now += 20 * DAY_MS;
  rooms = undefined;
  await reopen();
  expect(await kept(INBOUND, ELSEWHERE)).toEqual(['one', 'two']);
  expect(await kept('outbound_group_sessions')).toEqual([ELSEWHERE]);
  rooms = [];
  await reopen();
  expect(await kept(INBOUND)).toEqual([]);
  expect(await kept('outbound_group_sessions')).toEqual([]);
});

test('of more keys than are kept in all, the oldest of who has most go', async () => {
  await receive(HERE, '@alice:x', 'alice');
  now += 1;
  fill(
    INBOUND,
    numbered('k', KEPT.roomKeys).map((id) => roomKey(HERE, id)),
  );
  now += 1;
  await reopen();
  expect(await kept(INBOUND, HERE)).toHaveLength(KEPT.roomKeys);
  await receive(HERE, '@alice:x', 'new');
  await reopen();
  const left = await kept(INBOUND, HERE);
  expect(left).toHaveLength(KEPT.roomKeys);
  expect(left).toContain('new');
  expect(left).toContain('alice');
  expect(left).not.toContain('k000001');
  expect(left).not.toContain('k000002');
});

test('of more Olm sessions than are kept in all, those with devices of people in the bot’s rooms stay', async () => {
  const device = { device_keys: { keys: { 'curve25519:D': 'alice', 'ed25519:D': 'x' } } };
  await write(database, 'devices', [
    '@alice:x\u001dD',
    Buffer.from(JSON.stringify(device)).toString('base64'),
  ]);
  await write(database, 'session', ['alice\u001done', {}], ['stranger\u001done', {}]);
  fill(
    'session',
    numbered('d', KEPT.olmSessions).map((id) => `${id}\u001ds`),
  );
  await reopen();
  const left = await kept('session');
  expect(left).toHaveLength(KEPT.olmSessions);
  expect(left).toContain('alice\u001done');
  expect(left).not.toContain('stranger\u001done');
  expect(left).not.toContain('d000001\u001ds');
});

test('a file from before senders were recorded is taken over', async () => {
  await write(database, INBOUND, [roomKey(HERE, 'one'), { n: 1 }], [roomKey(ELSEWHERE, 'two'), { n: 2 }]);
  store.close();
  const old = new DatabaseSync(join(dir, 'crypto.sqlite'));
  old.exec('DROP TABLE room_keys; PRAGMA user_version = 1');
  old.close();
  await open();
  expect(await kept(INBOUND)).toEqual([roomKey(ELSEWHERE, 'two'), roomKey(HERE, 'one')]);
  now += 8 * DAY_MS;
  await reopen();
  expect(await kept(INBOUND)).toEqual([roomKey(HERE, 'one')]);
});

test('senders of deleted keys are forgotten', async () => {
  await receive(ELSEWHERE, '@mallory:x', 'one');
  await receive(HERE, '@alice:x', 'two');
  now += 8 * DAY_MS;
  await reopen();
  expect(db.prepare('SELECT sender FROM room_keys').all()).toEqual([{ sender: '@alice:x' }]);
});
