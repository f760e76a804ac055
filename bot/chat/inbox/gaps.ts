// Reads what /sync leaves out of long timelines.

import { RequestFailed } from '../../matrix/errors.ts';
import type { Homeserver } from '../../matrix/session.ts';
import { type JoinedRoomUpdate, type RoomEvent, readEvent } from '../../matrix/sync/syncResponse.ts';
import type { Log } from '../../observability/log.ts';
import type { RoomTable } from '../../store/rooms.ts';

export interface GapOptions {
  readonly homeserver: Pick<Homeserver, 'request' | 'userId'>;
  readonly rooms: RoomTable;
  /** How often each room could not be read back; kept by the caller. */
  readonly failures: Map<string, number>;
  readonly log: Log;
}

/** A room of which the homeserver itself can't tell more is no reason to keep all others waiting. */
const MOST_FAILURES = 4;

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
    whole.push(isWhole ? room : await readBack(room, isKnown ? since : undefined, options));
  }
  return whole;
}

async function readBack(
  room: JoinedRoomUpdate,
  upTo: string | undefined,
  options: GapOptions,
): Promise<JoinedRoomUpdate> {
  const { failures, log } = options;
  const { roomId } = room;
  try {
    const timeline = await readTimeline(room, upTo, options);
    failures.delete(roomId);
    return { ...room, timeline };
  } catch (error) {
    const failed = (failures.get(roomId) ?? 0) + 1;
    failures.set(roomId, failed);
    if (
      !(error instanceof RequestFailed) ||
      error.kind === 'homeserver_unreachable' ||
      failed < MOST_FAILURES
    )
      throw error;
    log.error(
      { roomId },
      `What happened in a room meanwhile can’t be read, and is left out: ${error.sentence}`,
    );
    return room;
  }
}

/** A user's own latest invite. */
export function inviteIn(events: readonly RoomEvent[], userId: string): RoomEvent | undefined {
  return events.findLast(
    ({ type, stateKey, content }) =>
      type === 'm.room.member' && stateKey === userId && content.membership === 'invite',
  );
}

/** @param upTo the position up to which everything is known; undefined: up to the invite of a room just joined */
async function readTimeline(
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
