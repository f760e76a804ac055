// Reads a /sync answer (https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3sync) into what the bot
// acts on. Pure. Anybody can send events of any shape: malformed ones are skipped.
import { asObject, type Json } from '../json.ts';

export interface RoomEvent {
  readonly type: string;
  readonly eventId: string;
  readonly sender: string;
  readonly stateKey: string | undefined;
  /** Epoch ms, by the sender's homeserver. */
  readonly sentAt: number;
  readonly content: Json;
  /** undefined: it was sent in clear, or is not decrypted. */
  readonly decryptedFrom?: DecryptedFrom | undefined;
}

/** What a decrypted event was sent as. */
interface DecryptedFrom {
  /** Of the `m.room.encrypted` event. */
  readonly content: Json;
  /** The Megolm session, and which of its messages this is: https://spec.matrix.org/v1.16/client-server-api/#megolm */
  readonly sessionId: string;
  readonly messageIndex: number;
}

export interface JoinedRoomUpdate {
  readonly roomId: string;
  /** undefined: unchanged */
  readonly joinedMembers: number | undefined;
  readonly invitedMembers: number | undefined;
  /** The state or the timeline contains `m.room.encryption`. */
  readonly encrypted: boolean;
  /** The power levels may have changed. */
  readonly powerLevels: boolean;
  /** Members, history visibility or the encryption settings may have changed. */
  readonly readers: boolean;
  readonly timeline: readonly RoomEvent[];
  /** The `prev_batch` to paginate back from, if the timeline is limited. */
  readonly gapBefore: string | undefined;
}

/** The encryption fields of /sync: https://spec.matrix.org/v1.16/client-server-api/#extensions-to-sync-1 */
export interface KeyChanges {
  /** To-device messages, unchanged. */
  readonly toDevice: readonly unknown[];
  /** User IDs. */
  readonly changed: readonly string[];
  readonly left: readonly string[];
  /** By algorithm. */
  readonly oneTimeKeyCounts: Readonly<Record<string, number>>;
  /** Algorithms; undefined: the homeserver does not support fallback keys. */
  readonly unusedFallbackKeyTypes: readonly string[] | undefined;
}

interface InviteUpdate {
  readonly roomId: string;
  /** undefined: the invite contains several senders, so the inviter is unknown. */
  readonly inviter: string | undefined;
}

export interface SyncUpdate {
  readonly nextBatch: string;
  readonly keys: KeyChanges;
  readonly invites: readonly InviteUpdate[];
  readonly joined: readonly JoinedRoomUpdate[];
  readonly left: readonly string[];
}

/** @throws TypeError if the answer is not a /sync response. */
export function readSync(answer: unknown, ownUserId: string): SyncUpdate {
  const sync = asObject(answer);
  const nextBatch = sync.next_batch;
  if (typeof nextBatch !== 'string') throw new TypeError('The answer to /sync has no next_batch.');
  const rooms = asObject(sync.rooms);
  return {
    nextBatch,
    keys: readKeyChanges(sync),
    invites: Object.entries(asObject(rooms.invite)).flatMap(([roomId, room]) => {
      const [inviter, ...others] = invitersIn(asObject(room), ownUserId);
      if (inviter === undefined) return [];
      return [{ roomId, inviter: others.length === 0 ? inviter : undefined }];
    }),
    joined: Object.entries(asObject(rooms.join)).map(([roomId, room]) => readJoined(roomId, asObject(room))),
    left: Object.keys(asObject(rooms.leave)),
  };
}

/** Parses an event of the client-server API; undefined if a required field is missing. */
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

/** The inverse: an event in the format of the client-server API. */
export function rawEvent(event: RoomEvent, roomId: string): Json {
  return {
    type: event.type,
    event_id: event.eventId,
    room_id: roomId,
    sender: event.sender,
    origin_server_ts: event.sentAt,
    content: event.content,
  };
}

function readKeyChanges(sync: Json): KeyChanges {
  const { to_device, device_lists, device_one_time_keys_count, device_unused_fallback_key_types } = sync;
  const lists = asObject(device_lists);
  const counts = Object.entries(asObject(device_one_time_keys_count)).map(
    ([algorithm, count]) => [algorithm, asCount(count) ?? 0] as const,
  );
  return {
    toDevice: asArray(asObject(to_device).events),
    changed: texts(lists.changed),
    left: texts(lists.left),
    oneTimeKeyCounts: Object.fromEntries(counts),
    unusedFallbackKeyTypes: Array.isArray(device_unused_fallback_key_types)
      ? texts(device_unused_fallback_key_types)
      : undefined,
  };
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
  return asArray(value).filter((item) => typeof item === 'string');
}

function readJoined(roomId: string, room: Json): JoinedRoomUpdate {
  const timeline = asObject(room.timeline);
  const events = eventsOf(timeline);
  const summary = asObject(room.summary);
  const prevBatch = timeline.prev_batch;
  const all = [...eventsOf(asObject(room.state)), ...events];
  const has = (stateType: string) => all.some(({ type, stateKey }) => type === stateType && stateKey === '');
  const gapBefore = timeline.limited === true && typeof prevBatch === 'string' ? prevBatch : undefined;
  return {
    roomId,
    joinedMembers: asCount(summary['m.joined_member_count']),
    invitedMembers: asCount(summary['m.invited_member_count']),
    encrypted: has('m.room.encryption'),
    powerLevels: has('m.room.power_levels'),
    // A gap may hide member changes: with lazy loading /sync does not report them all.
    readers:
      gapBefore !== undefined ||
      Object.keys(summary).length > 0 ||
      has('m.room.encryption') ||
      has('m.room.history_visibility') ||
      all.some(({ type, stateKey }) => type === 'm.room.member' && stateKey !== undefined),
    timeline: events,
    gapBefore,
  };
}

function eventsOf(part: Json): RoomEvent[] {
  return asArray(part.events)
    .map(readEvent)
    .filter((event) => event !== undefined);
}

/**
 * The distinct senders of the bot's own invite events. Stripped state has no event IDs, and another homeserver may have
 * written all of it except the invite itself, which Synapse appends: a second sender is a forgery.
 */
function invitersIn(room: Json, ownUserId: string): Set<string> {
  const senders = asArray(asObject(room.invite_state).events).map((raw) => {
    const { type, state_key, sender, content } = asObject(raw);
    const isInvite =
      type === 'm.room.member' && state_key === ownUserId && asObject(content).membership === 'invite';
    return isInvite && typeof sender === 'string' ? sender : undefined;
  });
  return new Set(senders.filter((sender) => sender !== undefined));
}

function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
