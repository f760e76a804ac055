import type { DatabaseSync } from 'node:sqlite';

/** Users who share no encrypted room with the bot any more: their devices are forgotten at the next start. */
export class DepartedTable {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  add(userId: string): void {
    this.#db.prepare('INSERT OR IGNORE INTO departed (user_id) VALUES (?)').run(userId);
  }

  remove(userId: string): void {
    this.#db.prepare('DELETE FROM departed WHERE user_id = ?').run(userId);
  }

  all(): string[] {
    return this.#db
      .prepare('SELECT user_id FROM departed')
      .all()
      .map((row) => String(row.user_id));
  }

  clear(): void {
    this.#db.exec('DELETE FROM departed');
  }
}
