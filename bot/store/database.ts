// The SQLite file that holds the bot's state. Opened for this process alone: a second instance on the same folder
// must not answer the same commands. The crypto store is a file of its own, opened the same way.

import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Problem, problem } from '../../common/problems/problem.ts';
import { type FileKind, migrate, STATE_FILE } from './migrations.ts';

const FILE_NAME = 'bot.sqlite';

/**
 * Opens (and creates, 0700 and 0600) the state in `dataDir`, or in memory where that is ':memory:'.
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`
 */
export function openDatabase(dataDir: string): DatabaseSync {
  return openExclusively(dataDir === ':memory:' ? dataDir : join(dataDir, FILE_NAME), dataDir, STATE_FILE);
}

/**
 * Opens (and creates) a file of the data folder for this process alone, and brings its schema up to date.
 * `check` looks at it before anything is written, and may throw a Problem.
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
    // EXCLUSIVE: the lock is the kernel's, so it is gone with the process, however that ends.
    // FULL: what was answered must survive a power cut as well.
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

/** Runs `work` in one transaction; an exception undoes all of it. Within another transaction it becomes part of that. */
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
