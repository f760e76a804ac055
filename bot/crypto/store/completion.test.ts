// Which events a transaction fires, and when.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCryptoFile } from './cryptoFile.ts';
import { type CryptoStore, loadCryptoStore } from './cryptoStore.ts';
import { contents, ended, openDatabase, openPeople, write } from './testDatabases.ts';

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

describe('a transaction that completes', () => {
  const count = () => Number(db.prepare('SELECT count(*) AS n FROM records').get()?.n);

  test('is in the file before its consumer hears of it', async () => {
    const database = await openPeople(store);
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

  test('also covers an upgrade', async () => {
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

  test('the transaction does not complete, the fault is reported once, and nothing more is written', async () => {
    const database = await openPeople(store);
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
    expect(await contents(store)).toEqual({});
  });
});
