import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { requestFailed } from '../../matrix/errors.ts';
import { readSync } from '../../matrix/sync/syncResponse.ts';
import { Store } from '../../store/store.ts';
import { GapReader, hasGap } from './gaps.ts';

const BOT = '@bot:x';
const BROKEN = '!broken:x';
const WELL = '!well:x';
const HOUR = 3_600_000;

const message = (event_id: string) => ({ type: 'm.room.message', event_id, sender: '@a:x', content: {} });
const unreachable = requestFailed('http://x', {});
const failing = requestFailed('http://x', {
  status: 500,
  errcode: 'M_UNKNOWN',
  error: 'Internal server error',
});
const never = () => new Promise<never>(() => undefined);

let store: Store;
/** What /messages answers in the broken room. */
let broken: () => unknown;
let isReachable: boolean;
let requests: string[];
let errors: string[];
let takenIn: string[][];
let reader: GapReader;

beforeEach(() => {
  vi.useFakeTimers();
  store = new Store(':memory:');
  [isReachable, requests, errors, takenIn] = [true, [], [], []];
  broken = () => ({ chunk: [message('$0')] });
  const request = async (_method: string, path: string) => {
    requests.push(path);
    return path.includes(encodeURIComponent(BROKEN)) ? await broken() : { chunk: [message('$1')] };
  };
  const write = (line: string) => void errors.push(JSON.parse(line).msg);
  reader = new GapReader({
    homeserver: { request, userId: BOT, isReachable: async () => isReachable },
    table: store.gaps,
    takeIn: async ({ seq }, timeline) => {
      takenIn.push(timeline.map(({ eventId }) => eventId));
      store.gaps.remove(seq);
    },
    log: pino({ level: 'error' }, { write }),
    signal: new AbortController().signal,
  });
});

afterEach(() => {
  store.close();
  vi.useRealTimers();
});

/** Handles a /sync response with an event of a room; `from`: where events before it are missing. */
function told(roomId: string, eventId: string, from?: string): void {
  const timeline = { limited: from !== undefined, prev_batch: from, events: [message(eventId)] };
  const [update] = readSync({ next_batch: 's', rooms: { join: { [roomId]: { timeline } } } }, BOT).joined;
  if (update === undefined) throw new Error('The answer has the room.');
  expect(hasGap(update, 's0', BOT)).toBe(from !== undefined);
  expect(hasGap(update, undefined, BOT)).toBe(false);
  store.gaps.add({ roomId, from: update.gapBefore, upTo: 's0', update });
}

function toldOfBoth(): void {
  told(BROKEN, '$3', 'p');
  told(WELL, '$2', 'p');
}

test('what /sync left out is read', async () => {
  toldOfBoth();
  reader.readOn();
  await reader.idle();
  expect(takenIn.toSorted()).toEqual([
    ['$0', '$3'],
    ['$1', '$2'],
  ]);
  expect(store.gaps.rooms()).toEqual([]);
});

test.each([
  ['fails', () => Promise.reject(failing)],
  ['does not come in time', () => Promise.reject(unreachable)],
])('a room whose history %s is tried for a while, not for ever', async (_, fate) => {
  broken = fate;
  toldOfBoth();
  reader.readOn();
  await vi.advanceTimersByTimeAsync(HOUR);
  await reader.idle();
  expect(takenIn).toEqual([['$1', '$2'], ['$3']]);
  expect(requests.filter((path) => path.includes('broken'))).toHaveLength(5);
  expect(errors).toEqual([
    expect.stringMatching(/^What happened in a room meanwhile can’t be read, and is left out: /),
  ]);
  expect(store.gaps.rooms()).toEqual([]);
});

test('a room whose history hangs does not delay other rooms', async () => {
  broken = never;
  for (let room = 0; room < 7; room++) told(`${BROKEN}${room}`, '$3', 'p');
  told(WELL, '$2', 'p');
  reader.readOn();
  await vi.advanceTimersByTimeAsync(0);
  expect(takenIn).toEqual([['$1', '$2']]);
});

test('the bot waits for an unreachable homeserver without a limit', async () => {
  broken = () => Promise.reject(unreachable);
  isReachable = false;
  told(BROKEN, '$3', 'p');
  reader.readOn();
  await vi.advanceTimersByTimeAsync(24 * HOUR);
  expect([takenIn, errors]).toEqual([[], []]);
  broken = () => ({ chunk: [message('$0')] });
  await vi.advanceTimersByTimeAsync(HOUR);
  await reader.idle();
  expect(takenIn).toEqual([['$0', '$3']]);
});

test('a homeserver that answers /sync counts as reachable', async () => {
  let tries = 0;
  broken = async () => {
    tries++;
    reader.readOn();
    throw unreachable;
  };
  isReachable = false;
  told(BROKEN, '$3', 'p');
  reader.readOn();
  await vi.advanceTimersByTimeAsync(HOUR);
  await reader.idle();
  expect([tries, takenIn]).toEqual([5, [['$3']]]);
});

test('messages that arrive during the gap are handled after the missing ones', async () => {
  const page = Promise.withResolvers<unknown>();
  broken = () => page.promise;
  told(BROKEN, '$3', 'p');
  reader.readOn();
  told(BROKEN, '$4');
  reader.readOn();
  await vi.advanceTimersByTimeAsync(0);
  expect(takenIn).toEqual([]);
  page.resolve({ chunk: [message('$0')] });
  await reader.idle();
  expect(takenIn).toEqual([['$0', '$3'], ['$4']]);
});
