// Types for the part of IndexedDB that the crypto code uses: TypeScript has them only as part of its DOM library. The
// classes are those of fake-indexeddb, which keeps databases in memory.
import * as fake from 'fake-indexeddb';

export type Key = string | number | readonly Key[];

export interface DbEvent {
  readonly type: string;
}

interface DbEventTarget {
  addEventListener(type: string, listener: (event: DbEvent) => void): void;
  dispatchEvent(event: DbEvent): boolean;
}

export interface DbRequest<T> extends DbEventTarget {
  readonly result: T;
  readonly error: Error | null;
  readonly transaction: Transaction | null;
}

export interface KeyRange {
  includes(key: Key): boolean;
}

/** null: no more records. */
export type CursorRequest = DbRequest<Cursor | null>;
export type CursorDirection = 'next' | 'nextunique' | 'prev' | 'prevunique';

export interface Cursor {
  readonly key: Key;
  readonly primaryKey: Key;
  readonly value: unknown;
  update(value: unknown): DbRequest<Key>;
  delete(): DbRequest<undefined>;
  continue(key?: Key): void;
}

export interface IndexOptions {
  readonly unique?: boolean;
  readonly multiEntry?: boolean;
}

export interface Index {
  name: string;
  readonly keyPath: string | readonly string[];
  readonly unique: boolean;
  readonly multiEntry: boolean;
  openCursor(range?: Key | KeyRange | null, direction?: CursorDirection): CursorRequest;
  getAll(range?: Key | KeyRange): DbRequest<unknown[]>;
  getAllKeys(range?: Key | KeyRange): DbRequest<Key[]>;
}

export interface ObjectStore {
  name: string;
  readonly indexNames: Iterable<string>;
  readonly transaction: Transaction;
  put(value: unknown, key?: Key): DbRequest<Key>;
  add(value: unknown, key?: Key): DbRequest<Key>;
  delete(key: Key | KeyRange): DbRequest<undefined>;
  clear(): DbRequest<undefined>;
  get(key: Key | KeyRange): DbRequest<unknown>;
  getAll(range?: Key | KeyRange): DbRequest<unknown[]>;
  getAllKeys(range?: Key | KeyRange): DbRequest<Key[]>;
  openCursor(range?: Key | KeyRange | null, direction?: CursorDirection): CursorRequest;
  index(name: string): Index;
  createIndex(name: string, keyPath: string | readonly string[], options?: IndexOptions): Index;
  deleteIndex(name: string): void;
}

export type TransactionMode = 'readonly' | 'readwrite' | 'versionchange';

export interface Transaction extends DbEventTarget {
  readonly db: Database;
  readonly mode: TransactionMode;
  readonly error: Error | null;
  objectStore(name: string): ObjectStore;
  abort(): void;
  commit(): void;
  /**
   * Internal method of fake-indexeddb: rolls the transaction back in memory, whatever its state, and then dispatches
   * `abort`. The public `abort()` throws for a transaction that is about to complete.
   */
  _abort(errorName: string): void;
}

export interface ObjectStoreOptions {
  readonly keyPath?: string | readonly string[] | null;
  readonly autoIncrement?: boolean;
}

export interface Database extends DbEventTarget {
  readonly name: string;
  readonly version: number;
  readonly objectStoreNames: Iterable<string>;
  transaction(stores: string | readonly string[], mode?: TransactionMode, options?: object): Transaction;
  createObjectStore(name: string, options?: ObjectStoreOptions): ObjectStore;
  deleteObjectStore(name: string): void;
  close(): void;
}

export interface Factory {
  open(name: string, version?: number): DbRequest<Database>;
  deleteDatabase(name: string): DbRequest<undefined>;
  databases(): Promise<{ name: string; version: number }[]>;
}

type Class<T> = new () => T;
export const MemoryFactory = fake.IDBFactory as unknown as Class<Factory>;
export const MemoryDatabase = fake.IDBDatabase as unknown as Class<Database>;
export const MemoryTransaction = fake.IDBTransaction as unknown as Class<Transaction>;
export const MemoryObjectStore = fake.IDBObjectStore as unknown as Class<ObjectStore>;
export const MemoryIndex = fake.IDBIndex as unknown as Class<Index>;
export const MemoryCursor = fake.IDBCursorWithValue as unknown as Class<Cursor>;

/** Waits for a request. Within a transaction, nothing else may be awaited in between, or the transaction completes. */
export function done<T>(request: DbRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}

const BROWSER_CLASSES = {
  IDBCursor: fake.IDBCursor,
  IDBCursorWithValue: fake.IDBCursorWithValue,
  IDBDatabase: fake.IDBDatabase,
  IDBFactory: fake.IDBFactory,
  IDBIndex: fake.IDBIndex,
  IDBKeyRange: fake.IDBKeyRange,
  IDBObjectStore: fake.IDBObjectStore,
  IDBOpenDBRequest: fake.IDBOpenDBRequest,
  IDBRequest: fake.IDBRequest,
  IDBTransaction: fake.IDBTransaction,
  IDBVersionChangeEvent: fake.IDBVersionChangeEvent,
};

/** Defines the IndexedDB classes that browser code expects as globals. Existing globals are kept. */
export function provideClasses(): void {
  for (const [name, value] of Object.entries(BROWSER_CLASSES)) {
    if (!(name in globalThis))
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
}

// All stores of the process share one global, so access to it is serialized.
let turn: Promise<unknown> = Promise.resolve();

/** Runs `work` with `globalThis.indexedDB` set to `factory`, one call at a time, and restores the global afterwards. */
export function withGlobalFactory<T>(factory: Factory, work: () => Promise<T>): Promise<T> {
  const result = turn.then(async () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
    Object.defineProperty(globalThis, 'indexedDB', { value: factory, writable: true, configurable: true });
    try {
      return await work();
    } finally {
      if (before === undefined) Reflect.deleteProperty(globalThis, 'indexedDB');
      else Object.defineProperty(globalThis, 'indexedDB', before);
    }
  });
  turn = result.catch(() => undefined);
  return result;
}
