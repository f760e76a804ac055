import type { DatabaseSync } from 'node:sqlite';

/**
 * open → confirmed → done, or open → cancelled | expired → done.
 * done: the prompt shows the outcome. After a restart, the bot resumes what is confirmed, cancelled or expired.
 */
export type ConfirmationState = 'open' | 'confirmed' | 'cancelled' | 'expired' | 'done';

/** What is done once it is confirmed. */
export type ConfirmationKind = 'deletion' | 'disallow';

export interface Confirmation {
  /** The bot's message with the question; only reactions to it count. */
  promptEventId: string;
  roomId: string;
  requester: string;
  kind: ConfirmationKind;
  /** What was asked for; JSON. */
  request: unknown;
  /** Epoch ms. */
  createdAt: number;
  /** Epoch ms. */
  expiresAt: number;
  state: ConfirmationState;
  /** What is done: the tokens to delete, stored before the first request, or the change of access. JSON; undefined: not decided yet. */
  decision: unknown;
  /** The final reply. JSON; undefined: none yet. */
  reply: unknown;
  /** Event IDs of the bot's own reactions to the prompt that are not redacted yet. */
  reactions: readonly string[];
}

/** Days to keep outcomes: a reply to a closed question must not answer another one. */
const REMEMBER_DAYS = 60;
const MOST_DONE = 10_000;

export class ConfirmationTable {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Does nothing if the prompt exists: a restart may add it again. */
  add(
    confirmation: Pick<
      Confirmation,
      'promptEventId' | 'roomId' | 'requester' | 'kind' | 'request' | 'createdAt' | 'expiresAt'
    >,
  ): void {
    const { promptEventId, roomId, requester, kind, request, createdAt, expiresAt } = confirmation;
    this.#db
      .prepare(
        `INSERT INTO confirmations (prompt_event_id, room_id, requester, kind, request, created_at, expires_at, state)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT DO NOTHING`,
      )
      .run(promptEventId, roomId, requester, kind, JSON.stringify(request), createdAt, expiresAt);
  }

  get(promptEventId: string): Confirmation | undefined {
    const row = this.#db.prepare('SELECT * FROM confirmations WHERE prompt_event_id = ?').get(promptEventId);
    return row === undefined ? undefined : fromRow(row);
  }

  /** Oldest first. */
  inState(...states: ConfirmationState[]): Confirmation[] {
    const marks = states.map(() => '?').join(', ');
    return this.#db
      .prepare(`SELECT * FROM confirmations WHERE state IN (${marks}) ORDER BY created_at, rowid`)
      .all(...states)
      .map(fromRow);
  }

  /** Finished confirmations with reactions of the bot's that are not redacted yet. Oldest first. */
  doneWithReactions(): Confirmation[] {
    return this.#db
      .prepare(
        `SELECT * FROM confirmations WHERE state = 'done' AND reactions <> '[]' ORDER BY created_at, rowid`,
      )
      .all()
      .map(fromRow);
  }

  /** Open confirmations of one requester in one room, newest first. */
  openOf(roomId: string, requester: string): Confirmation[] {
    return this.#db
      .prepare(
        `SELECT * FROM confirmations WHERE state = 'open' AND room_id = ? AND requester = ?
         ORDER BY created_at DESC, rowid DESC`,
      )
      .all(roomId, requester)
      .map(fromRow);
  }

  /** Closes an open confirmation; false: it was closed before. */
  answer(promptEventId: string, state: 'confirmed' | 'cancelled' | 'expired'): boolean {
    const result = this.#db
      .prepare(`UPDATE confirmations SET state = ? WHERE prompt_event_id = ? AND state = 'open'`)
      .run(state, promptEventId);
    return result.changes === 1;
  }

  setDecision(promptEventId: string, decision: unknown): void {
    this.#db
      .prepare('UPDATE confirmations SET decision = ? WHERE prompt_event_id = ?')
      .run(JSON.stringify(decision), promptEventId);
  }

  setReactions(promptEventId: string, eventIds: readonly string[]): void {
    this.#db
      .prepare('UPDATE confirmations SET reactions = ? WHERE prompt_event_id = ?')
      .run(JSON.stringify(eventIds), promptEventId);
  }

  /** Keeps the reply: a typed word may still have to be answered with it. */
  setDone(promptEventId: string, reply: unknown): void {
    this.#db
      .prepare(
        `UPDATE confirmations SET state = 'done', request = 'null', decision = NULL, reply = ?
         WHERE prompt_event_id = ?`,
      )
      .run(JSON.stringify(reply), promptEventId);
  }

  /**
   * Deletes at most `most` closed confirmations, the oldest first, and returns how many: those created long before `now`
   * (epoch ms) or before the last `MOST_DONE`.
   */
  prune(now: number, most: number): number {
    const { changes } = this.#db
      .prepare(
        `DELETE FROM confirmations WHERE rowid IN (
           SELECT rowid FROM confirmations WHERE state = 'done'
           AND (created_at < ? OR rowid <= (SELECT max(rowid) FROM confirmations) - ?) ORDER BY rowid LIMIT ?)`,
      )
      .run(now - REMEMBER_DAYS * 86_400_000, MOST_DONE, most);
    return Number(changes);
  }
}

function fromRow(row: Record<string, unknown>): Confirmation {
  const { decision, reply } = row;
  return {
    promptEventId: String(row.prompt_event_id),
    roomId: String(row.room_id),
    requester: String(row.requester),
    kind: row.kind as ConfirmationKind,
    request: JSON.parse(String(row.request)),
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    state: row.state as ConfirmationState,
    decision: typeof decision === 'string' ? JSON.parse(decision) : undefined,
    reply: typeof reply === 'string' ? JSON.parse(reply) : undefined,
    reactions: JSON.parse(String(row.reactions)),
  };
}
