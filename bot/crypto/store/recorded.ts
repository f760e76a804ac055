// IndexedDB in memory whose write transactions are handed over, whole and in order, before anybody learns that they
// completed. The objects are fake-indexeddb's; those that belong to a recorded database get the classes below as their
// prototypes, so that other databases of the process stay as they are.
import { serialize } from 'node:v8';
import { type Change, encodeKey, type StoredDatabase } from './change.ts';
import {
  type Cursor,
  type CursorDirection,
  type CursorRequest,
  type Database,
  type DbEvent,
  type DbRequest,
  done,
  type Index,
  type IndexOptions,
  type Key,
  type KeyRange,
  MemoryCursor,
  MemoryDatabase,
  MemoryFactory,
  MemoryIndex,
  MemoryObjectStore,
  MemoryTransaction,
  type ObjectStore,
  type ObjectStoreOptions,
  type Transaction,
  type TransactionMode,
} from './indexedDb.ts';

/**
 * Takes what a transaction changed. `version`: the database's new one, if the transaction upgraded it.
 * Whatever it throws, the transaction is aborted and undone in memory.
 */
export type Commit = (database: string, version: number | undefined, changes: readonly Change[]) => void;

/** A store as one transaction sees it. A store that is deleted and made again is another one. */
interface StoreHandle {
  readonly name: string;
  readonly changes: Change[];
  deleted: boolean;
}

class Recording {
  readonly commit: Commit;
  readonly changes: Change[] = [];
  readonly #handles = new Map<string, StoreHandle>();

  constructor(commit: Commit) {
    this.commit = commit;
  }

  handle(name: string): StoreHandle {
    const handle = this.#handles.get(name) ?? { name, changes: this.changes, deleted: false };
    this.#handles.set(name, handle);
    return handle;
  }

  deleteStore(name: string): void {
    this.handle(name).deleted = true;
    this.#handles.delete(name);
    this.changes.push({ kind: 'deleteStore', store: name });
  }
}

const commits = new WeakMap<Database, Commit>();
const recordings = new WeakMap<Transaction, Recording>();
const upgrades = new WeakMap<Database, Recording>();
const stores = new WeakMap<ObjectStore, StoreHandle>();
const indexes = new WeakMap<Index, StoreHandle>();
const cursors = new WeakMap<Cursor, StoreHandle>();

function known<K extends object, V>(map: WeakMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error('An IndexedDB object that is not recorded.');
  return value;
}

/** Puts `value` down as recorded: its class, and what belongs to it. */
function record<K extends object, V>(map: WeakMap<K, V>, value: K, prototype: K, about: V): K {
  map.set(value, about);
  return Object.setPrototypeOf(value, prototype);
}

/** Our listener is the first one: the change is in order, and the consumer may already be told. */
function whenDone<T>(request: DbRequest<T>, handle: StoreHandle, change: Change): DbRequest<T> {
  request.addEventListener('success', () => {
    if (!handle.deleted) handle.changes.push(change);
  });
  return request;
}

function recordCursor(request: CursorRequest, handle: StoreHandle): CursorRequest {
  request.addEventListener('success', () => {
    if (request.result !== null) record(cursors, request.result, RecordedCursor.prototype, handle);
  });
  return request;
}

function unsupported(what: string): DOMException {
  return new DOMException(`The crypto store does not support ${what}.`, 'NotSupportedError');
}

class RecordedCursor extends MemoryCursor {
  override update(value: unknown): DbRequest<Key> {
    const handle = known(cursors, this);
    const key = encodeKey(this.primaryKey);
    const stored = serialize(value);
    return whenDone(super.update(value), handle, { kind: 'put', store: handle.name, key, value: stored });
  }

  override delete(): DbRequest<undefined> {
    const handle = known(cursors, this);
    const key = encodeKey(this.primaryKey);
    return whenDone(super.delete(), handle, { kind: 'delete', store: handle.name, key });
  }
}

class RecordedIndex extends MemoryIndex {
  override get name(): string {
    return super.name;
  }

  override set name(_: string) {
    throw unsupported('the renaming of an index');
  }

  override openCursor(range?: Key | KeyRange | null, direction?: CursorDirection): CursorRequest {
    return recordCursor(super.openCursor(range, direction), known(indexes, this));
  }
}

class RecordedStore extends MemoryObjectStore {
  override get name(): string {
    return super.name;
  }

  override set name(_: string) {
    throw unsupported('the renaming of an object store');
  }

  // Key and value are encoded first: what can't be kept must not be taken into memory. Serialised here and now, as
  // IndexedDB clones it, because the caller may change it afterwards.
  override put(value: unknown, key?: Key): DbRequest<Key> {
    const change = putChange(known(stores, this), value, key);
    return whenDone(super.put(value, key), known(stores, this), change);
  }

  override add(value: unknown, key?: Key): DbRequest<Key> {
    const change = putChange(known(stores, this), value, key);
    return whenDone(super.add(value, key), known(stores, this), change);
  }

  override delete(key: Key | KeyRange): DbRequest<undefined> {
    const handle = known(stores, this);
    const store = handle.name;
    const change: Change = isRange(key)
      ? { kind: 'deleteRange', store, range: key }
      : { kind: 'delete', store, key: encodeKey(key) };
    return whenDone(super.delete(key), handle, change);
  }

  override clear(): DbRequest<undefined> {
    const handle = known(stores, this);
    return whenDone(super.clear(), handle, { kind: 'clear', store: handle.name });
  }

  override openCursor(range?: Key | KeyRange | null, direction?: CursorDirection): CursorRequest {
    return recordCursor(super.openCursor(range, direction), known(stores, this));
  }

  override index(name: string): Index {
    return record(indexes, super.index(name), RecordedIndex.prototype, known(stores, this));
  }

  override createIndex(name: string, keyPath: string | readonly string[], options?: IndexOptions): Index {
    const handle = known(stores, this);
    const index = super.createIndex(name, keyPath, options);
    const { unique, multiEntry } = index;
    handle.changes.push({
      kind: 'createIndex',
      store: handle.name,
      index: { name, keyPath, unique, multiEntry },
    });
    return record(indexes, index, RecordedIndex.prototype, handle);
  }

  override deleteIndex(name: string): void {
    const handle = known(stores, this);
    super.deleteIndex(name);
    handle.changes.push({ kind: 'deleteIndex', store: handle.name, name });
  }
}

function putChange(handle: StoreHandle, value: unknown, key: Key | undefined): Change {
  return { kind: 'put', store: handle.name, key: encodeKey(key), value: serialize(value) };
}

function isRange(key: Key | KeyRange): key is KeyRange {
  return typeof key === 'object' && 'includes' in key && !Array.isArray(key);
}

class RecordedTransaction extends MemoryTransaction {
  override objectStore(name: string): ObjectStore {
    const handle = known(recordings, this).handle(name);
    return record(stores, super.objectStore(name), RecordedStore.prototype, handle);
  }

  // Before any listener, fake-indexeddb's own ones included, which let an upgrade's open request succeed.
  override dispatchEvent(event: DbEvent): boolean {
    if (event.type !== 'complete') return super.dispatchEvent(event);
    const { commit, changes } = known(recordings, this);
    try {
      commit(this.db.name, this.mode === 'versionchange' ? this.db.version : undefined, changes);
    } catch {
      // What went wrong is the store's to tell; the consumer hears what it would of a browser's full disk.
      this._abort('QuotaExceededError');
      return true;
    }
    return super.dispatchEvent(event);
  }
}

class RecordedDatabase extends MemoryDatabase {
  override transaction(
    names: string | readonly string[],
    mode?: TransactionMode,
    options?: object,
  ): Transaction {
    const transaction = super.transaction(names, mode, options);
    if (transaction.mode === 'readonly') return transaction;
    const recording = new Recording(known(commits, this));
    return record(recordings, transaction, RecordedTransaction.prototype, recording);
  }

  override createObjectStore(name: string, options?: ObjectStoreOptions): ObjectStore {
    if (options?.keyPath !== undefined && options.keyPath !== null)
      throw unsupported('keys inside values (keyPath)');
    if (options?.autoIncrement) throw unsupported('keys that it makes itself (autoIncrement)');
    const store = super.createObjectStore(name, options);
    known(upgrades, this).changes.push({ kind: 'createStore', store: name });
    return store;
  }

  override deleteObjectStore(name: string): void {
    super.deleteObjectStore(name);
    known(upgrades, this).deleteStore(name);
  }
}

/** Databases in memory; `commit` gets each transaction that writes. */
export class RecordedFactory extends MemoryFactory {
  readonly #commit: Commit;

  constructor(commit: Commit) {
    super();
    this.#commit = commit;
  }

  override open(name: string, version?: number): DbRequest<Database> {
    const request = super.open(name, version);
    // The first listeners: nobody has seen the connection or its upgrade before them.
    request.addEventListener('upgradeneeded', () => {
      const database = this.#record(request.result);
      const recording = new Recording(this.#commit);
      upgrades.set(database, recording);
      if (request.transaction !== null)
        record(recordings, request.transaction, RecordedTransaction.prototype, recording);
    });
    request.addEventListener('success', () => this.#record(request.result));
    return request;
  }

  override deleteDatabase(_: string): never {
    throw unsupported('the deletion of a database');
  }

  /** Makes a database that was stored before; nothing of that is handed to `commit`. */
  async load({ name, version, stores }: StoredDatabase): Promise<void> {
    const request = super.open(name, version);
    // An exception in there aborts the upgrade, which makes the request fail: it is kept to tell the cause.
    let cause: unknown;
    request.addEventListener('upgradeneeded', () => {
      try {
        for (const stored of stores) {
          const store = request.result.createObjectStore(stored.name);
          for (const index of stored.indexes) store.createIndex(index.name, index.keyPath, index);
          for (const [key, value] of stored.records()) store.put(value, key);
        }
      } catch (error) {
        cause = error;
        throw error;
      }
    });
    const database = await done(request).catch((error: unknown) => {
      throw cause ?? error;
    });
    database.close();
  }

  #record(database: Database): Database {
    return record(commits, database, RecordedDatabase.prototype, this.#commit);
  }
}
