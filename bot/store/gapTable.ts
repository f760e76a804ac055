import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface NewWaitingUpdate {
  readonly roomId: string;
  /** Where the missing events are read backwards from; undefined: none are missing in this update. */
  readonly from: string | undefined;
  /** The position up to which everything is known; undefined: up to the invite of a room just joined. */
  readonly upTo: string | undefined;
  /** What /sync told of the room; JSON. */
  readonly update: unknown;
}

export interface WaitingUpdate extends NewWaitingUpdate {
  readonly seq: number;
}

/** Updates of rooms that wait until what /sync left out before them is read. */
export class GapTable {
  readonly #db: DatabaseSync;
  readonly #first: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#first = db.prepare('SELECT * FROM gaps WHERE room_id = ? ORDER BY seq LIMIT 1');
  }

  add({ roomId, from, upTo, update }: NewWaitingUpdate): void {
    this.#db
      .prepare('INSERT INTO gaps (room_id, from_token, up_to, waiting) VALUES (?, ?, ?, ?)')
      .run(roomId, from ?? null, upTo ?? null, JSON.stringify(update));
  }

  /** The room's oldest; undefined: nothing waits there. */
  first(roomId: string): WaitingUpdate | undefined {
    const row = this.#first.get(roomId);
    if (row === undefined) return undefined;
    return {
      seq: Number(row.seq),
      roomId,
      from: row.from_token === null ? undefined : String(row.from_token),
      upTo: row.up_to === null ? undefined : String(row.up_to),
      update: JSON.parse(String(row.waiting)),
    };
  }

  /** The IDs of the rooms in which something waits. */
  rooms(): string[] {
    return this.#db
      .prepare('SELECT DISTINCT room_id FROM gaps')
      .all()
      .map((row) => String(row.room_id));
  }

  /** false: it was removed before. */
  remove(seq: number): boolean {
    return this.#db.prepare('DELETE FROM gaps WHERE seq = ?').run(seq).changes === 1;
  }

  removeRoom(roomId: string): void {
    this.#db.prepare('DELETE FROM gaps WHERE room_id = ?').run(roomId);
  }
}
