import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { MatrixSession } from '../../matrix/session.ts';
import { Store } from '../../store/store.ts';
import { SyncHandler, type SyncHandlerOptions } from './syncHandler.ts';

test('device lists are read anew at the first sync and after encryption was off', async () => {
  const store = new Store(':memory:');
  const missed: boolean[] = [];
  let notes = 0;
  const keys = {
    decryptor: {
      async receive(_: unknown, hasMissed: boolean) {
        missed.push(hasMissed);
        return [];
      },
    },
    noteGeneration: () => void notes++,
  };
  const unreadable = { nowReadable: async () => [], watch: () => undefined };
  // Only the parts that are used.
  const on = { keys, unreadable } as unknown as NonNullable<SyncHandlerOptions['encryption']>;
  const receive = async (encryption: SyncHandlerOptions['encryption']) => {
    const nothing = () => undefined;
    const syncHandler = new SyncHandler({
      homeserver: { userId: '@bot:x' } as MatrixSession,
      store,
      admission: { take: () => false },
      encryption,
      clock: () => 0,
      log: pino({ level: 'silent' }),
      names: () => ({ userId: '@bot:x', displayName: undefined, prefix: '!' }),
      signal: new AbortController().signal,
      onItem: nothing,
      onStored: nothing,
      keepsInvite: () => true,
      onLeft: nothing,
      onRoomChange: nothing,
      onInvites: nothing,
      onReaders: nothing,
    });
    await syncHandler.receive({ next_batch: 's' });
  };
  await receive(on);
  await receive(on);
  await receive(undefined);
  await receive(on);
  await receive(on);
  store.close();
  expect(missed).toEqual([true, false, true, false]);
  // With each position, so that an older copy of the keys is known.
  expect(notes).toBe(4);
});
