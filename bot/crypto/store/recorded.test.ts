import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { IDBKeyRange } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CryptoStore, loadCryptoStore } from './cryptoStore.ts';
import { openCryptoFile } from './file.ts';
import {
  type Cursor,
  type CursorRequest,
  type Database,
  done,
  type Key,
  type KeyRange,
} from './indexedDb.ts';
import { contents, ended, openDatabase, write } from './testDatabases.ts';

const range = IDBKeyRange as unknown as { bound(lower: Key, upper: Key, openLower?: boolean): KeyRange };

let dir: string;
let db: DatabaseSync;
let store: CryptoStore;
let faults: unknown[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'regbot-crypto-'));
  faults = [];
  await open();
});

afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function open(): Promise<void> {
  db = openCryptoFile(join(dir, 'crypto.sqlite'));
  store = await loadCryptoStore(db, (error) => faults.push(error));
}

/** What is in memory now must be what is loaded. Returns that. */
async function reopened(): Promise<object> {
  const before = await contents(store);
  store.close();
  await open();
  expect(await contents(store)).toEqual(before);
  expect(faults).toEqual([]);
  return before;
}

function people(): Promise<Database> {
  return openDatabase(store, 'd', 1, (database) => {
    const made = database.createObjectStore('people');
    made.createIndex('town', 'town');
    made.createIndex('mail', ['mail', 'town'], { unique: true });
    made.createIndex('tags', 'tags', { multiEntry: true });
    database.createObjectStore('notes');
  });
}

const ANN = { town: 'Ulm', mail: 'ann', tags: ['a', 'b'] };
const BEN = { town: 'Ulm', mail: 'ben', tags: ['b'] };

async function eachOf(request: CursorRequest, work: (cursor: Cursor) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    request.addEventListener('success', () => {
      if (request.result === null) return resolve();
      work(request.result);
      request.result.continue();
    });
  });
}

describe('a re-opened store has', () => {
  test('its databases, object stores, indexes and records', async () => {
    const database = await people();
    await write(database, 'people', ['ann', ANN], ['ben', BEN]);
    await write(database, 'notes', ['1', 'one'], [1, 'number one'], [['a', [2]], 'list'], ['\u0000ü', null]);
    await openDatabase(store, 'empty', 7);
    const after = await reopened();
    expect(after).toMatchObject({
      d: { version: 1, stores: { people: { values: [ANN, BEN], indexes: { tags: { multiEntry: true } } } } },
      empty: { version: 7, stores: {} },
    });
    expect(after).toMatchObject({ d: { stores: { notes: { keys: [1, '\u0000ü', '1', ['a', [2]]] } } } });
  });

  test('values of every kind, as they were when they were put', async () => {
    const database = await people();
    const bytes = new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4);
    const value = { bytes, map: new Map([['k', new Set([1])]]), at: new Date(5), big: 2n ** 70n };
    const transaction = database.transaction('notes', 'readwrite');
    transaction.objectStore('notes').put(value, 'x');
    value.at = new Date(6);
    await ended(transaction);
    const after = await reopened();
    const kept = { ...value, bytes: new Uint8Array([1, 2, 3]), at: new Date(5) };
    expect(after).toMatchObject({ d: { stores: { notes: { values: [kept] } } } });
  });

  test('what was replaced, and not what was deleted', async () => {
    const database = await people();
    await write(database, 'notes', ['a', 1], ['b', 1], ['c', 1], ['d', 1], ['e', 1], ['f', 1]);
    const transaction = database.transaction(['notes', 'people'], 'readwrite');
    const notes = transaction.objectStore('notes');
    notes.put(2, 'a');
    notes.delete('b');
    notes.put(2, 'cc');
    notes.delete(range.bound('c', 'd'));
    notes.put(3, 'd');
    notes.add(4, 'x');
    transaction.objectStore('people').clear();
    await ended(transaction);
    expect(await reopened()).toMatchObject({
      d: { stores: { notes: { keys: ['a', 'd', 'e', 'f', 'x'], values: [2, 3, 1, 1, 4] } } },
    });
  });

  test('what was changed through cursors, on stores and on indexes', async () => {
    const database = await people();
    await write(database, 'notes', ['a', 1], ['b', 2], ['c', 3]);
    await write(
      database,
      'people',
      ['ann', ANN],
      ['ben', BEN],
      ['cem', { ...BEN, mail: 'cem', town: 'Bonn' }],
    );
    const transaction = database.transaction(['notes', 'people'], 'readwrite');
    await eachOf(transaction.objectStore('notes').openCursor(), (cursor) => {
      if (cursor.key === 'b') cursor.delete();
      else cursor.update(`was ${cursor.value}`);
    });
    await eachOf(transaction.objectStore('people').index('town').openCursor('Ulm'), (cursor) => {
      if (cursor.primaryKey === 'ann') cursor.delete();
      else cursor.update({ ...BEN, town: 'Köln' });
    });
    await ended(transaction);
    expect(await reopened()).toMatchObject({
      d: {
        stores: {
          notes: { keys: ['a', 'c'], values: ['was 1', 'was 3'] },
          people: { keys: ['ben', 'cem'], values: [{ town: 'Köln' }, { town: 'Bonn' }] },
        },
      },
    });
  });

  test('nothing of a request that failed in a transaction that went on', async () => {
    const database = await people();
    await write(database, 'notes', ['a', 1]);
    const transaction = database.transaction('notes', 'readwrite');
    const failing = transaction.objectStore('notes').add(2, 'a');
    failing.addEventListener('error', (event) => (event as unknown as Event).preventDefault());
    transaction.objectStore('notes').put(2, 'b');
    expect(await ended(transaction)).toBe('complete');
    expect(await reopened()).toMatchObject({ d: { stores: { notes: { values: [1, 2] } } } });
  });

  test('a store that is cleared and filled again', async () => {
    const database = await people();
    await write(database, 'notes', ['a', 1]);
    const transaction = database.transaction('notes', 'readwrite');
    const notes = transaction.objectStore('notes');
    notes.put(2, 'b');
    notes.clear();
    notes.put(3, 'c');
    await ended(transaction);
    expect(await reopened()).toMatchObject({ d: { stores: { notes: { keys: ['c'] } } } });
  });

  test('its stores and indexes as the last upgrade left them', async () => {
    const database = await people();
    await write(database, 'people', ['ann', ANN]);
    await write(database, 'notes', ['a', 1]);
    database.close();
    const upgraded = await openDatabase(store, 'd', 2, (to, transaction) => {
      const stored = transaction.objectStore('people');
      stored.deleteIndex('town');
      stored.createIndex('mail2', 'mail');
      // This one is still under way when its store goes: it belongs to the old store.
      transaction.objectStore('notes').put('old', 'late');
      to.deleteObjectStore('notes');
      to.createObjectStore('notes').put('new', 'b');
      to.createObjectStore('passing').put(1, 'gone');
      to.deleteObjectStore('passing');
    });
    await write(upgraded, 'notes', ['c', 1]);
    expect(await reopened()).toMatchObject({
      d: {
        version: 2,
        stores: { notes: { keys: ['b', 'c'] }, people: { indexes: { mail2: { keys: ['ann'] } } } },
      },
    });
  });
});

describe('an aborted transaction leaves nothing', () => {
  test('whoever aborts it', async () => {
    const database = await people();
    await write(database, 'notes', ['a', 1]);
    const before = await contents(store);
    const aborted = database.transaction('notes', 'readwrite');
    await done(aborted.objectStore('notes').put(2, 'a'));
    await done(aborted.objectStore('notes').put(2, 'b'));
    aborted.abort();
    expect(await ended(aborted)).toBe('abort');
    const failed = database.transaction('notes', 'readwrite');
    failed.objectStore('notes').put(3, 'c');
    failed.objectStore('notes').add(3, 'a');
    expect(await ended(failed)).toBe('abort');
    expect(await reopened()).toEqual(before);
  });

  test('neither does an upgrade', async () => {
    (await people()).close();
    const before = await contents(store);
    const upgrade = openDatabase(store, 'd', 2, (database) => {
      database.createObjectStore('more').put(1, 'a');
      database.deleteObjectStore('people');
      throw new Error('no');
    });
    await expect(upgrade).rejects.toMatchObject({ name: 'AbortError' });
    store.close();
    await open();
    expect(await contents(store)).toEqual(before);
  });
});

describe('what can’t be kept is refused:', () => {
  test.each([
    ['a date', new Date(1), 'Date'],
    ['bytes', new Uint8Array(2), 'Uint8Array'],
    ['infinity', Infinity, 'Number'],
    ['a list with such a key', ['a', [new Date(1)]], 'Array'],
    ['no key', undefined, 'Undefined'],
  ])('%s as a key', async (_, key, type) => {
    const database = await people();
    const transaction = database.transaction('notes', 'readwrite');
    const put = () => transaction.objectStore('notes').put(1, key as Key);
    expect(put).toThrow(`this one is: ${type}`);
    await ended(transaction);
    expect(await reopened()).toMatchObject({ d: { stores: { notes: { keys: [] } } } });
  });

  test('key paths, made-up keys, new names, the deletion of a database', async () => {
    await openDatabase(store, 'd', 1, (database) => {
      expect(() => database.createObjectStore('a', { keyPath: 'id' })).toThrow('does not support');
      expect(() => database.createObjectStore('a', { autoIncrement: true })).toThrow('does not support');
      const made = database.createObjectStore('a');
      const index = made.createIndex('i', 'x');
      expect(() => Object.assign(made, { name: 'b' })).toThrow('does not support');
      expect(() => Object.assign(index, { name: 'b' })).toThrow('does not support');
    });
    await store.withIndexedDb(async () => {
      const { indexedDB } = globalThis as unknown as { indexedDB: { deleteDatabase(name: string): void } };
      expect(() => indexedDB.deleteDatabase('d')).toThrow('does not support');
    });
    expect(await reopened()).toMatchObject({ d: { stores: { a: { indexes: { i: {} } } } } });
  });
});

describe('a transaction that completes', () => {
  const count = () => Number(db.prepare('SELECT count(*) AS n FROM records').get()?.n);

  test('is in the file before its consumer hears of it', async () => {
    const database = await people();
    const transaction = database.transaction('notes', 'readwrite');
    const seen: unknown[] = [];
    const look = (who: string) => () => seen.push([who, count(), db.isTransaction]);
    transaction.addEventListener('complete', look('listener'));
    Object.assign(transaction, { oncomplete: look('property') });
    transaction.objectStore('notes').put(1, 'a');
    const second = transaction.objectStore('notes').put(1, 'b');
    second.addEventListener('success', () => seen.push(['not yet', count()]));
    await ended(transaction);
    expect(seen).toEqual([
      ['not yet', 0],
      ['listener', 2, false],
      ['property', 2, false],
    ]);
  });

  test('does so for an upgrade as well', async () => {
    const seen: number[] = [];
    await openDatabase(store, 'd', 1, (database, transaction) => {
      transaction.addEventListener('complete', () => seen.push(count()));
      database.createObjectStore('a').put(1, 'x');
    });
    expect(seen).toEqual([1]);
  });
});

describe('when the disk is full', () => {
  const big = 'x'.repeat(200_000);

  function fillDisk(): void {
    const pages = Number(db.prepare('PRAGMA page_count').get()?.page_count);
    db.exec(`PRAGMA max_page_count = ${pages + 1}`);
  }

  test('the transaction does not complete, the owner is told once, and nothing is written any more', async () => {
    const database = await people();
    await write(database, 'notes', ['a', 1]);
    const before = await contents(store);
    fillDisk();
    const transaction = database.transaction('notes', 'readwrite');
    transaction.objectStore('notes').put(big, 'a');
    expect(await ended(transaction)).toBe('abort');
    expect(transaction.error).toMatchObject({ name: 'QuotaExceededError' });
    expect(faults).toEqual([expect.objectContaining({ message: 'database or disk is full' })]);
    // In memory as in the file.
    expect(await contents(store)).toEqual(before);

    db.exec('PRAGMA max_page_count = 100000');
    await expect(write(database, 'notes', ['b', 1])).rejects.toThrow('abort');
    expect(faults).toHaveLength(1);
    store.close();
    await open();
    expect(await contents(store)).toEqual(before);
  });

  test('an upgrade fails, and its database is not opened', async () => {
    fillDisk();
    const upgrade = openDatabase(store, 'd', 1, (database) => database.createObjectStore('a').put(big, 'x'));
    await expect(upgrade).rejects.toMatchObject({ name: 'AbortError' });
    expect(faults).toHaveLength(1);
    store.close();
    await open();
    expect(store.isNew).toBe(true);
  });
});
