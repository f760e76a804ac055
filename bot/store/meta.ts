import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Single values: the sync position, sessions, one-time actions done. */
export type MetaKey =
  | 'sync_token'
  // encryption was off: device list changes in /sync were ignored
  | 'keys_missed'
  // the generation that crypto.sqlite had at the last answer to /sync
  | 'crypto_generation'
  | 'user_id'
  // the device that the bot is, and since when; JSON
  | 'device'
  | 'bot_session'
  | 'api_session'
  | 'profile_set'
  | 'widget_icon';

export class MetaTable {
  readonly #get: StatementSync;
  readonly #set: StatementSync;
  readonly #delete: StatementSync;

  constructor(db: DatabaseSync) {
    this.#get = db.prepare('SELECT value FROM meta WHERE key = ?');
    this.#set = db.prepare(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
    this.#delete = db.prepare('DELETE FROM meta WHERE key = ?');
  }

  get(key: MetaKey): string | undefined {
    const row = this.#get.get(key);
    return row === undefined ? undefined : String(row.value);
  }

  set(key: MetaKey, value: string): void {
    this.#set.run(key, value);
  }

  delete(key: MetaKey): void {
    this.#delete.run(key);
  }
}
