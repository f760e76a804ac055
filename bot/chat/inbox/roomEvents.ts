// Reads commands, reactions and relations from the events of a timeline.
import type { RoomEvent } from '../../matrix/sync/syncResponse.ts';
import { answerOf } from '../deletion/confirmations.ts';
import { type Addressed, addressed, type BotNames } from '../grammar.ts';

export interface CommandContent {
  readonly text: string;
  readonly how: Addressed['how'];
  readonly direct: boolean;
  readonly repliesTo: string | undefined;
  readonly threadRoot: string | undefined;
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

export function readReaction({ type, content }: RoomEvent): ReactionContent | undefined {
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
export function readCommand(event: RoomEvent, direct: boolean, names: BotNames): CommandContent | undefined {
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

export function repliedTo({ content }: RoomEvent): string | undefined {
  const { event_id } = (relation(content)['m.in_reply_to'] ?? {}) as { event_id?: unknown };
  return typeof event_id === 'string' ? event_id : undefined;
}

function relation(content: Record<string, unknown>): Record<string, unknown> {
  const relates = content['m.relates_to'];
  return typeof relates === 'object' && relates !== null ? (relates as Record<string, unknown>) : {};
}
