// A room's timeline as messages: edits applied, reactions counted.
import { EventType, type MatrixEvent, type Room } from 'matrix-js-sdk';

export interface Message {
  id: string;
  sender: string;
  senderName: string;
  isOwn: boolean;
  isNotice: boolean;
  isEdited: boolean;
  body: string;
  /** Not to be trusted. */
  html: string | undefined;
  /** The start of the message that this one answers. */
  answers: string | undefined;
  at: number;
  reactions: Reaction[];
}

export interface Reaction {
  key: string;
  count: number;
  /** The event of the person's own reaction. */
  own: string | undefined;
}

export function messagesOf(room: Room, userId: string): Message[] {
  const events = room.getLiveTimeline().getEvents();
  const reactions = reactionsOf(events, userId);
  return events.filter(isMessage).map((event) => {
    const content = event.getContent<Record<string, unknown>>();
    const id = event.getId() ?? '';
    const sender = event.getSender() ?? '';
    const isHtml = content.format === 'org.matrix.custom.html' && typeof content.formatted_body === 'string';
    const answered = event.replyEventId === undefined ? undefined : room.findEventById(event.replyEventId);
    return {
      id,
      sender,
      senderName: room.getMember(sender)?.name ?? sender,
      isOwn: sender === userId,
      isNotice: content.msgtype === 'm.notice',
      isEdited: event.replacingEventId() !== undefined,
      body: String(content.body ?? ''),
      html: isHtml ? String(content.formatted_body) : undefined,
      answers: answered === undefined ? undefined : String(answered.getContent().body ?? '').slice(0, 80),
      at: event.getTs(),
      reactions: [...(reactions.get(id)?.values() ?? [])],
    };
  });
}

function isMessage(event: MatrixEvent): boolean {
  return (
    event.getType() === EventType.RoomMessage &&
    !event.isRedacted() &&
    relation(event).rel_type !== 'm.replace'
  );
}

function reactionsOf(events: readonly MatrixEvent[], userId: string): Map<string, Map<string, Reaction>> {
  const found = new Map<string, Map<string, Reaction>>();
  const seen = new Set<string>();
  for (const event of events) {
    const { event_id: target, key } = relation(event);
    if (event.getType() !== EventType.Reaction || event.isRedacted() || !target || !key) continue;
    // A person counts once, however often they react.
    const mark = JSON.stringify([target, key, event.getSender()]);
    if (seen.has(mark)) continue;
    seen.add(mark);
    const ofMessage = found.get(target) ?? new Map<string, Reaction>();
    found.set(target, ofMessage);
    const before = ofMessage.get(key);
    const own = event.getSender() === userId ? event.getId() : before?.own;
    ofMessage.set(key, { key, count: (before?.count ?? 0) + 1, own });
  }
  return found;
}

function relation(event: MatrixEvent): { rel_type?: string; event_id?: string; key?: string } {
  return event.getOriginalContent()['m.relates_to'] ?? {};
}
