import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { requestFailed } from '../../matrix/errors.ts';
import { type JoinedRoomUpdate, readSync } from '../../matrix/sync/syncResponse.ts';
import { Store } from '../../store/store.ts';
import { withoutGaps } from './gaps.ts';

const BOT = '@bot:x';
const message = (event_id: string) => ({ type: 'm.room.message', event_id, sender: '@a:x', content: {} });

let pages: Record<string, unknown>;
let rooms: JoinedRoomUpdate[];
let failures: Map<string, number>;
let store: Store;

beforeEach(() => {
  failures = new Map();
  store = new Store(':memory:');
  for (const roomId of ['!broken:x', '!well:x']) store.rooms.update(roomId, { joined: true });
  const timeline = (id: string) => ({ limited: true, prev_batch: 'p', events: [message(id)] });
  const join = { '!broken:x': { timeline: timeline('$3') }, '!well:x': { timeline: timeline('$2') } };
  rooms = [...readSync({ next_batch: 's', rooms: { join } }, BOT).joined];
  pages = { '!well': { chunk: [message('$1')] }, '!broken': { chunk: [message('$0')] } };
});

async function read(): Promise<string[][]> {
  const request = async (_method: string, path: string) => {
    const page = Object.entries(pages).find(([room]) => path.includes(encodeURIComponent(room)))?.[1];
    if (page instanceof Error) throw page;
    return page;
  };
  const homeserver = { request, userId: BOT };
  const log = pino({ level: 'silent' });
  const whole = await withoutGaps(rooms, 's0', { homeserver, rooms: store.rooms, failures, log });
  return whole.map(({ timeline }) => timeline.map(({ eventId }) => eventId));
}

test('what /sync left out is read', async () => {
  expect(await read()).toEqual([
    ['$0', '$3'],
    ['$1', '$2'],
  ]);
});

test('a room that the homeserver can’t read holds up the others for a while, not for ever', async () => {
  const failure = requestFailed('http://x', {
    status: 500,
    errcode: 'M_UNKNOWN',
    error: 'Internal server error',
  });
  pages['!broken'] = failure;
  for (let attempt = 0; attempt < 3; attempt++) await expect(read()).rejects.toBe(failure);
  expect(await read()).toEqual([['$3'], ['$1', '$2']]);
});

test('a homeserver that is away is waited for, however long it takes', async () => {
  const failure = requestFailed('http://x', {});
  pages['!broken'] = failure;
  for (let attempt = 0; attempt < 10; attempt++) await expect(read()).rejects.toBe(failure);
});
