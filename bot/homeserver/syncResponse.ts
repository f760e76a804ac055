// Reads a /sync answer (https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3sync) into what the bot
// acts on. Pure. Anybody can send events of any shape: what does not fit is left out, never trusted.
import { asObject, type Json } from './json.ts';

export interface RoomEvent {
  readonly type: string;
  readonly eventId: string;
  readonly sender: string;
  readonly stateKey: string | undefined;
  /** Epoch ms, by the sender's homeserver. */
  readonly sentAt: number;
  readonly content: Json;
}

export interface JoinedRoomUpdate {
  readonly roomId: string;
  /** undefined: unchanged */
  readonly joinedMembers: number | undefined;
  readonly invitedMembers: number | undefined;
  /** The state or the timeline says that the room is encrypted. */
  readonly encrypted: boolean;
  /** The power levels may have changed. */
  readonly powerLevels: boolean;
  readonly timeline: readonly RoomEvent[];
  /** Where to read on backwards, if events are missing before the timeline. */
  readonly gapBefore: string | undefined;
}

export interface SyncUpdate {
  readonly nextBatch: string;
  readonly invites: readonly { readonly roomId: string; readonly inviter: string }[];
  readonly joined: readonly JoinedRoomUpdate[];
  readonly left: readonly string[];
}

/** @throws TypeError if the answer is none of /sync. */
export function readSync(answer: unknown, ownUserId: string): SyncUpdate {
  const sync = asObject(answer);
  const nextBatch = sync.next_batch;
  if (typeof nextBatch !== 'string') throw new TypeError('The answer to /sync has no next_batch.');
  const rooms = asObject(sync.rooms);
  return {
    nextBatch,
    invites: Object.entries(asObject(rooms.invite)).flatMap(([roomId, room]) => {
      const inviter = inviterOf(asObject(room), ownUserId);
      return inviter === undefined ? [] : [{ roomId, inviter }];
    }),
    joined: Object.entries(asObject(rooms.join)).map(([roomId, room]) => readJoined(roomId, asObject(room))),
    left: Object.keys(asObject(rooms.leave)),
  };
}

/** An event as the homeserver gives it; undefined if it lacks what every event has. */
export function readEvent(raw: unknown): RoomEvent | undefined {
  const { type, event_id, sender, state_key, origin_server_ts, content } = asObject(raw);
  if (typeof type !== 'string' || typeof event_id !== 'string' || typeof sender !== 'string')
    return undefined;
  return {
    type,
    eventId: event_id,
    sender,
    stateKey: typeof state_key === 'string' ? state_key : undefined,
    sentAt: typeof origin_server_ts === 'number' ? origin_server_ts : 0,
    content: asObject(content),
  };
}

function readJoined(roomId: string, room: Json): JoinedRoomUpdate {
  const timeline = asObject(room.timeline);
  const events = eventsOf(timeline);
  const summary = asObject(room.summary);
  const prevBatch = timeline.prev_batch;
  const all = [...eventsOf(asObject(room.state)), ...events];
  const has = (stateType: string) => all.some(({ type, stateKey }) => type === stateType && stateKey === '');
  return {
    roomId,
    joinedMembers: asCount(summary['m.joined_member_count']),
    invitedMembers: asCount(summary['m.invited_member_count']),
    encrypted: has('m.room.encryption'),
    powerLevels: has('m.room.power_levels'),
    timeline: events,
    gapBefore: timeline.limited === true && typeof prevBatch === 'string' ? prevBatch : undefined,
  };
}

function eventsOf(part: Json): RoomEvent[] {
  const events = part.events;
  return Array.isArray(events) ? events.map(readEvent).filter((event) => event !== undefined) : [];
}

/** Who sent the invite. The stripped state of an invite has no event IDs. */
function inviterOf(room: Json, ownUserId: string): string | undefined {
  const events = asObject(room.invite_state).events;
  if (!Array.isArray(events)) return undefined;
  for (const raw of events) {
    const { type, state_key, sender, content } = asObject(raw);
    const isInvite =
      type === 'm.room.member' && state_key === ownUserId && asObject(content).membership === 'invite';
    if (isInvite && typeof sender === 'string') return sender;
  }
  return undefined;
}

function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
