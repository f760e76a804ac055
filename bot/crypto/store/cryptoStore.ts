// Key storage of the crypto code: IndexedDB databases in memory, each of whose write transactions is written to a
// SQLite file before it completes. A ratchet step is therefore never used twice, even after a crash.
import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '../../../common/problems/problem.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { storeProblem } from '../../store/fault.ts';
import type { MetaTable } from '../../store/meta.ts';
import { damaged, openCryptoFile } from './cryptoFile.ts';
import { deleteRecords } from './deleteRecords.ts';
import { forgetUsers } from './forgetUsers.ts';
import { provideClasses, withGlobalFactory } from './indexedDb.ts';
import { Journal } from './journal.ts';
import { type Commit, RecordedFactory } from './recorded.ts';
import { Retention, type RetentionInput, type RoomKey } from './retention.ts';

export interface CryptoStore {
  /** Metadata kept by the store's user: user ID, device ID, … `set` returns after the write to disk. */
  readonly facts: { get(key: string): string | undefined; set(key: string, value: string): void };
  /** Increases with each transaction that changes the databases. */
  readonly generation: number;
  /**
   * Stores the generation in the state file, to detect an older copy of this file. To be called in a transaction that
   * is written anyway: with each /sync answer.
   */
  noteGeneration(): void;
  /**
   * Runs `open` with `globalThis.indexedDB` set to this store's databases. Databases opened by it stay usable
   * afterwards. Calls are serialized across all stores of the process.
   */
  withIndexedDb<T>(open: () => Promise<T>): Promise<T>;
  /** Records who sent room keys, which bounds their number. @param now epoch ms */
  noteRoomKeys(keys: readonly RoomKey[], now: number): void;
  /** Deletes what is more than `KEPT` in retention.ts while the databases are in use. Rejects on write errors. */
  deleteExcess(input: RetentionInput): Promise<void>;
  /** Deletes the databases that `StoreHandle.open` created under this name; they must no longer be in use. */
  remove(name: string): void;
  /** A pending transaction is aborted when it would complete. Idempotent. */
  close(): void;
}

export interface StoreOptions {
  /** Of the state file, where the generation is stored. */
  readonly meta?: Pick<MetaTable, 'get' | 'set' | 'delete'>;
  /** See `RetentionInput`; default: not known. */
  readonly rooms?: readonly string[] | undefined;
  /** User IDs: what is known of them is deleted. */
  readonly departed?: readonly string[];
  readonly clock?: Clock;
}

/**
 * Opens or creates the file (0600). In an older copy, the Olm sessions are deleted and the fact `olm_sessions` is set
 * to `forgotten`. What is more than `KEPT` in retention.ts is deleted before it is read.
 * @param onFault called once if a transaction can't be written. It and all later ones are aborted: the process has to
 *   end, because its state in memory may be ahead of the file.
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`
 */
export async function openCryptoStore(
  path: string,
  onFault: (error: unknown) => void,
  options: StoreOptions = {},
): Promise<CryptoStore> {
  const db = openCryptoFile(path);
  try {
    return await loadCryptoStore(db, onFault, options);
  } catch (error) {
    db.close();
    throw storeProblem(error) ?? (error instanceof Problem ? error : damaged(path, error));
  }
}

/** Like `openCryptoStore`, on a file that `openCryptoFile` opened. */
export async function loadCryptoStore(
  db: DatabaseSync,
  onFault: (error: unknown) => void,
  options: StoreOptions = {},
): Promise<CryptoStore> {
  const { meta, rooms, departed = [], clock = systemClock } = options;
  const journal = new Journal(db);
  let fault: { readonly error: unknown } | undefined;

  const commit: Commit = (...transaction) => {
    if (!db.isOpen) throw new Error('The crypto store is closed.');
    if (fault !== undefined) throw fault.error;
    try {
      journal.commit(...transaction);
    } catch (error) {
      fault = { error };
      onFault(error);
      throw error;
    }
  };

  const factory = new RecordedFactory(commit);
  const retention = new Retention(db);
  const stored = journal.databases();
  const noted = Number(meta?.get('crypto_generation') ?? 0);
  // A file with a higher generation than the stored one is not an older copy; neither is a newly created file.
  if (stored.length === 0) meta?.delete('crypto_generation');
  else if (journal.generation < noted) journal.forgetOlmSessions(noted + 1);
  forgetUsers(db, departed);
  retention.deleteExcess({ rooms, now: clock() });
  for (const database of stored) await factory.load(database);
  provideClasses();

  const getFact = db.prepare('SELECT value FROM facts WHERE key = ?');
  const setFact = db.prepare(
    'INSERT INTO facts (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  return {
    facts: {
      get: (key) => {
        const row = getFact.get(key);
        return row === undefined ? undefined : String(row.value);
      },
      set: (key, value) => {
        setFact.run(key, value);
      },
    },
    get generation() {
      return journal.generation;
    },
    noteGeneration: () => meta?.set('crypto_generation', String(journal.generation)),
    withIndexedDb: (open) => withGlobalFactory(factory, open),
    noteRoomKeys: (keys, now) => retention.noteRoomKeys(keys, now),
    deleteExcess: (input) => deleteRecords(factory, retention.excess(input)),
    remove: (name) => journal.remove(name),
    close: () => {
      // Closing the last connection merges SQLite's journal file into the main file.
      if (db.isOpen) db.close();
    },
  };
}
