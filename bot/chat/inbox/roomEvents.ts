// Reads commands, reactions and relations from the events of a timeline, and decides which go into the inbox. Pure.
import type { Json } from '../../matrix/json.ts';
import type { RoomEvent } from '../../matrix/sync/syncResponse.ts';
import type { NewInboxItem } from '../../store/inbox.ts';
import { answerOf } from '../confirmation/confirmations.ts';
import { type Addressed, addressed, type BotNames } from '../grammar.ts';
import { inviteIn } from './gaps.ts';

export interface CommandContent {
  readonly text: string;
  readonly how: Addressed['how'];
  readonly direct: boolean;
  readonly repliesTo: string | undefined;
  readonly threadRoot: string | undefined;
  /** It came in clear, although the room is encrypted: it is not carried out. */
  readonly inClear?: boolean | undefined;
  /** The content of the encrypted event, for `deviceTrust.ts`; undefined: it came in clear. */
  readonly encryptedContent?: Json | undefined;
}

export interface ReactionContent {
  /** The event reacted to. */
  readonly eventId: string;
  readonly answer: 'yes' | 'no';
}

/** Still encrypted, and not the bot’s own. */
export function isUnreadable({ type, sender }: RoomEvent, ownUserId: string): boolean {
  return type === 'm.room.encrypted' && sender !== ownUserId;
}

function readReaction({ type, content }: RoomEvent): ReactionContent | undefined {
  const { rel_type, event_id, key } = relation(content);
  if (
    type !== 'm.reaction' ||
    rel_type !== 'm.annotation' ||
    typeof event_id !== 'string' ||
    typeof key !== 'string'
  )
    return undefined;
  const answer = answerOf(key);
  return answer === undefined ? undefined : { eventId: event_id, answer };
}

/** Only `m.text`: notices come from bots. No edits: the original message was answered already. */
function readCommand(event: RoomEvent, direct: boolean, names: BotNames): CommandContent | undefined {
  const { msgtype, body } = event.content;
  if (event.type !== 'm.room.message' || msgtype !== 'm.text' || typeof body !== 'string') return undefined;
  const { rel_type, event_id } = relation(event.content);
  if (rel_type === 'm.replace') return undefined;
  const found = addressed({ body, mentions: mentionsOf(event.content), direct }, names);
  if (found === undefined) return undefined;
  const threadRoot = rel_type === 'm.thread' && typeof event_id === 'string' ? event_id : undefined;
  return { ...found, direct, repliesTo: repliedTo(event), threadRoot };
}

function mentionsOf(content: Record<string, unknown>): string[] {
  const { user_ids } = (content['m.mentions'] ?? {}) as { user_ids?: unknown };
  return Array.isArray(user_ids) ? user_ids.filter((userId) => typeof userId === 'string') : [];
}

/** A message of the bot that is no reply, such as the greeting. */
export function isSaid({ type, sender, stateKey, content }: RoomEvent, ownUserId: string): boolean {
  const isMessage = type === 'm.room.message' || type === 'm.room.encrypted';
  return sender === ownUserId && stateKey === undefined && isMessage && content['m.relates_to'] === undefined;
}

function repliedTo({ content }: RoomEvent): string | undefined {
  const { event_id } = (relation(content)['m.in_reply_to'] ?? {}) as { event_id?: unknown };
  return typeof event_id === 'string' ? event_id : undefined;
}

function relation(content: Record<string, unknown>): Record<string, unknown> {
  const relates = content['m.relates_to'];
  return typeof relates === 'object' && relates !== null ? (relates as Record<string, unknown>) : {};
}

/** Commands older than this are skipped where the bot can't know whether they were answered (ms). */
const STALE_AFTER_MS = 10 * 60_000;

/** The events of a room in one answer to /sync, and what was known of the room. Stored as JSON while a gap is read. */
export interface ReceivedRoom {
  readonly roomId: string;
  readonly timeline: readonly RoomEvent[];
  /** The bot was in the room before. */
  readonly known: boolean;
  /** The room was known to be encrypted before; absent in what earlier versions stored. */
  readonly wasEncrypted?: boolean | undefined;
  /** /sync was called without `since`. */
  readonly firstSync: boolean;
  /** Of the stored invite to a room just joined. */
  readonly inviter?: string | undefined;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/**
 * The events of a timeline without a reply of the bot: after a restored back-up, events come again that were answered.
 * In a room just joined: those since the invite. Without a stored position, as after the state file was lost: those of
 * the last ten minutes.
 */
export function unanswered(
  received: ReceivedRoom,
  ownUserId: string,
): { events: readonly RoomEvent[]; invite: RoomEvent | undefined } {
  const { known, firstSync, receivedAt } = received;
  const answered = new Set(received.timeline.filter(({ sender }) => sender === ownUserId).map(repliedTo));
  const timeline = received.timeline.filter(({ eventId }) => !answered.has(eventId));
  const invite = inviteIn(timeline, ownUserId);
  const sinceInvite = invite === undefined ? timeline : timeline.slice(timeline.indexOf(invite) + 1);
  // After a lost position the timeline of a known room may begin before the bot joined.
  if (known) return { events: sinceInvite, invite: undefined };
  if (invite !== undefined && !firstSync) return { events: sinceInvite, invite };
  const oldest = receivedAt - STALE_AFTER_MS;
  return { events: timeline.filter(({ sentAt }) => sentAt >= oldest), invite: undefined };
}

/**
 * The event IDs of messages in clear from before the room became encrypted: only those are carried out in a room that is
 * encrypted now.
 */
export function beforeEncryption({ timeline, wasEncrypted }: ReceivedRoom): ReadonlySet<string> {
  // Sent again, to change its settings for example, the event does not make earlier messages valid.
  if (wasEncrypted) return new Set();
  const start = timeline.findIndex(({ type, stateKey }) => type === 'm.room.encryption' && stateKey === '');
  return new Set(timeline.slice(0, Math.max(start, 0)).map(({ eventId }) => eventId));
}

export interface RoomOfItem {
  readonly roomId: string;
  /** With one other member: every message is a command. */
  readonly direct: boolean;
  /** Whether messages in clear are to be carried out. */
  readonly takesClear: boolean;
  /** Epoch ms. */
  readonly receivedAt: number;
}

export function itemOf(event: RoomEvent, room: RoomOfItem, names: BotNames): NewInboxItem | undefined {
  if (event.sender === names.userId) return undefined;
  const { roomId, direct, takesClear, receivedAt } = room;
  const { decryptedFrom } = event;
  const item = { id: event.eventId, roomId, sender: event.sender, receivedAt, ciphertext: decryptedFrom };
  const reaction = readReaction(event);
  if (reaction !== undefined) return { ...item, kind: 'reaction', content: reaction };
  const command = readCommand(event, direct, names);
  if (command === undefined) return undefined;
  const inClear = decryptedFrom === undefined && !takesClear;
  const content: CommandContent = { ...command, inClear, encryptedContent: decryptedFrom?.content };
  return { ...item, kind: 'command', content };
}
