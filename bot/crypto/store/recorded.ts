// IndexedDB in memory whose write transactions are handed over, whole and in order, before anybody learns that they
// completed. The objects are fake-indexeddb's; those that belong to a recorded database get the classes below as their
// prototypes, so that other databases of the process stay as they are.
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
 * Takes what a transaction changed. `version`: the database's new one, if the transaction upgraded it.
 * Whatever it throws, the transaction is aborted and undone in memory.
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
