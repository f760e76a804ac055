// For the test of a sudden end: a process that writes one record after the other into the store named on its command
// line, and prints each key when it has seen its transaction complete.
import { writeSync } from 'node:fs';
import { openCryptoStore } from './cryptoStore.ts';
import { openDatabase, write } from './testDatabases.ts';

const store = await openCryptoStore(process.argv[2] ?? '', (error) => {
  throw error;
});
const database = await openDatabase(store, 'd', 1, (made) => made.createObjectStore('s'));
for (let n = 0; ; n++) {
  await write(database, 's', [n, `value ${n}`]);
  writeSync(1, `${n}\n`);
}
