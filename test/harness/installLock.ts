// Lets one process at a time install into the cache. The lock is an SQLite transaction: the operating system frees it
// when its holder dies, however it dies, so that there is never a stale lock to detect.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 200;
/** SQLITE_BUSY */
const BUSY = 5;

/** Runs `action` while no other process holds the lock `file`; waits for as long as another one does. */
export async function withInstallLock<T>(
  file: string,
  onWait: () => void,
  action: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    if (!tryLock(database)) {
      onWait();
      while (!tryLock(database)) await wait(POLL_MS);
    }
    return await action();
  } finally {
    database.close();
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return false;
    throw error;
  }
}
