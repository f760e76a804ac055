import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface WidgetSessionRow {
  /** SHA-256 of the session's token, base64url. */
  readonly hash: string;
  readonly userId: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Epoch ms. */
  readonly usedAt: number;
}

/** Sessions of the widget. */
export class WidgetSessionTable {
  readonly #db: DatabaseSync;
  readonly #get: StatementSync;
  readonly #setUsed: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#get = db.prepare('SELECT user_id, started_at, used_at FROM widget_sessions WHERE hash = ?');
    this.#setUsed = db.prepare('UPDATE widget_sessions SET used_at = ? WHERE hash = ?');
  }

  add({ hash, userId, startedAt, usedAt }: WidgetSessionRow): void {
    this.#db
      .prepare('INSERT INTO widget_sessions (hash, user_id, started_at, used_at) VALUES (?, ?, ?, ?)')
      .run(hash, userId, startedAt, usedAt);
  }

  get(hash: string): WidgetSessionRow | undefined {
    const row = this.#get.get(hash);
    return row === undefined ? undefined : rowOf({ ...row, hash });
  }

  /** The least recently used first. */
  all(): WidgetSessionRow[] {
    return this.#db
      .prepare('SELECT hash, user_id, started_at, used_at FROM widget_sessions ORDER BY used_at, rowid')
      .all()
      .map(rowOf);
  }

  setUsed(hash: string, usedAt: number): void {
    this.#setUsed.run(usedAt, hash);
  }

  /** Deletes sessions that were last used before `time` (epoch ms); returns how many. There are 1,000 at most. */
  prune(time: number): number {
    return Number(this.#db.prepare('DELETE FROM widget_sessions WHERE used_at < ?').run(time).changes);
  }

  remove(hash: string): void {
    this.#db.prepare('DELETE FROM widget_sessions WHERE hash = ?').run(hash);
  }
}

function rowOf(row: Record<string, unknown>): WidgetSessionRow {
  return {
    hash: String(row.hash),
    userId: String(row.user_id),
    startedAt: Number(row.started_at),
    usedAt: Number(row.used_at),
  };
}
