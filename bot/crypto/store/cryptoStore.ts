// Where the crypto code keeps its keys: IndexedDB databases in memory, of which every write transaction is in a SQLite
// file before it completes. A step of a ratchet that was used is then never used again, however the process ends.
import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '../../../common/problems/problem.ts';
import { storeProblem } from '../../store/fault.ts';
import type { MetaTable } from '../../store/meta.ts';
import { damaged, openCryptoFile } from './cryptoFile.ts';
import { provideClasses, withGlobalFactory } from './indexedDb.ts';
import { Journal } from './journal.ts';
import { type Commit, RecordedFactory } from './recorded.ts';

export interface CryptoStore {
  /** What the owner of the store notes about it: user ID, device ID, … `set` returns once it is on the disk. */
  readonly facts: { get(key: string): string | undefined; set(key: string, value: string): void };
  /** Grows with each transaction that changes the databases. */
  readonly generation: number;
  /**
   * Notes the generation in the state file, by which an older copy of this file is known. To be called in a transaction
   * that is written anyway: with each answer to /sync.
   */
  noteGeneration(): void;
  /**
   * Runs `open` with `globalThis.indexedDB` being this store's databases. What is opened in there can be used after it.
   * Only one at a time in this process, over all stores.
   */
  withIndexedDb<T>(open: () => Promise<T>): Promise<T>;
  /** Forgets the databases that `StoreHandle.open` made under this name; nobody may use them any more. */
  remove(name: string): void;
  /** A transaction that is under way is aborted when it would complete. Closed twice is closed once. */
  close(): void;
}

/**
 * Opens or creates the file (0600). An older copy loses its Olm sessions: the fact `olm_sessions` is `forgotten` then.
 * @param onFault called once if a transaction can't be written. It and all later ones are aborted: the process has to
 *   end, because what it has in memory may be ahead of the file.
 * @param meta of the state file, where the generation is noted
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`
 */
export async function openCryptoStore(
  path: string,
  onFault: (error: unknown) => void,
  meta?: Pick<MetaTable, 'get' | 'set' | 'delete'>,
): Promise<CryptoStore> {
  const db = openCryptoFile(path);
  try {
    return await loadCryptoStore(db, onFault, meta);
  } catch (error) {
    db.close();
    throw storeProblem(error) ?? (error instanceof Problem ? error : damaged(path, error));
  }
}

/** The same on a file that `openCryptoFile` opened. */
export async function loadCryptoStore(
  db: DatabaseSync,
  onFault: (error: unknown) => void,
  meta?: Pick<MetaTable, 'get' | 'set' | 'delete'>,
): Promise<CryptoStore> {
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
  const stored = journal.databases();
  const noted = Number(meta?.get('crypto_generation') ?? 0);
  // A file that is ahead of the note is no older copy, and one made anew is none at all.
  if (stored.length === 0) meta?.delete('crypto_generation');
  else if (journal.generation < noted) journal.forgetOlmSessions(noted + 1);
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
    remove: (name) => journal.remove(name),
    close: () => {
      // The last connection's end takes the journal's file into the main one.
      if (db.isOpen) db.close();
    },
  };
}
