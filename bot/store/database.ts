// The SQLite file with the bot's state, opened exclusively: a second instance on the same folder must not answer the
// same commands. The crypto store is a separate file, opened the same way.

import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Problem, problem } from '../../common/problems/problem.ts';
import { type FileKind, migrate, STATE_FILE } from './migrations.ts';

const FILE_NAME = 'bot.sqlite';

/**
 * Opens the state in `dataDir`, or in memory if that is ':memory:'. Creates folder (0700) and file (0600) if missing.
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`
 */
export function openDatabase(dataDir: string): DatabaseSync {
  return openExclusively(dataDir === ':memory:' ? dataDir : join(dataDir, FILE_NAME), dataDir, STATE_FILE);
}

/**
 * Opens (and creates) a file of the data folder exclusively, and migrates its schema.
 * `check` runs before anything is written, and may throw a Problem.
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`
 */
export function openExclusively(
  file: string,
  dataDir: string,
  kind: FileKind,
  check?: (db: DatabaseSync) => void,
): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    if (file !== ':memory:') makePrivate(file);
    db = new DatabaseSync(file);
    // EXCLUSIVE: a lock of the kernel, released when the process ends, however it ends.
    // FULL: committed answers survive a power cut.
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    check?.(db);
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA journal_size_limit = 4194304;
      BEGIN EXCLUSIVE; COMMIT;
    `);
    migrate(db, kind);
    return db;
  } catch (error) {
    db?.close();
    throw openProblem(error, file, dataDir, kind);
  }
}

/** Runs `work` in one transaction, rolled back if it throws. Inside another transaction, it joins that one. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  if (db.isTransaction) return work();
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

function openProblem(error: unknown, file: string, dataDir: string, kind: FileKind): Problem {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/database is locked/.test(message)) {
    return problem('data_dir_in_use', { dataDir }, { cause: error });
  }
  if (/not a database|malformed/.test(message)) {
    return problem(kind.problems.damaged, { file, reason: message }, { cause: error });
  }
  return problem('data_dir_unusable', { dataDir, reason: message }, { cause: error });
}
