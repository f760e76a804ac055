// The OlmMachine never forgets a user whose devices it has once asked for, and has no call for it.
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../store/database.ts';

/**
 * Deletes what the file has of these users' devices and identities; to be called before the databases are read. Harmless
 * for somebody who is needed again: their devices are queried then.
 */
export function forgetUsers(db: DatabaseSync, userIds: readonly string[]): void {
  const forgetUser = db.prepare(
    "DELETE FROM records WHERE store IN (SELECT id FROM stores WHERE name IN ('tracked_users', 'identities')) AND key = ?",
  );
  const forgetDevices = db.prepare(
    "DELETE FROM records WHERE store IN (SELECT id FROM stores WHERE name = 'devices') AND key >= ? AND key < ?",
  );
  inTransaction(db, () => {
    for (const userId of userIds) {
      // Keys are JSON; those of devices are the user ID, U+001D and the device ID.
      const user = JSON.stringify(userId);
      const devices = user.slice(0, -1);
      forgetUser.run(user);
      forgetDevices.run(`${devices}\\u001d`, `${devices}\\u001e`);
    }
  });
}
