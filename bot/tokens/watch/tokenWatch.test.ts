import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RegistrationToken } from '../../../common/token.ts';
import { Emitter } from '../../lib/emitter.ts';
import { createLog } from '../../observability/log.ts';
import type { TokenChange } from '../tokens.ts';
import { type TokenEvent, TokenWatch } from './tokenWatch.ts';

const MINUTE_MS = 60_000;

let lists: number;
let told: RegistrationToken[];
let failure: Error | undefined;
let events: TokenEvent[];
let changes: Emitter<TokenChange>;
let stop: AbortController;
let watch: TokenWatch;

beforeEach(async () => {
  vi.useFakeTimers();
  [lists, told, events, failure] = [0, [token('a')], [], undefined];
  changes = new Emitter(() => undefined);
  stop = new AbortController();
  watch = new TokenWatch({
    list: async () => {
      lists++;
      if (failure !== undefined) throw failure;
      return told;
    },
    changes,
    log: await createLog({ level: 'error', format: 'json' }, { write: () => undefined }),
    signal: stop.signal,
  });
  watch.events.listen((event) => events.push(event));
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

function token(name: string, completed = 0): RegistrationToken {
  const fresh = { uses_allowed: 2, pending: 0, expiry_time: null, state: 'active' as const };
  return { id: name, token: name, completed, ...fresh };
}

test('what changes at the homeserver is emitted while it is started, by itself', async () => {
  const end = watch.start();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(events).toEqual([]);
  told = [token('a', 1), token('b')];
  await vi.advanceTimersByTimeAsync(3_000);
  expect(events).toEqual([{ kind: 'difference', changed: told, removed: [] }]);
  end();
  const before = lists;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(lists).toBe(before);
});

test('it goes on until everybody who started it has stopped it, each of them once', async () => {
  const [one, other] = [watch.start(), watch.start()];
  one();
  one();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(lists).toBe(21);
  other();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(lists).toBe(21);
});

test('changes through the bot are emitted at once, also before the start', async () => {
  await watch.list();
  changes.emit({ kind: 'token_removed', token: 'a' });
  expect(events).toEqual([{ kind: 'difference', changed: [], removed: ['a'] }]);
});

test('five minutes after the last one it forgets, and says that changes may be missed', async () => {
  watch.start()();
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  expect(events).toEqual([{ kind: 'interrupted' }]);
});

test('it is asked less often while the homeserver fails, and goes on when it answers', async () => {
  failure = new Error('away');
  watch.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(lists).toBeLessThan(7);
  failure = undefined;
  await vi.advanceTimersByTimeAsync(30_000);
  told = [];
  await vi.advanceTimersByTimeAsync(3_000);
  expect(events).toEqual([{ kind: 'difference', changed: [], removed: ['a'] }]);
});

test('nothing is asked or emitted once the bot stops', async () => {
  watch.start();
  await vi.advanceTimersByTimeAsync(0);
  stop.abort();
  told = [];
  changes.emit({ kind: 'token_removed', token: 'a' });
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(lists).toBe(1);
  expect(events).toEqual([]);
});
