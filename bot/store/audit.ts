import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type AuditAction = 'create' | 'edit' | 'delete' | 'allow' | 'disallow';

export interface AuditEntry {
  /** Epoch ms. */
  at: number;
  userId: string;
  /** `chat`, `widget` or `cli`. */
  via: string;
  action: AuditAction;
  /** The token or the pattern. */
  subject: string;
  details: unknown;
}

/** Who did what, when and by which way. */
export class AuditTable {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO audit (at, user_id, via, action, subject, details, ref) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (ref, action, subject) DO NOTHING`,
    );
  }

  /** @param ref what asked for it (an event ID); the same action on the same subject is recorded once for it. */
  record(
    at: number,
    actor: Pick<AuditEntry, 'userId' | 'via'>,
    action: AuditAction,
    subject: string,
    details: unknown,
    ref: string,
  ): void {
    const json = details === undefined ? null : JSON.stringify(details);
    this.#insert.run(at, actor.userId, actor.via, action, subject, json, ref);
  }

  /** Whether an action on a subject was recorded for this reference. */
  has(action: AuditAction, subject: string, ref: string): boolean {
    return (
      this.#db
        .prepare('SELECT 1 FROM audit WHERE ref = ? AND action = ? AND subject = ?')
        .get(ref, action, subject) !== undefined
    );
  }

  /** Newest first. */
  latest(limit: number): AuditEntry[] {
    return this.#db
      .prepare('SELECT at, user_id, via, action, subject, details FROM audit ORDER BY seq DESC LIMIT ?')
      .all(limit)
      .map((row) => ({
        at: Number(row.at),
        userId: String(row.user_id),
        via: String(row.via),
        action: row.action as AuditAction,
        subject: String(row.subject),
        details: row.details === null ? undefined : JSON.parse(String(row.details)),
      }));
  }

  /** When each token was last created or edited through the bot, epoch ms. */
  lastChanges(): Map<string, number> {
    const rows = this.#db
      .prepare(`SELECT subject, MAX(at) AS at FROM audit WHERE action IN ('create', 'edit') GROUP BY subject`)
      .all();
    return new Map(rows.map((row) => [String(row.subject), Number(row.at)]));
  }
}
