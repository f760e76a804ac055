import type { DatabaseSync } from 'node:sqlite';

export interface UnreadableMessage {
  readonly eventId: string;
  readonly roomId: string;
  /** The encrypted event, as received. */
  readonly event: unknown;
  /** Epoch ms. */
  readonly receivedAt: number;
}

const MAX_PER_ROOM = 50;
/** In all rooms: an event has 64 KB at most, so 32 MB. */
const MAX_IN_ALL = 500;

/** Encrypted messages whose key has not arrived yet. */
export class UnreadableTable {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Keeps only the latest messages, per room and in all: anybody can send undecryptable ones. */
  add({ eventId, roomId, event, receivedAt }: UnreadableMessage): void {
    this.#db
      .prepare('INSERT OR IGNORE INTO unreadable (event_id, room_id, event, received_at) VALUES (?, ?, ?, ?)')
      .run(eventId, roomId, JSON.stringify(event), receivedAt);
    this.#db
      .prepare(
        `DELETE FROM unreadable WHERE room_id = ? AND rowid NOT IN
         (SELECT rowid FROM unreadable WHERE room_id = ? ORDER BY rowid DESC LIMIT ?)`,
      )
      .run(roomId, roomId, MAX_PER_ROOM);
    // From the room with the most of them, so that a few full rooms take nothing from the others.
    if (this.count() > MAX_IN_ALL)
      this.#db.exec(
        `DELETE FROM unreadable WHERE rowid = (
           SELECT min(rowid) FROM unreadable GROUP BY room_id ORDER BY count(*) DESC, min(rowid) LIMIT 1)`,
      );
  }

  remove(eventId: string): void {
    this.#db.prepare('DELETE FROM unreadable WHERE event_id = ?').run(eventId);
  }

  count(): number {
    return Number(this.#db.prepare('SELECT count(*) AS messages FROM unreadable').get()?.messages);
  }

  /** Oldest first. */
  all(): UnreadableMessage[] {
    return this.#db
      .prepare('SELECT event_id, room_id, event, received_at FROM unreadable ORDER BY received_at, rowid')
      .all()
      .map((row) => ({
        eventId: String(row.event_id),
        roomId: String(row.room_id),
        event: JSON.parse(String(row.event)),
        receivedAt: Number(row.received_at),
      }));
  }

  /** IDs of the rooms with such messages. */
  rooms(): string[] {
    return this.#db
      .prepare('SELECT DISTINCT room_id FROM unreadable')
      .all()
      .map((row) => String(row.room_id));
  }

  /** Deletes messages received before this time (epoch ms). */
  prune(before: number): void {
    this.#db.prepare('DELETE FROM unreadable WHERE received_at < ?').run(before);
  }
}
