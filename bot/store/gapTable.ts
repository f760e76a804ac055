import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface NewWaitingUpdate {
  readonly roomId: string;
  /** `/messages` token to read the missing events backwards from; undefined: none are missing. */
  readonly from: string | undefined;
  /** The sync position to stop at; undefined: stop at the invite (room just joined). */
  readonly upTo: string | undefined;
  /** The room's part of the /sync answer; JSON. */
  readonly update: unknown;
}

export interface WaitingUpdate extends NewWaitingUpdate {
  readonly seq: number;
}

/** Room updates held back until the events that /sync left out before them are read. */
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

  /** The room's oldest update; undefined: none. */
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

  /** IDs of the rooms with held-back updates. */
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
