// The file of the crypto store: its schema, and the problems reported if it can't be used.

import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type Problem, problem } from '../../../common/problems/problem.ts';
import { openExclusively } from '../../store/database.ts';
import type { FileKind } from '../../store/migrations.ts';

/** `application_id` in the file's header, which distinguishes it from other SQLite files: "rbcs". */
const APPLICATION_ID = 0x72626373;

const CRYPTO_FILE: FileKind = {
  problems: { damaged: 'crypto_store_damaged', newer: 'crypto_store_newer' },
  steps: [
    `
    PRAGMA application_id = ${APPLICATION_ID};

    CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

    -- IndexedDB's databases and object stores. indexes: JSON, see StoredIndex.
    CREATE TABLE databases (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;
    CREATE TABLE stores (
      id INTEGER PRIMARY KEY,
      database TEXT NOT NULL,
      name TEXT NOT NULL,
      indexes TEXT NOT NULL,
      UNIQUE (database, name)
    ) STRICT;

    -- key: JSON. value: node:v8. A rowid table: values are too big for the tree of the keys.
    CREATE TABLE records (
      store INTEGER NOT NULL,
      key TEXT NOT NULL,
      value BLOB NOT NULL,
      PRIMARY KEY (store, key)
    ) STRICT;
    `,
    `
    -- Who sent the room key in this record, and when it was received, epoch ms; sender '': not known.
    CREATE TABLE room_keys (
      store INTEGER NOT NULL,
      key TEXT NOT NULL,
      sender TEXT NOT NULL,
      received_at INTEGER NOT NULL,
      PRIMARY KEY (store, key)
    ) STRICT, WITHOUT ROWID;
    `,
  ],
};

/** @throws Problem `data_dir_in_use`, `data_dir_unusable` */
export function openCryptoFile(path: string): DatabaseSync {
  return openExclusively(path, dirname(path), CRYPTO_FILE, (db) => {
    const { tables } = db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() ?? {};
    const { application_id } = db.prepare('PRAGMA application_id').get() ?? {};
    if (tables !== 0 && application_id !== APPLICATION_ID) {
      throw problem('crypto_store_foreign', { file: path });
    }
  });
}

export function damaged(path: string, error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error);
  return problem('crypto_store_damaged', { file: path, reason }, { cause: error });
}
