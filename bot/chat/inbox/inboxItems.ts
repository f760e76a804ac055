// Which events of a room go into the inbox. Pure.
import type { RoomEvent } from '../../matrix/sync/syncResponse.ts';
import type { NewInboxItem } from '../../store/inbox.ts';
import type { BotNames } from '../grammar.ts';
import { inviteIn } from './gaps.ts';
import { readCommand, readReaction, repliedTo } from './roomEvents.ts';

/** Commands older than this are left alone where the bot can't know whether they were answered (ms). */
const STALE_AFTER_MS = 10 * 60_000;

/** What of an update may want an answer, and what was known of its room. JSON in the state file while it waits for a gap. */
export interface ReceivedRoom {
  readonly roomId: string;
  readonly timeline: readonly RoomEvent[];
  /** The bot was in the room before. */
  readonly known: boolean;
  /** /sync had no position to go on from. */
  readonly firstSync: boolean;
  /** Of the stored invite to a room just joined. */
  readonly inviter?: string | undefined;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/**
 * The events of a timeline that may want an answer, and did not get one: the state file may have been restored from a
 * back-up. In a room just joined: those since the invite. Where the bot can't know what it answered in an earlier
 * life: those of the last minutes.
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
  // After a lost position the timeline of a known room may go back to before the bot was there.
  if (known) return { events: sinceInvite, invite: undefined };
  if (invite !== undefined && !firstSync) return { events: sinceInvite, invite };
  const oldest = receivedAt - STALE_AFTER_MS;
  return { events: timeline.filter(({ sentAt }) => sentAt >= oldest), invite: undefined };
}

/** @param direct in a room for two, where nobody else is addressed */
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
