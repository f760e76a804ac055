import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { MatrixSession } from '../../matrix/session.ts';
import { Store } from '../../store/store.ts';
import { Intake, type IntakeOptions } from './syncHandler.ts';

test('whose devices changed while encryption was off, and at the first sync, is asked for', async () => {
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
  // Only what is used of them.
  const on = { keys, unreadable } as unknown as NonNullable<IntakeOptions['encryption']>;
  const receive = async (encryption: IntakeOptions['encryption']) => {
    const nothing = () => undefined;
    const intake = new Intake({
      homeserver: { userId: '@bot:x' } as MatrixSession,
      store,
      encryption,
      clock: () => 0,
      log: pino({ level: 'silent' }),
      names: () => ({ userId: '@bot:x', displayName: undefined, prefix: '!' }),
      signal: new AbortController().signal,
      onItem: nothing,
      onAlone: nothing,
      onRoomChange: nothing,
      onInvites: nothing,
      onReaders: nothing,
    });
    await intake.receive({ next_batch: 's' });
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
