// The one SQLite file that holds the bot's state. Opened for this process alone: a second instance on the same
// folder must not answer the same commands.
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Problem } from '../../common/problem.ts';
import { migrate } from './migrations.ts';

const FILE_NAME = 'bot.sqlite';

/**
 * Opens (and creates, 0700 and 0600) the state in `dataDir`, or in memory where that is ':memory:'.
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`
 */
export function openDatabase(dataDir: string): DatabaseSync {
  const file = dataDir === ':memory:' ? dataDir : join(dataDir, FILE_NAME);
  let db: DatabaseSync | undefined;
  try {
    if (file !== ':memory:') makePrivate(dataDir, file);
    db = new DatabaseSync(file);
    // EXCLUSIVE: the lock is the kernel's, so it is gone with the process, however that ends.
    // FULL: what was answered must survive a power cut as well.
    db.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA journal_size_limit = 4194304;
      BEGIN EXCLUSIVE; COMMIT;
    `);
    migrate(db);
    return db;
  } catch (error) {
    db?.close();
    throw openProblem(error, dataDir);
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

function makePrivate(dataDir: string, file: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

function openProblem(error: unknown, dataDir: string): Problem {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/database is locked/.test(message)) {
    return new Problem(
      'data_dir_in_use',
      `Another instance of the bot is running on the data folder ${dataDir}.`,
      'Stop it first, or give this one a folder of its own (bot.data_dir).',
      { cause: error },
    );
  }
  if (/not a database|malformed/.test(message)) {
    return new Problem(
      'data_dir_unusable',
      `The state file ${join(dataDir, FILE_NAME)} is damaged: ${message}.`,
      'Restore a backup of the data folder; or move the file away to start afresh, and allow people again who were allowed by command.',
      { cause: error },
    );
  }
  return new Problem(
    'data_dir_unusable',
    `The data folder ${dataDir} can’t be used: ${message}.`,
    'Check that it exists, that the bot may write to it and that the disk is not full (bot.data_dir).',
    { cause: error },
  );
}
