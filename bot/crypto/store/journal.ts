// The SQLite file from which the databases in memory are loaded, and to which each of their transactions is written.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { deserialize } from 'node:v8';
import { inTransaction } from '../../store/database.ts';
import type { Change, StoredDatabase, StoredIndex } from './change.ts';
import type { Key } from './indexedDb.ts';

export class Journal {
  readonly #db: DatabaseSync;
  readonly #setVersion: StatementSync;
  readonly #store: StatementSync;
  readonly #createStore: StatementSync;
  readonly #deleteStore: StatementSync;
  readonly #setIndexes: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #clear: StatementSync;
  readonly #keys: StatementSync;
  readonly #setFact: StatementSync;
  #generation: number;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#setFact = db.prepare(
      'INSERT INTO facts (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
    const row = db.prepare("SELECT value FROM facts WHERE key = 'generation'").get();
    this.#generation = Number(row?.value ?? 0);
    this.#setVersion = db.prepare(
      'INSERT INTO databases (name, version) VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version',
    );
    this.#store = db.prepare('SELECT id, indexes FROM stores WHERE database = ? AND name = ?');
    this.#createStore = db.prepare("INSERT INTO stores (database, name, indexes) VALUES (?, ?, '[]')");
    this.#deleteStore = db.prepare('DELETE FROM stores WHERE id = ?');
    this.#setIndexes = db.prepare('UPDATE stores SET indexes = ? WHERE id = ?');
    // Replaced, not updated: the order of the rowids is that of the last writes (retention.ts).
    this.#put = db.prepare('INSERT OR REPLACE INTO records (store, key, value) VALUES (?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM records WHERE store = ? AND key = ?');
    this.#clear = db.prepare('DELETE FROM records WHERE store = ?');
    this.#keys = db.prepare('SELECT key FROM records WHERE store = ?');
  }

  /** Writes the changes atomically and synchronously. `version`: the database's new version, if it changed. */
  commit(database: string, version: number | undefined, changes: readonly Change[]): void {
    if (version === undefined && changes.length === 0) return;
    inTransaction(this.#db, () => {
      if (version !== undefined) this.#setVersion.run(database, version);
      for (const change of changes) this.#apply(database, change);
      this.#setFact.run('generation', String(this.#generation + 1));
    });
    this.#generation++;
  }

  /** Increases with each transaction: an older copy of the file has a lower generation. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Deletes all Olm sessions (object stores named `session`), and sets the fact by which new sessions are created. To
   * be called before the databases are read.
   */
  forgetOlmSessions(generation: number): void {
    inTransaction(this.#db, () => {
      this.#db.exec("DELETE FROM records WHERE store IN (SELECT id FROM stores WHERE name = 'session')");
      this.#setFact.run('olm_sessions', 'forgotten');
      this.#setFact.run('generation', String(generation));
    });
    this.#generation = generation;
  }

  /** The crypto code names its databases `name::…`. */
  remove(name: string): void {
    inTransaction(this.#db, () => {
      for (const { name: database } of this.databases()) {
        if (!database.startsWith(`${name}::`)) continue;
        const ofDatabase = 'SELECT id FROM stores WHERE database = ?';
        this.#db.prepare(`DELETE FROM records WHERE store IN (${ofDatabase})`).run(database);
        this.#db.prepare('DELETE FROM stores WHERE database = ?').run(database);
        this.#db.prepare('DELETE FROM databases WHERE name = ?').run(database);
      }
    });
  }

  /** Sorted by name. Records are read lazily. */
  databases(): StoredDatabase[] {
    const rows = this.#db.prepare('SELECT name, version FROM databases ORDER BY name').all();
    return rows.map(({ name, version }) => ({
      name: String(name),
      version: Number(version),
      stores: this.#stores(String(name)),
    }));
  }

  #stores(database: string): StoredDatabase['stores'] {
    const rows = this.#db.prepare('SELECT id, name, indexes FROM stores WHERE database = ?').all(database);
    return rows.map(({ id, name, indexes }) => ({
      name: String(name),
      indexes: readIndexes(indexes),
      records: () => this.#records(Number(id)),
    }));
  }

  *#records(store: number): Generator<readonly [Key, unknown]> {
    const rows = this.#db.prepare('SELECT key, value FROM records WHERE store = ?').iterate(store);
    for (const { key, value } of rows) {
      if (!(value instanceof Uint8Array)) throw new Error(`record ${key} has no value`);
      yield [JSON.parse(String(key)) as Key, deserialize(value)];
    }
  }

  #apply(database: string, change: Change): void {
    if (change.kind === 'createStore') {
      this.#createStore.run(database, change.store);
      return;
    }
    const row = this.#store.get(database, change.store);
    // Memory and file are out of sync, which can't be repaired.
    if (row === undefined) throw new Error(`There is no object store ${change.store} in ${database}.`);
    const id = Number(row.id);
    switch (change.kind) {
      case 'put':
        this.#put.run(id, change.key, change.value);
        break;
      case 'delete':
        this.#delete.run(id, change.key);
        break;
      case 'deleteRange':
        for (const { key } of this.#keys.all(id)) {
          if (change.range.includes(JSON.parse(String(key)) as Key)) this.#delete.run(id, key ?? null);
        }
        break;
      case 'clear':
        this.#clear.run(id);
        break;
      case 'deleteStore':
        this.#clear.run(id);
        this.#deleteStore.run(id);
        break;
      case 'createIndex':
        this.#setIndexes.run(JSON.stringify([...readIndexes(row.indexes), change.index]), id);
        break;
      case 'deleteIndex': {
        const left = readIndexes(row.indexes).filter(({ name }) => name !== change.name);
        this.#setIndexes.run(JSON.stringify(left), id);
        break;
      }
    }
  }
}

function readIndexes(json: unknown): StoredIndex[] {
  return JSON.parse(String(json)) as StoredIndex[];
}
