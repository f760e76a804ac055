import type { DatabaseSync } from 'node:sqlite';

/** What the bot knows about its stay in a room. */
export interface Stay {
  readonly roomId: string;
  /** When the bot last looked for members with access, epoch ms; undefined: never. */
  readonly checkedAt: number | undefined;
  /** Since when no member has had access, as far as the bot has looked, epoch ms; undefined: somebody has. */
  readonly withoutAccessSince: number | undefined;
  /** When the bot last said that the room is too big, epoch ms. */
  readonly tooBigToldAt: number | undefined;
}

export class StayTable {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  get(roomId: string): Stay {
    const row = this.#db.prepare('SELECT * FROM stays WHERE room_id = ?').get(roomId) ?? {};
    return {
      roomId,
      checkedAt: number(row.checked_at),
      withoutAccessSince: number(row.without_access_since),
      tooBigToldAt: number(row.too_big_told),
    };
  }

  /**
   * The bot joined the room.
   * @param inviter whose invite it accepted; undefined: unknown
   * @param now epoch ms
   */
  begin(roomId: string, inviter: string | undefined, now: number): void {
    this.update(roomId, { checkedAt: now, withoutAccessSince: now });
    this.#db.prepare('UPDATE stays SET inviter = ? WHERE room_id = ?').run(inviter ?? '', roomId);
  }

  update(roomId: string, change: Partial<Omit<Stay, 'roomId'>>): void {
    const { checkedAt, withoutAccessSince, tooBigToldAt } = { ...this.get(roomId), ...change };
    this.#db
      .prepare(
        `INSERT INTO stays (room_id, checked_at, without_access_since, too_big_told) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET checked_at = excluded.checked_at,
         without_access_since = excluded.without_access_since, too_big_told = excluded.too_big_told`,
      )
      .run(roomId, checkedAt ?? null, withoutAccessSince ?? null, tooBigToldAt ?? null);
  }

  /** The bot left the room. What it said there is remembered. */
  end(roomId: string): void {
    this.#db.prepare('DELETE FROM stays WHERE room_id = ? AND too_big_told IS NULL').run(roomId);
    this.#db
      .prepare(
        'UPDATE stays SET inviter = NULL, checked_at = NULL, without_access_since = NULL WHERE room_id = ?',
      )
      .run(roomId);
  }

  /** Forgets what was said before (epoch ms) in rooms that the bot is not in. */
  prune(before: number): void {
    this.#db
      .prepare(
        `DELETE FROM stays WHERE too_big_told < ?
         AND room_id NOT IN (SELECT room_id FROM rooms WHERE joined = 1)`,
      )
      .run(before);
  }

  /** How many rooms the bot is in through invites of this user; undefined: through those of nobody knows whom. */
  countBy(inviter: string | undefined): number {
    const row = this.#db.prepare('SELECT count(*) AS count FROM stays WHERE inviter = ?').get(inviter ?? '');
    return Number(row?.count);
  }
}

function number(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
