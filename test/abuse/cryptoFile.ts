// What is in the file with the bot's keys, while the bot is off.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Opens the file of a bot that does not run. */
export function openKeys({ dataDir }: { readonly dataDir: string }): DatabaseSync {
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
