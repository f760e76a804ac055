// IndexedDB in memory that passes each write transaction, complete and in order, to a callback before `complete` is
// dispatched. The objects are fake-indexeddb's; the objects of a recorded database get the classes below as their
// prototypes, so that other databases of the process are not affected.
import type { Change, StoredDatabase } from './change.ts';
import {
  type Database,
  type DbEvent,
  type DbRequest,
  done,
  MemoryDatabase,
  MemoryFactory,
  MemoryTransaction,
  type ObjectStore,
  type ObjectStoreOptions,
  type Transaction,
  type TransactionMode,
} from './indexedDb.ts';
import { known, record, recordStore, type StoreHandle, unsupported } from './recordedStore.ts';

/**
 * Receives the changes of a transaction. `version`: the database's new version, if the transaction upgraded it.
 * If it throws, the transaction is aborted and rolled back in memory.
 */
export type Commit = (database: string, version: number | undefined, changes: readonly Change[]) => void;

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

class RecordedTransaction extends MemoryTransaction {
  override objectStore(name: string): ObjectStore {
    const handle = known(recordings, this).handle(name);
    return recordStore(super.objectStore(name), handle);
  }

  // Runs before all listeners, including fake-indexeddb's own, which resolve the open request of an upgrade.
  override dispatchEvent(event: DbEvent): boolean {
    if (event.type !== 'complete') return super.dispatchEvent(event);
    const { commit, changes } = known(recordings, this);
    try {
      commit(this.db.name, this.mode === 'versionchange' ? this.db.version : undefined, changes);
    } catch {
      // The store reports the cause (`onFault`); the consumer gets the error that browsers raise when the disk is full.
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

/** Databases in memory; `commit` is called with each write transaction. */
export class RecordedFactory extends MemoryFactory {
  readonly #commit: Commit;

  constructor(commit: Commit) {
    super();
    this.#commit = commit;
  }

  override open(name: string, version?: number): DbRequest<Database> {
    const request = super.open(name, version);
    // Registered first, so that the connection and its upgrade are recorded before other listeners use them.
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

  /** Recreates a stored database in memory, without calling `commit`. */
  async load({ name, version, stores }: StoredDatabase): Promise<void> {
    const request = super.open(name, version);
    // An exception in the listener aborts the upgrade, and the request fails with AbortError: keeps the cause.
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
