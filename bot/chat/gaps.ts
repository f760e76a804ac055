// Reads what /sync leaves out of long timelines.
import type { Homeserver } from '../homeserver/homeserver.ts';
import { type JoinedRoomUpdate, type RoomEvent, readEvent } from '../homeserver/syncResponse.ts';
import type { RoomTable } from '../store/rooms.ts';

export interface GapOptions {
  readonly homeserver: Pick<Homeserver, 'request' | 'userId'>;
  readonly rooms: RoomTable;
}

/** A gap is read back this far: pages of 100 events. */
const MOST_PAGES = 20;
const TIMELINE_TYPES = [
  'm.room.message',
  'm.room.encrypted',
  'm.reaction',
  'm.room.member',
  'm.key.verification.*',
];

/**
 * The rooms with whole timelines. To be called before anything of them is stored, because it asks the homeserver.
 * @param since the position up to which everything is known; undefined: nothing is
 * @throws RequestFailed
 */
export async function withoutGaps(
  rooms: readonly JoinedRoomUpdate[],
  since: string | undefined,
  options: GapOptions,
): Promise<JoinedRoomUpdate[]> {
  const whole: JoinedRoomUpdate[] = [];
  for (const room of rooms) {
    const isKnown = options.rooms.get(room.roomId).joined;
    const isWhole =
      room.gapBefore === undefined ||
      since === undefined ||
      inviteIn(room.timeline, options.homeserver.userId) !== undefined;
    whole.push(
      isWhole ? room : { ...room, timeline: await readBack(room, isKnown ? since : undefined, options) },
    );
  }
  return whole;
}

/** A user's own latest invite. */
export function inviteIn(events: readonly RoomEvent[], userId: string): RoomEvent | undefined {
  return events.findLast(
    ({ type, stateKey, content }) =>
      type === 'm.room.member' && stateKey === userId && content.membership === 'invite',
  );
}

/** @param upTo the position up to which everything is known; undefined: up to the invite of a room just joined */
async function readBack(
  room: JoinedRoomUpdate,
  upTo: string | undefined,
  { homeserver }: GapOptions,
): Promise<RoomEvent[]> {
  const earlier: RoomEvent[] = [];
  let from = room.gapBefore;
  for (let page = 0; from !== undefined && page < MOST_PAGES; page++) {
    const { events, end } = await readPage(homeserver, room.roomId, from, upTo);
    earlier.unshift(...events.toReversed());
    if (upTo === undefined && inviteIn(events, homeserver.userId) !== undefined) break;
    from = end;
  }
  return [...earlier, ...room.timeline];
}

async function readPage(
  homeserver: GapOptions['homeserver'],
  roomId: string,
  from: string,
  to: string | undefined,
): Promise<{ events: RoomEvent[]; end: string | undefined }> {
  const query = {
    dir: 'b',
    from,
    limit: 100,
    filter: JSON.stringify({ types: TIMELINE_TYPES, lazy_load_members: true }),
    ...(to === undefined ? {} : { to }),
  };
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages`;
  const { chunk, end } = (await homeserver.request('GET', path, undefined, query)) as {
    chunk?: unknown;
    end?: unknown;
  };
  const events = Array.isArray(chunk) ? chunk.map(readEvent).filter((event) => event !== undefined) : [];
  return { events, end: typeof end === 'string' && events.length > 0 ? end : undefined };
}
