// Random transactions, the same at every run: memory and file stay equal.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IDBKeyRange } from 'fake-indexeddb';
import { expect, test } from 'vitest';
import { type CryptoStore, openCryptoStore } from './cryptoStore.ts';
import type { Database, Key, KeyRange, ObjectStore, Transaction } from './indexedDb.ts';
import { contents, ended, openDatabase } from './testDatabases.ts';

const ranges = IDBKeyRange as unknown as { lowerBound(lower: Key, open: boolean): KeyRange };

/** mulberry32: numbers from 0 to below `n`. */
function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((((t ^ (t >>> 14)) >>> 0) * n) / 2 ** 32) | 0;
  };
}

class World {
  readonly #random: (n: number) => number;
  readonly #path: string;
  store: CryptoStore;
  #database: Database | undefined;
  #version = 0;

  readonly faults: unknown[];

  private constructor(seed: number, path: string, store: CryptoStore, faults: unknown[]) {
    this.faults = faults;
    this.#random = generator(seed);
    this.#path = path;
    this.store = store;
  }

  static async open(seed: number, path: string): Promise<World> {
    const faults: unknown[] = [];
    return new World(seed, path, await openCryptoStore(path, (error) => faults.push(error)), faults);
  }

  async reopen(): Promise<void> {
    this.#database = undefined;
    this.store.close();
    this.store = await openCryptoStore(this.#path, (error) => this.faults.push(error));
  }

  /** A write transaction or, one time in eight, an upgrade; some abort. */
  async step(): Promise<string> {
    if (this.#version === 0 || this.#random(8) === 0) return this.#upgrade();
    const database = await this.#open();
    const names = [...database.objectStoreNames];
    if (names.length === 0) return 'nothing';
    const transaction = database.transaction(names, 'readwrite');
    const outcome = ended(transaction);
    for (let i = this.#random(9); i >= 0; i--) this.#change(transaction, names);
    if (this.#random(6) === 0) transaction.abort();
    return outcome;
  }

  async #open(): Promise<Database> {
    this.#database ??= await openDatabase(this.store, 'd', this.#version);
    return this.#database;
  }

  async #upgrade(): Promise<string> {
    this.#database?.close();
    this.#database = undefined;
    const opening = openDatabase(this.store, 'd', this.#version + 1, (database, transaction) => {
      for (let i = this.#random(4); i >= 0; i--) this.#reshape(database, transaction);
      if (this.#random(5) === 0) transaction.abort();
    });
    try {
      this.#database = await opening;
      this.#version += 1;
      return 'complete';
    } catch {
      return 'abort';
    }
  }

  #reshape(database: Database, transaction: Transaction): void {
    const name = `s${this.#random(3)}`;
    if (![...database.objectStoreNames].includes(name)) {
      this.#put(database.createObjectStore(name));
      return;
    }
    const store = transaction.objectStore(name);
    const index = `i${this.#random(2)}`;
    this.#put(store);
    if (this.#random(3) === 0) database.deleteObjectStore(name);
    else if ([...store.indexNames].includes(index)) store.deleteIndex(index);
    else store.createIndex(index, this.#random(2) ? 'a' : ['a', 'b'], { unique: this.#random(4) === 0 });
  }

  #change(transaction: Transaction, names: readonly string[]): void {
    const store = transaction.objectStore(names[this.#random(names.length)] ?? '');
    switch (this.#random(12)) {
      case 0:
        store.add(this.#value(), this.#key());
        break;
      case 1:
        store.delete(ranges.lowerBound(this.#key(), this.#random(2) === 0));
        break;
      case 2:
        if (this.#random(3) === 0) store.clear();
        break;
      case 3:
      case 4:
        store.delete(this.#key());
        break;
      case 5:
        this.#walk(store);
        break;
      default:
        this.#put(store);
    }
  }

  #walk(store: ObjectStore): void {
    const [index] = store.indexNames;
    const source = index === undefined ? store : store.index(index);
    const request = source.openCursor(null, this.#random(2) ? 'next' : 'prev');
    request.addEventListener('success', () => {
      const cursor = request.result;
      if (cursor === null) return;
      const what = this.#random(4);
      if (what === 0) cursor.delete();
      if (what === 1) cursor.update(this.#value());
      // Updating an index's order while iterating over it might not end.
      if (what !== 2) cursor.continue();
    });
  }

  #put(store: ObjectStore): void {
    store.put(this.#value(), this.#key());
  }

  #key(): Key {
    const n = this.#random(12);
    if (n < 6) return `k${n}`;
    return n < 9 ? n : [`k${n}`, n];
  }

  #value(): object {
    return { a: this.#random(9), b: `b${this.#random(9)}`, bytes: new Uint8Array(this.#random(40)) };
  }
}

test.each([1, 2, 3, 4])('random transactions survive re-opening (seed %i)', async (seed) => {
  const dir = mkdtempSync(join(tmpdir(), 'regbot-crypto-'));
  const world = await World.open(seed, join(dir, 'crypto.sqlite'));
  try {
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 8; i++) {
        const outcome = await world.step();
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      const before = await contents(world.store);
      await world.reopen();
      expect(await contents(world.store)).toEqual(before);
    }
    expect(world.faults).toEqual([]);
    // Both kinds were there, so that the comparison says something.
    expect(outcomes.get('complete')).toBeGreaterThan(20);
    expect(outcomes.get('abort')).toBeGreaterThan(5);
  } finally {
    world.store.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
