// For tests: databases of a crypto store, opened and read out whole.
import type { CryptoStore } from './cryptoStore.ts';
import { type Database, done, type Factory, type Key, type Transaction } from './indexedDb.ts';

function globalFactory(): Factory {
  return (globalThis as unknown as { indexedDB: Factory }).indexedDB;
}

/** `upgrade` runs if the version is new. Rejects if it is aborted. */
export function openDatabase(
  store: CryptoStore,
  name: string,
  version: number,
  upgrade: (database: Database, transaction: Transaction) => void = () => undefined,
): Promise<Database> {
  return store.withIndexedDb(() => {
    const request = globalFactory().open(name, version);
    request.addEventListener('upgradeneeded', () => {
      if (request.transaction !== null) upgrade(request.result, request.transaction);
    });
    return done(request);
  });
}

/** The database `d`, with indexed `people` and plain `notes`. */
export function openPeople(store: CryptoStore): Promise<Database> {
  return openDatabase(store, 'd', 1, (database) => {
    const made = database.createObjectStore('people');
    made.createIndex('town', 'town');
    made.createIndex('mail', ['mail', 'town'], { unique: true });
    made.createIndex('tags', 'tags', { multiEntry: true });
    database.createObjectStore('notes');
  });
}

export function ended(transaction: Transaction): Promise<'complete' | 'abort'> {
  return new Promise((resolve) => {
    transaction.addEventListener('complete', () => resolve('complete'));
    transaction.addEventListener('abort', () => resolve('abort'));
  });
}

/** One write transaction that must complete. */
export async function write(
  database: Database,
  name: string,
  ...records: readonly (readonly [Key, unknown])[]
): Promise<void> {
  const transaction = database.transaction(name, 'readwrite');
  for (const [key, value] of records) transaction.objectStore(name).put(value, key);
  const outcome = await ended(transaction);
  if (outcome !== 'complete') throw new Error(`write: ${outcome}`);
}

/** Everything that can be seen of the store's databases. */
export function contents(store: CryptoStore): Promise<object> {
  return store.withIndexedDb(async () => {
    const factory = globalFactory();
    const result: Record<string, object> = {};
    for (const { name, version } of await factory.databases()) {
      const database = await done(factory.open(name));
      result[name] = { version, stores: await storesOf(database) };
      database.close();
    }
    return result;
  });
}

async function storesOf(database: Database): Promise<object> {
  const result: Record<string, object> = {};
  for (const name of database.objectStoreNames) {
    const store = database.transaction(name).objectStore(name);
    const indexes: Record<string, object> = {};
    for (const indexName of store.indexNames) {
      const { keyPath, unique, multiEntry } = store.index(indexName);
      const keys = await done(store.index(indexName).getAllKeys());
      indexes[indexName] = { keyPath, unique, multiEntry, keys };
    }
    result[name] = {
      keys: await done(store.getAllKeys()),
      values: await done(store.getAll()),
      indexes,
    };
  }
  return result;
}
