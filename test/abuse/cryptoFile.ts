// What is in the file with the bot's keys, while the bot is off.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Opens the file of a bot that does not run. */
function openKeys({ dataDir }: { readonly dataDir: string }): DatabaseSync {
  return new DatabaseSync(join(dataDir, 'crypto.sqlite'));
}

export interface KeysSeen {
  /** Number of records, by object store. */
  readonly records: Readonly<Record<string, number>>;
  readonly bytes: number;
}

export function readKeys(bot: { readonly dataDir: string }): KeysSeen {
  const db = openKeys(bot);
  const rows = db
    .prepare(
      'SELECT s.name, count(r.key) AS n FROM stores s LEFT JOIN records r ON r.store = s.id GROUP BY s.id',
    )
    .all();
  db.close();
  return {
    records: Object.fromEntries(rows.map(({ name, n }) => [String(name), Number(n)])),
    bytes: statSync(join(bot.dataDir, 'crypto.sqlite')).size,
  };
}

/** Number of room keys for rooms whose ID starts with this. */
export function countRoomKeys(bot: { readonly dataDir: string }, prefix: string): number {
  const db = openKeys(bot);
  const row = db
    .prepare(
      `SELECT count(*) AS n FROM records r JOIN stores s ON s.id = r.store
       WHERE s.name = 'inbound_group_sessions3' AND instr(r.key, ?) = 2`,
    )
    .get(prefix);
  db.close();
  return Number(row?.n);
}

/**
 * Adds this many of each of room keys, Olm sessions and Olm hashes: copies of those that are there, half of the keys for
 * `roomId` and half for rooms that the bot does not know.
 */
export function fillKeys(bot: { readonly dataDir: string }, roomId: string, count: number): void {
  const db = openKeys(bot);
  db.exec('PRAGMA synchronous = OFF');
  const fill = db.prepare(`
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count),
      one AS MATERIALIZED (
        SELECT r.store, r.value FROM records r JOIN stores s ON s.id = r.store WHERE s.name = :store LIMIT 1
      )
    INSERT INTO records (store, key, value)
      SELECT store, json_quote(iif(:room <> '' AND n % 2 = 0, :room, 'x' || n) || char(29) || n), value
      FROM numbers, one`);
  for (const store of ['inbound_group_sessions3', 'session', 'olm_hashes'])
    fill.run({ count, store, room: store === 'inbound_group_sessions3' ? roomId : '' });
  db.close();
}
