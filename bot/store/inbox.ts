import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Ciphertext } from './ciphertexts.ts';

type InboxKind = 'command' | 'reaction' | 'greeting';

export interface NewInboxItem {
  /** The event ID, or an ID made by the bot that can't be an event ID. */
  id: string;
  kind: InboxKind;
  roomId: string;
  sender: string;
  /** The parts of the event that the handler needs; JSON. */
  content: unknown;
  /** When the bot received it, epoch ms. */
  receivedAt: number;
  /** undefined: it came in clear. Kept in `CiphertextTable`. */
  ciphertext?: Ciphertext | undefined;
}

export interface InboxItem extends NewInboxItem {
  /** What the handler is about to do; undefined: no request was made yet. */
  plan: unknown;
  /** The reply; undefined: not decided yet. */
  answer: unknown;
}

/** Days to keep the IDs of answered events, so that an event received again is not answered again. */
const REMEMBER_DAYS = 60;
/** So that a flood of commands can't fill the disk in that time: 20 MB. */
const MOST_DONE = 100_000;

/** Received events that need an answer; each stays open until it is answered. */
export class InboxTable {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #setPlan: StatementSync;
  readonly #setAnswer: StatementSync;
  readonly #setDone: StatementSync;
  readonly #pruneEvents: StatementSync;
  readonly #pruneGreetings: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO inbox (id, kind, room_id, sender, content, received_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO NOTHING`,
    );
    this.#setPlan = db.prepare('UPDATE inbox SET plan = ? WHERE id = ?');
    this.#setAnswer = db.prepare('UPDATE inbox SET answer = ? WHERE id = ?');
    // Of an answered event only the ID is needed.
    this.#setDone = db.prepare(
      `UPDATE inbox SET done = 1, plan = NULL, answer = NULL, content = 'null' WHERE id = ?`,
    );
    this.#pruneEvents = db.prepare(
      `DELETE FROM inbox WHERE seq IN (
         SELECT seq FROM inbox WHERE done = 1 AND kind <> 'greeting'
         AND (received_at < ? OR seq <= (SELECT max(seq) FROM inbox) - ?) ORDER BY seq LIMIT ?)`,
    );
    this.#pruneGreetings = db.prepare(
      `DELETE FROM inbox WHERE seq IN (
         SELECT seq FROM inbox WHERE done = 1 AND kind = 'greeting'
         AND room_id NOT IN (SELECT room_id FROM rooms) ORDER BY seq LIMIT ?)`,
    );
  }

  /** false: received before. */
  add(item: NewInboxItem): boolean {
    const { id, kind, roomId, sender, content, receivedAt } = item;
    return this.#insert.run(id, kind, roomId, sender, JSON.stringify(content), receivedAt).changes === 1;
  }

  /** Oldest first. */
  open(): InboxItem[] {
    return this.#db
      .prepare(
        'SELECT id, kind, room_id, sender, content, received_at, plan, answer FROM inbox WHERE done = 0 ORDER BY seq',
      )
      .all()
      .map((row) => ({
        id: String(row.id),
        kind: row.kind as InboxKind,
        roomId: String(row.room_id),
        sender: String(row.sender),
        content: JSON.parse(String(row.content)),
        receivedAt: Number(row.received_at),
        plan: row.plan === null ? undefined : JSON.parse(String(row.plan)),
        answer: row.answer === null ? undefined : JSON.parse(String(row.answer)),
      }));
  }

  /** Whether somebody's command in a room is not done yet. */
  hasOpenCommand(roomId: string, sender: string): boolean {
    const row = this.#db
      .prepare(
        `SELECT 1 FROM inbox WHERE done = 0 AND kind = 'command' AND room_id = ? AND sender = ? LIMIT 1`,
      )
      .get(roomId, sender);
    return row !== undefined;
  }

  openCount(): number {
    return Number(this.#db.prepare('SELECT count(*) AS items FROM inbox WHERE done = 0').get()?.items);
  }

  setPlan(id: string, plan: unknown): void {
    this.#setPlan.run(JSON.stringify(plan), id);
  }

  setAnswer(id: string, answer: unknown): void {
    this.#setAnswer.run(JSON.stringify(answer), id);
  }

  setDone(id: string): void {
    this.#setDone.run(id);
  }

  /**
   * Deletes at most `most` items that are done, the oldest first, and returns how many: events received long before `now`
   * (epoch ms) or before the last `MOST_DONE`, and greetings of rooms that are forgotten. A room is greeted once.
   */
  prune(now: number, most: number): number {
    const changes = this.#pruneEvents.run(now - REMEMBER_DAYS * 86_400_000, MOST_DONE, most).changes;
    return Number(changes) + Number(this.#pruneGreetings.run(most - Number(changes)).changes);
  }
}
