// What the crypto store keeps of what others sent, and what is deleted. The OlmMachine itself never deletes anything.
import type { DatabaseSync } from 'node:sqlite';
import { deserialize } from 'node:v8';
import { inTransaction } from '../../store/database.ts';
import { encodeKey } from './change.ts';

/** A Megolm session that was received (https://spec.matrix.org/v1.16/client-server-api/#mroom_key). */
export interface RoomKey {
  readonly roomId: string;
  readonly sessionId: string;
  /** User ID, by the homeserver. */
  readonly sender: string;
}

export interface RetentionInput {
  /** The rooms that the bot is in or invited to; undefined: not known, all rooms count as such. */
  readonly rooms: readonly string[] | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/** A record that is deleted. */
export interface Excess {
  readonly database: string;
  readonly store: string;
  /** JSON */
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** Bounds; `docs/security.md` lists them. */
export const KEPT = {
  /** Room keys of rooms that the bot is in. */
  roomKeys: 10_000,
  /** For one room, of one sender. */
  roomKeysPerSender: 20,
  /** For one room, of unknown senders: from before senders were recorded, imported, and the bot's own. */
  roomKeysUnattributed: 100,
  /** Keys this new are not counted by sender: their messages may be still to come, from a gap in /sync for example. */
  roomKeysUncountedMs: DAY_MS,
  /** Older keys are deleted, except the latest few of each room and sender: a client may go on with its key for long. */
  roomKeysMs: 30 * DAY_MS,
  roomKeysLatest: 3,
  /** For rooms that the bot is not in. Keys may arrive before the invite. */
  foreignRoomKeys: 500,
  foreignRoomKeysMs: 7 * DAY_MS,
  /** The last used with each device, and in all; those with devices of people in the bot's rooms are kept longest. */
  olmSessionsPerDevice: 5,
  olmSessions: 5_000,
} as const;

/** Object stores of which only the records written last are kept, and their number. */
const NEWEST: Readonly<Record<string, number>> = {
  // Only tell a repeated Olm message from one that can't be decrypted, to which the machine answers with a new session.
  olm_hashes: 2_000,
  // Why a key was not sent: for the notice that a message can't be read, soon after.
  withheld_sessions: 1_000,
  // Room keys of history, which the bot does not read.
  received_room_key_bundles: 100,
  gossip_requests: 1_000,
};

const INBOUND = 'inbound_group_sessions3';
const OUTBOUND = 'outbound_group_sessions';
const OLM = 'session';

/** The parts of a record's key are joined by U+001D; in JSON, which a key is here, it is escaped. */
const firstPart = (key: string) => `substr(${key}, 2, instr(${key}, '\\u001d') - 2)`;

const idsOf = (...names: readonly string[]) =>
  `(SELECT id FROM stores WHERE name IN (${names.map((name) => `'${name}'`).join(', ')}))`;

/**
 * These queries say which records to keep, by their rowids: a record gets a new one, the highest, each time it is
 * written. Where there are too many in all, the newest of each sender are kept, then their second newest, and so on:
 * nobody pushes out the keys of others.
 */
const KEPT_ROOM_KEYS = `
  WITH keys AS (
    SELECT r.rowid AS id, r.store, ${firstPart('r.key')} AS room, ifnull(k.sender, '') AS sender,
      ifnull(k.received_at, :now) AS received_at
    FROM records r LEFT JOIN room_keys k ON k.store = r.store AND k.key = r.key
    WHERE r.store IN ${idsOf(INBOUND)}
  ), known AS (
    SELECT *, :rooms IS NULL OR room IN (SELECT value FROM json_each(:rooms)) AS is_known FROM keys
  ), by_sender AS (
    SELECT id, sender, received_at, is_known, row_number() OVER
      (PARTITION BY store, iif(is_known, room, ''), sender ORDER BY received_at DESC, id DESC) AS of_sender
    FROM known
  ), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY is_known ORDER BY of_sender, received_at DESC, id DESC) AS of_all
    FROM by_sender
  )
  SELECT id FROM ranked WHERE CASE WHEN is_known THEN
    of_all <= ${KEPT.roomKeys} AND
    (received_at > :now - ${KEPT.roomKeysUncountedMs} OR
      of_sender <= iif(sender = '', ${KEPT.roomKeysUnattributed}, ${KEPT.roomKeysPerSender})) AND
    (received_at > :now - ${KEPT.roomKeysMs} OR of_sender <= ${KEPT.roomKeysLatest})
  ELSE of_all <= ${KEPT.foreignRoomKeys} AND received_at > :now - ${KEPT.foreignRoomKeysMs} END`;

const KEPT_OLM_SESSIONS = `
  WITH ranked AS (
    SELECT rowid AS id, ${firstPart('key')} AS device,
      row_number() OVER (PARTITION BY store, ${firstPart('key')} ORDER BY rowid DESC) AS of_device
    FROM records WHERE store IN ${idsOf(OLM)}
  )
  SELECT id FROM ranked WHERE of_device <= ${KEPT.olmSessionsPerDevice}
  ORDER BY device IN (SELECT value FROM json_each(:devices)) DESC, id DESC LIMIT ${KEPT.olmSessions}`;

const KEPT_NEWEST = `
  SELECT rowid FROM records WHERE store IN (SELECT id FROM stores WHERE name = :name)
  ORDER BY rowid DESC LIMIT :most`;

const KEPT_OTHERS = `
  SELECT rowid FROM records WHERE store NOT IN ${idsOf(INBOUND, OUTBOUND, OLM, ...Object.keys(NEWEST))}`;

/** The machine creates a new one if the bot comes back to the room. */
const KEPT_OUTBOUND = `
  SELECT rowid FROM records WHERE store IN ${idsOf(OUTBOUND)} AND
    (:rooms IS NULL OR key ->> '$' IN (SELECT value FROM json_each(:rooms)))`;

export class Retention {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec('CREATE TEMP TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY)');
  }

  /** Records who sent these keys. @param now epoch ms */
  noteRoomKeys(keys: readonly RoomKey[], now: number): void {
    if (keys.length === 0) return;
    const note = this.#db.prepare(
      `INSERT INTO room_keys (store, key, sender, received_at)
       SELECT store, key, ?, ? FROM records WHERE store IN ${idsOf(INBOUND)} AND key = ? ON CONFLICT DO NOTHING`,
    );
    inTransaction(this.#db, () => {
      for (const { roomId, sessionId, sender } of keys)
        note.run(sender, now, encodeKey(`${roomId}\u001d${sessionId}`));
    });
  }

  /** Deletes what is too much from the file; to be called before the databases are read. */
  deleteExcess(input: RetentionInput): void {
    const { kept, all } = inTransaction(this.#db, () => {
      this.#findKept(input, input.rooms);
      const numbers = this.#numbers();
      this.#deleteOthers(numbers);
      this.#noteUnknown(input.now);
      return numbers;
    });
    if (kept < all / 2) this.#shrink();
  }

  /** What is too much while the databases are in use. They have to be told to delete it. */
  excess(input: RetentionInput): Excess[] {
    return inTransaction(this.#db, () => {
      this.#noteUnknown(input.now);
      // The machine has its own room keys in memory, and would write them again.
      this.#findKept(input, undefined);
      const rows = this.#db
        .prepare(
          `SELECT s.database, s.name AS store, r.key FROM records r JOIN stores s ON s.id = r.store
           WHERE r.rowid NOT IN (SELECT id FROM temp.kept)`,
        )
        .all();
      return rows.map(({ database, store, key }) => ({
        database: String(database),
        store: String(store),
        key: String(key),
      }));
    });
  }

  /** @param outbound the rooms whose own keys are kept; undefined: all */
  #findKept({ rooms, now }: RetentionInput, outbound: readonly string[] | undefined): void {
    this.#db.exec('DELETE FROM temp.kept');
    const keep = (sql: string, values: Record<string, string | number | null> = {}) =>
      this.#db.prepare(`INSERT INTO temp.kept ${sql}`).run(values);
    keep(KEPT_OTHERS);
    keep(KEPT_OUTBOUND, { rooms: outbound === undefined ? null : JSON.stringify(outbound) });
    // Compared with parts of keys, where they are in JSON.
    const escaped = rooms?.map((roomId) => JSON.stringify(roomId).slice(1, -1));
    keep(KEPT_ROOM_KEYS, { now, rooms: escaped === undefined ? null : JSON.stringify(escaped) });
    keep(KEPT_OLM_SESSIONS, { devices: JSON.stringify(this.#devices()) });
    for (const [name, most] of Object.entries(NEWEST)) keep(KEPT_NEWEST, { name, most });
  }

  #numbers(): { kept: number; all: number } {
    const row = this.#db
      .prepare('SELECT (SELECT count(*) FROM temp.kept) AS kept, (SELECT count(*) FROM records) AS every')
      .get();
    return { kept: Number(row?.kept), all: Number(row?.every) };
  }

  #deleteOthers({ kept, all }: { kept: number; all: number }): void {
    if (kept >= all / 2) {
      // Finds them by the index of the keys, without reading the values.
      const others = 'SELECT rowid FROM records EXCEPT SELECT id FROM temp.kept';
      this.#db.exec(`DELETE FROM records WHERE rowid IN (${others})`);
      return;
    }
    // Ten times as fast if most are deleted: emptying a table does not look at its records.
    this.#db.exec(`
      CREATE TEMP TABLE kept_records AS
        SELECT k.id, r.store, r.key, r.value FROM temp.kept k CROSS JOIN records r ON r.rowid = k.id;
      DELETE FROM records;
      INSERT INTO records (rowid, store, key, value) SELECT id, store, key, value FROM temp.kept_records;
      DROP TABLE temp.kept_records;
    `);
  }

  /** Keys without a sender count as received now; senders without a key are deleted. */
  #noteUnknown(now: number): void {
    this.#db.exec(`
      DELETE FROM room_keys WHERE NOT EXISTS
        (SELECT 1 FROM records r WHERE r.store = room_keys.store AND r.key = room_keys.key)`);
    this.#db
      .prepare(
        `INSERT INTO room_keys (store, key, sender, received_at)
         SELECT store, key, '', ? FROM records WHERE store IN ${idsOf(INBOUND)} ON CONFLICT DO NOTHING`,
      )
      .run(now);
  }

  /** The Curve25519 keys of known devices, if they are needed. JSON escapes no character of base64. */
  #devices(): string[] {
    const counted = this.#db.prepare(`SELECT count(*) AS n FROM records WHERE store IN ${idsOf(OLM)}`).get();
    if (Number(counted?.n) <= KEPT.olmSessions) return [];
    const rows = this.#db.prepare(`SELECT value FROM records WHERE store IN ${idsOf('devices')}`).iterate();
    return [...rows].flatMap(({ value }) => (value instanceof Uint8Array ? curveKeys(value) : []));
  }

  #shrink(): void {
    try {
      this.#db.exec('VACUUM');
    } catch {
      // Only saves space, of which it needs some itself.
    }
  }
}

/** Values are JSON in base64, as the machine serializes them. */
function curveKeys(value: Uint8Array): string[] {
  try {
    const json = Buffer.from(String(deserialize(value)), 'base64').toString();
    const { device_keys } = JSON.parse(json) as { device_keys: { keys: Record<string, string> } };
    return Object.entries(device_keys.keys).flatMap(([id, key]) =>
      id.startsWith('curve25519:') ? [key] : [],
    );
  } catch {
    return [];
  }
}
