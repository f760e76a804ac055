// Many tokens at once, straight into Synapse's database: by its admin API thousands take minutes, and none can be used up.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TokenFacts } from '../../common/token.ts';

export type TokenRow = Pick<TokenFacts, 'token' | 'uses_allowed' | 'completed' | 'expiry_time'>;

/** The server may run meanwhile. */
export function insertTokens(synapse: { readonly dataDir: string }, rows: readonly TokenRow[]): void {
  const database = openDatabase(synapse);
  try {
    const insert = database.prepare(
      'INSERT INTO registration_tokens (token, uses_allowed, pending, completed, expiry_time) VALUES (?, ?, 0, ?, ?)',
    );
    database.exec('BEGIN IMMEDIATE');
    for (const { token, uses_allowed, completed, expiry_time } of rows)
      insert.run(token, uses_allowed, completed, expiry_time);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

export function deleteTokens(synapse: { readonly dataDir: string }): void {
  const database = openDatabase(synapse);
  try {
    database.exec('DELETE FROM registration_tokens');
  } finally {
    database.close();
  }
}

function openDatabase({ dataDir }: { readonly dataDir: string }): DatabaseSync {
  return new DatabaseSync(join(dataDir, 'homeserver.db'), { timeout: 10_000 });
}
