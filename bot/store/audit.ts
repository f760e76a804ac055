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

/** Two years: long enough to look into what happened with an account, and not for ever what people did. */
const KEEP_DAYS = 730;
/** About 30 MB. More actions than in any real use in that time: it is there against runaway scripts. */
const MOST_ENTRIES = 100_000;

/** Who did what, when, and how. */
export class AuditTable {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #lastChange: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO audit (at, user_id, via, action, subject, details, ref) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (ref, action, subject) DO NOTHING`,
    );
    this.#lastChange = db.prepare(
      `SELECT MAX(at) AS at FROM audit WHERE subject = ? AND action IN ('create', 'edit')`,
    );
  }

  /** @param ref ID of the event or HTTP request; it records the same action on the same subject once. */
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

  /** Whether this action on this subject was recorded for `ref`. */
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

  /** When a token was last created or edited through the bot, epoch ms; undefined: never, or too long ago. */
  lastChange(token: string): number | undefined {
    const at = this.#lastChange.get(token)?.at;
    return typeof at === 'number' ? at : undefined;
  }

  /**
   * Deletes at most `most` entries, the oldest first, and returns how many: those of long before `now` (epoch ms) or before
   * the last `MOST_ENTRIES`. Those of the command line are kept: they say what `migrate` has imported.
   */
  prune(now: number, most: number): number {
    const { changes } = this.#db
      .prepare(
        `DELETE FROM audit WHERE seq IN (
           SELECT seq FROM audit WHERE via <> 'cli'
           AND (at < ? OR seq <= (SELECT max(seq) FROM audit) - ?) ORDER BY seq LIMIT ?)`,
      )
      .run(now - KEEP_DAYS * 86_400_000, MOST_ENTRIES, most);
    return Number(changes);
  }
}
