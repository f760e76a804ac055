import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IDBKeyRange } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CryptoStore, openCryptoStore } from './cryptoStore.ts';
import { type Cursor, type CursorRequest, done, type Key, type KeyRange } from './indexedDb.ts';
import { contents, ended, openDatabase, openPeople, write } from './testDatabases.ts';

const range = IDBKeyRange as unknown as { bound(lower: Key, upper: Key, openLower?: boolean): KeyRange };

let dir: string;
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
  store = await openCryptoStore(join(dir, 'crypto.sqlite'), (error) => faults.push(error));
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
    const database = await openPeople(store);
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
    const database = await openPeople(store);
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
    const database = await openPeople(store);
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
    const database = await openPeople(store);
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
    const database = await openPeople(store);
    await write(database, 'notes', ['a', 1]);
    const transaction = database.transaction('notes', 'readwrite');
    const failing = transaction.objectStore('notes').add(2, 'a');
    failing.addEventListener('error', (event) => (event as unknown as Event).preventDefault());
    transaction.objectStore('notes').put(2, 'b');
    expect(await ended(transaction)).toBe('complete');
    expect(await reopened()).toMatchObject({ d: { stores: { notes: { values: [1, 2] } } } });
  });

  test('a store that is cleared and filled again', async () => {
    const database = await openPeople(store);
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
    const database = await openPeople(store);
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
    const database = await openPeople(store);
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
    (await openPeople(store)).close();
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
    const database = await openPeople(store);
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
