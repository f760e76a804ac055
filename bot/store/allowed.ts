import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './database.ts';

export interface AllowedRow {
  pattern: string;
  addedBy: string;
  /** Epoch ms. */
  addedAt: number;
}

/** Patterns allowed by command. */
export class AllowedTable {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Oldest first. */
  all(): AllowedRow[] {
    return this.#db
      .prepare('SELECT pattern, added_by, added_at FROM allowed ORDER BY added_at, rowid')
      .all()
      .map((row) => ({
        pattern: String(row.pattern),
        addedBy: String(row.added_by),
        addedAt: Number(row.added_at),
      }));
  }

  replace(rows: readonly AllowedRow[]): void {
    inTransaction(this.#db, () => {
      this.#db.exec('DELETE FROM allowed');
      const insert = this.#db.prepare('INSERT INTO allowed (pattern, added_by, added_at) VALUES (?, ?, ?)');
      for (const row of rows) insert.run(row.pattern, row.addedBy, row.addedAt);
    });
  }
}
