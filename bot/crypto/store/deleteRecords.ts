// Deletes records of databases that are in use, in memory and in the file.
import { type Database, done, type Key } from './indexedDb.ts';
import type { RecordedFactory } from './recorded.ts';
import type { Excess } from './retention.ts';

/** Per transaction: others on the same object store wait meanwhile. */
const SLICE = 100;

/** Rejects if a transaction can't be written. */
export async function deleteRecords(factory: RecordedFactory, records: readonly Excess[]): Promise<void> {
  const databases = Map.groupBy(records, ({ database }) => database);
  for (const [name, ofDatabase] of databases) {
    const database = await done(factory.open(name));
    try {
      for (const [store, ofStore] of Map.groupBy(ofDatabase, (record) => record.store)) {
        for (let at = 0; at < ofStore.length; at += SLICE)
          await deleteKeys(database, store, ofStore.slice(at, at + SLICE));
      }
    } finally {
      database.close();
    }
  }
}

function deleteKeys(database: Database, store: string, records: readonly Excess[]): Promise<void> {
  const transaction = database.transaction(store, 'readwrite');
  const objects = transaction.objectStore(store);
  for (const { key } of records) objects.delete(JSON.parse(key) as Key);
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', () => reject(transaction.error));
  });
}
