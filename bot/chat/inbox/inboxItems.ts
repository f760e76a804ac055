// Which events of a room go into the inbox. Pure.
import type { RoomEvent } from '../../matrix/sync/syncResponse.ts';
import type { NewInboxItem } from '../../store/inbox.ts';
import type { BotNames } from '../grammar.ts';
import { inviteIn } from './gaps.ts';
import { readCommand, readReaction, repliedTo } from './roomEvents.ts';

/** Commands older than this are skipped where the bot can't know whether they were answered (ms). */
const STALE_AFTER_MS = 10 * 60_000;

/** The events of a room in one answer to /sync, and what was known of the room. Stored as JSON while a gap is read. */
export interface ReceivedRoom {
  readonly roomId: string;
  readonly timeline: readonly RoomEvent[];
  /** The bot was in the room before. */
  readonly known: boolean;
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

/** @param direct in a room with one other member, where every message is a command */
export function itemOf(
  event: RoomEvent,
  { roomId, direct, receivedAt }: { roomId: string; direct: boolean; receivedAt: number },
  names: BotNames,
): NewInboxItem | undefined {
  if (event.sender === names.userId) return undefined;
  const item = { id: event.eventId, roomId, sender: event.sender, receivedAt };
  const reaction = readReaction(event);
  if (reaction !== undefined) return { ...item, kind: 'reaction', content: reaction };
  const command = readCommand(event, direct, names);
  return command === undefined ? undefined : { ...item, kind: 'command', content: command };
}
