// What a person sees in their rooms, and waiting for it. Waiting never sleeps: it resolves as soon as the thing is there,
// also when it came before, and rejects after a while with an error that shows the end of the room.
import { type MatrixClient, type MatrixEvent, RelationType } from 'matrix-js-sdk';
import { type RoomLog, relationOf } from './roomLog.ts';

export interface Reply {
  eventId: string;
  sender: string;
  body: string;
  /** `formatted_body`; undefined if there is none. */
  html: string | undefined;
  content: Record<string, unknown>;
}

export interface Reaction {
  eventId: string;
  sender: string;
  key: string;
}

export class RoomObserver {
  readonly userId: string;
  /** For whatever has no method here. */
  readonly client: MatrixClient;
  protected readonly log: RoomLog;

  protected constructor(client: MatrixClient, userId: string, log: RoomLog) {
    this.client = client;
    this.userId = userId;
    this.log = log;
  }

  /** The first message of another user (or of `from`) in reply to an event. */
  async waitForReply(
    roomId: string,
    commandEventId: string,
    options: { from?: string; timeoutMs?: number } = {},
  ): Promise<Reply> {
    const event = await this.waitForEvent(
      roomId,
      (candidate) => this.#isReply(candidate, commandEventId, options.from),
      `a reply to ${commandEventId}`,
      options.timeoutMs,
    );
    return replyOf(event);
  }

  /** All messages of others in reply to an event, so far. */
  repliesTo(roomId: string, eventId: string): Reply[] {
    return this.timeline(roomId)
      .filter((event) => this.#isReply(event, eventId))
      .map(replyOf);
  }

  #isReply(event: MatrixEvent, commandEventId: string, from?: string): boolean {
    // An event that the client can't decrypt looks like a message that says so.
    if (event.getType() !== 'm.room.message' || event.isDecryptionFailure()) return false;
    if (from === undefined ? event.getSender() === this.userId : event.getSender() !== from) return false;
    const relation = relationOf(event);
    return (
      relation?.rel_type !== RelationType.Replace && relation?.['m.in_reply_to']?.event_id === commandEventId
    );
  }

  /** The first event, past or to come, that the predicate holds for. */
  async waitForEvent(
    roomId: string,
    predicate: (event: MatrixEvent) => boolean,
    description: string,
    timeoutMs?: number,
  ): Promise<MatrixEvent> {
    return await this.waitFor(roomId, () => this.timeline(roomId).find(predicate), description, timeoutMs);
  }

  /** Resolves with what `look` returns as soon as it is not undefined; it is asked again whenever something happens. */
  async waitFor<T>(
    roomId: string,
    look: () => T | undefined,
    description: string,
    timeoutMs?: number,
  ): Promise<T> {
    const options = timeoutMs === undefined ? { roomId } : { roomId, timeoutMs };
    return await this.log.waitFor(look, `${description} (as seen by ${this.userId})`, options);
  }

  async waitForMember(roomId: string, userId: string, membership: string, timeoutMs?: number): Promise<void> {
    const current = () => this.membership(roomId, userId) === membership || undefined;
    await this.waitFor(roomId, current, `${userId} to have membership ${membership}`, timeoutMs);
  }

  /** From the timeline if it has a member event: the room's state sometimes misses a change made during its creation. */
  membership(roomId: string, userId: string): string | undefined {
    const change = this.timeline(roomId).findLast(
      (event) => event.getType() === 'm.room.member' && event.getStateKey() === userId,
    );
    const content = change?.getOriginalContent() ?? this.state(roomId, 'm.room.member', userId);
    return content?.membership as string | undefined;
  }

  /** Resolves with the ID of a room to which this person is invited (by `from`, if given). */
  async waitForInvite(from?: string, timeoutMs?: number): Promise<string> {
    const invited = () =>
      this.client
        .getRooms()
        .find(
          (room) =>
            room.getMyMembership() === 'invite' && (from === undefined || room.getDMInviter() === from),
        )?.roomId;
    return await this.log.waitFor(
      invited,
      `an invite for ${this.userId}`,
      timeoutMs === undefined ? {} : { timeoutMs },
    );
  }

  /** The content of a state event as it is now. */
  state(roomId: string, type: string, stateKey = ''): Record<string, unknown> | undefined {
    return this.client.getRoom(roomId)?.currentState.getStateEvents(type, stateKey)?.getContent();
  }

  /** The body of a message after its edits; undefined if it has not come, or is redacted. */
  currentBody(roomId: string, eventId: string): string | undefined {
    return this.currentContent(roomId, eventId)?.body as string | undefined;
  }

  /** The content of a message after its edits; only its own sender's count. */
  currentContent(roomId: string, eventId: string): Record<string, unknown> | undefined {
    const original = this.log.find(roomId, eventId);
    if (original === undefined || original.isRedacted()) return undefined;
    const edit = this.#editsOf(roomId, original).at(-1);
    return edit?.getOriginalContent()['m.new_content'] ?? original.getOriginalContent();
  }

  /** Waits until a message is edited (so that the predicate holds for its new body) and returns the new content. */
  async waitForEdit(
    roomId: string,
    eventId: string,
    predicate: (body: string) => boolean = () => true,
    timeoutMs?: number,
  ): Promise<Record<string, unknown>> {
    const edited = () => {
      const original = this.log.find(roomId, eventId);
      if (original === undefined || this.#editsOf(roomId, original).length === 0) return undefined;
      const content = this.currentContent(roomId, eventId);
      return content !== undefined && predicate(String(content.body)) ? content : undefined;
    };
    return await this.waitFor(roomId, edited, `an edit of ${eventId}`, timeoutMs);
  }

  #editsOf(roomId: string, original: MatrixEvent): MatrixEvent[] {
    return this.timeline(roomId).filter((event) => {
      const relation = relationOf(event);
      const isEdit = relation?.rel_type === RelationType.Replace && relation.event_id === original.getId();
      return (
        isEdit && event.getSender() === original.getSender() && 'm.new_content' in event.getOriginalContent()
      );
    });
  }

  /** The reactions on an event that are not redacted, oldest first. */
  reactionsOn(roomId: string, eventId: string): Reaction[] {
    return this.timeline(roomId).flatMap((event) => {
      const relation = event.isRedacted() ? undefined : relationOf(event);
      if (event.getType() !== 'm.reaction' || relation?.event_id !== eventId) return [];
      return [{ eventId: event.getId() ?? '', sender: event.getSender() ?? '', key: relation.key ?? '' }];
    });
  }

  async waitForReaction(roomId: string, eventId: string, key: string, timeoutMs?: number): Promise<Reaction> {
    const find = () => this.reactionsOn(roomId, eventId).find((reaction) => reaction.key === key);
    return await this.waitFor(roomId, find, `the reaction ${key} on ${eventId}`, timeoutMs);
  }

  /** Waits until a user has no reaction on an event, because they redacted them all. */
  async waitForNoReactions(roomId: string, eventId: string, sender: string): Promise<void> {
    const gone = () => this.reactionsOn(roomId, eventId).every((reaction) => reaction.sender !== sender);
    await this.waitFor(roomId, () => gone() || undefined, `no reactions of ${sender} on ${eventId}`);
  }

  /** Waits until a room shows that a user is typing, or no more. */
  async waitForTyping(roomId: string, userId: string, typing: boolean): Promise<void> {
    const isTyping = () => this.client.getRoom(roomId)?.getMember(userId)?.typing ?? false;
    await this.waitFor(roomId, () => isTyping() === typing || undefined, `typing of ${userId}: ${typing}`);
  }

  /** Everything seen in a room, in the order in which it came: messages, edits, reactions and state events. */
  timeline(roomId: string): readonly MatrixEvent[] {
    return this.log.events(roomId);
  }
}

function replyOf(event: MatrixEvent): Reply {
  const content = event.getOriginalContent<Record<string, unknown>>();
  const html = content.formatted_body;
  return {
    eventId: event.getId() ?? '',
    sender: event.getSender() ?? '',
    body: String(content.body),
    html: typeof html === 'string' ? html : undefined,
    content,
  };
}
