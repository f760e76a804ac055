import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MatrixSession } from '../matrix/session.ts';
import { countUse } from './rollbackGuard.ts';

const facts = new Map<string, string>();
/** What the homeserver has. */
let there: { device_id: string; starts: number };
let fatal: unknown[];
let store: { facts: typeof facts; generation: number };
let counting: ReturnType<typeof countUse>;

beforeEach(() => {
  vi.useFakeTimers();
  facts.clear();
  facts.set('starts', '1');
  there = { device_id: 'D', starts: 1 };
  fatal = [];
  store = { facts, generation: 5 };
  const session = {
    userId: '@bot:x',
    deviceId: 'D',
    canLogIn: false,
    retryRequest: (_what: string, work: () => Promise<unknown>) => work(),
    async request(method: string, _path: string, body: typeof there) {
      if (method === 'PUT') {
        // The store is never behind the homeserver, also if the process ends here.
        expect(facts.get('starts')).toBe(String(body.starts));
        there = body;
      }
      return there;
    },
  } as unknown as MatrixSession;
  const { signal } = new AbortController();
  const onFatal = (error: unknown) => fatal.push(error);
  counting = countUse({ store, session, everyMs: undefined, onFatal, signal });
});

afterEach(async () => {
  await counting.stop();
  vi.useRealTimers();
});

async function anHour(): Promise<void> {
  await vi.advanceTimersByTimeAsync(3_600_000);
}

test('an hour counts in which the store has changed', async () => {
  await anHour();
  expect(there.starts).toBe(1);
  store.generation++;
  await anHour();
  expect(there.starts).toBe(2);
  await anHour();
  expect(there.starts).toBe(2);
  store.generation++;
  await anHour();
  expect(there.starts).toBe(3);
  expect(fatal).toEqual([]);
});

test('another process with a newer copy ends this one', async () => {
  there.starts = 7;
  store.generation++;
  await anHour();
  expect(fatal).toMatchObject([{ kind: 'encryption_keys_unusable' }]);
  expect(there.starts).toBe(7);
});

test('after the stop nothing counts', async () => {
  store.generation++;
  await counting.stop();
  await anHour();
  expect(there.starts).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});
