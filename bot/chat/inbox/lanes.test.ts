import { beforeEach, expect, test, vi } from 'vitest';
import { KeyedQueue } from '../../lib/keyedQueue.ts';
import type { InboxItem } from '../../store/inbox.ts';
import { Lanes } from './lanes.ts';

const ADMIN = '@admin:x';
const EVE = '@eve:x';

let done: string[];
let allowed: Set<string>;
/** What holds the work at an item up. */
let gates: Map<string, Promise<void>>;
/** In how many ms the homeserver takes an item's answer; taken away by the first try. */
let limits: Map<string, number>;
let stop: AbortController;
let lanes: Lanes;

beforeEach(() => {
  [done, allowed, gates, limits] = [[], new Set([ADMIN]), new Map(), new Map()];
  stop = new AbortController();
  const work = async ({ id }: InboxItem) => {
    await gates.get(id);
    done.push(id);
  };
  lanes = new Lanes({
    queues: new KeyedQueue(),
    hasAccess: (userId) => allowed.has(userId),
    work,
    workLast: async (item) => {
      const limit = limits.get(item.id);
      limits.delete(item.id);
      if (limit === undefined) await work(item);
      return limit;
    },
    signal: stop.signal,
  });
});

function add(sender: string, id: string, roomId = '!one'): void {
  const rest = { kind: 'command', content: null, receivedAt: 0, plan: undefined, answer: undefined } as const;
  lanes.add({ id, roomId, sender, ...rest });
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('each lane keeps its order', async () => {
  for (const id of ['$1', '$2', '$3']) add(ADMIN, id);
  for (const id of ['$a', '$b']) add(EVE, id);
  await settled();
  expect(done).toEqual(['$1', '$2', '$3', '$a', '$b']);
});

test('while anybody with access waits in any room, nobody else is answered', async () => {
  const gate = Promise.withResolvers<void>();
  gates.set('$slow', gate.promise);
  add(ADMIN, '$slow', '!one');
  add(EVE, '$a', '!two');
  add(ADMIN, '$quick', '!three');
  await settled();
  expect(done).toEqual(['$quick']);
  gate.resolve();
  await settled();
  expect(done).toEqual(['$quick', '$slow', '$a']);
});

test('people without access are worked for one at a time', async () => {
  const gate = Promise.withResolvers<void>();
  gates.set('$a', gate.promise);
  add(EVE, '$a', '!one');
  add('@mallory:x', '$b', '!two');
  add(ADMIN, '$1', '!two');
  await settled();
  expect(done).toEqual(['$1']);
  gate.resolve();
  await settled();
  expect(done).toEqual(['$1', '$a', '$b']);
});

test('an answer that the homeserver limits leaves its room to others, and comes later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    limits.set('$a', 200_000);
    add(EVE, '$a');
    add(EVE, '$b');
    await settled();
    add(ADMIN, '$1');
    await settled();
    expect(done).toEqual(['$1']);
    await vi.advanceTimersByTimeAsync(200_000);
    await settled();
    expect(done).toEqual(['$1', '$a', '$b']);
  } finally {
    vi.useRealTimers();
  }
});

test('who was given access meanwhile goes first', async () => {
  const gate = Promise.withResolvers<void>();
  gates.set('$allow', gate.promise);
  add(ADMIN, '$allow');
  add('@mallory:x', '$m', '!two');
  add(EVE, '$a', '!two');
  allowed.add('@mallory:x');
  add('@mallory:x', '$m2', '!two');
  await settled();
  gate.resolve();
  await settled();
  expect(done).toEqual(['$m2', '$allow', '$m', '$a']);
});

test('nothing is begun after the stop', async () => {
  limits.set('$a', 200_000);
  add(EVE, '$a');
  await settled();
  stop.abort();
  await settled();
  add(EVE, '$b');
  await settled();
  expect(done).toEqual([]);
});
