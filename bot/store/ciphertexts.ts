import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Identifies what was encrypted: a session uses each index once. */
export interface Ciphertext {
  readonly sessionId: string;
  readonly messageIndex: number;
}

export interface CiphertextEvent extends Ciphertext {
  readonly roomId: string;
  readonly eventId: string;
  readonly sender: string;
  /** Epoch ms. */
  readonly receivedAt: number;
}

const EACH_FOR_MS = 60 * 86_400_000;
/** Far more than the crypto store keeps of keys this old. */
const OLD_SESSIONS = 200;

/**
 * Encrypted commands that were received, so that the same ciphertext in another event is not carried out again. The
 * OlmMachine decrypts a ciphertext as often as it comes. After 60 days only the highest index of each session is kept,
 * and everything up to it counts as received; of such sessions, the last 200 of each person in each room.
 */
export class CiphertextTable {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #findOld: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO ciphertexts (room_id, session_id, message_index, event_id, sender, received_at)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#find = db.prepare(
      'SELECT event_id FROM ciphertexts WHERE room_id = ? AND session_id = ? AND message_index = ?',
    );
    this.#findOld = db.prepare(
      `SELECT 1 FROM ciphertexts
       WHERE room_id = ? AND session_id = ? AND message_index > ? AND received_at <= ? LIMIT 1`,
    );
  }

  /** false: the ciphertext came in another event before. */
  add({ roomId, sessionId, messageIndex, eventId, sender, receivedAt }: CiphertextEvent): boolean {
    const known = this.#find.get(roomId, sessionId, messageIndex);
    if (known !== undefined) return known.event_id === eventId;
    if (this.#findOld.get(roomId, sessionId, messageIndex, receivedAt - EACH_FOR_MS) !== undefined)
      return false;
    this.#insert.run(roomId, sessionId, messageIndex, eventId, sender, receivedAt);
    return true;
  }

  /** Deletes what is not needed any more. @param now epoch ms @param most rows @returns how many were deleted */
  prune(now: number, most: number): number {
    const { changes } = this.#db
      .prepare(
        `WITH old AS (
           SELECT rowid AS id, room_id, sender, received_at,
             row_number() OVER (PARTITION BY room_id, session_id ORDER BY message_index DESC) AS nth
           FROM ciphertexts WHERE received_at <= ?
         ), sessions AS (
           SELECT id, row_number() OVER
             (PARTITION BY room_id, sender ORDER BY received_at DESC, id DESC) AS of_person
           FROM old WHERE nth = 1
         )
         DELETE FROM ciphertexts WHERE rowid IN (
           SELECT id FROM old WHERE id NOT IN (SELECT id FROM sessions WHERE of_person <= ?) LIMIT ?)`,
      )
      .run(now - EACH_FOR_MS, OLD_SESSIONS, most);
    return Number(changes);
  }
}
