// Sends the bot's messages: replies, notices, edits, reactions, redactions. Transaction IDs are derived from the event that is
// answered, so that an answer sent again after a crash is the same event.
import { isDeepStrictEqual } from 'node:util';
import { asObject, type Json } from '../../matrix/json.ts';
import type { EarlierEvents, SentBefore } from '../../matrix/rooms/earlierEvents.ts';
import type { RoomSender } from '../../matrix/rooms/roomSender.ts';
import type { Rendered } from './document.ts';

/** The event that a reply answers. */
export interface RepliedTo {
  readonly roomId: string;
  readonly eventId: string;
  readonly threadRoot?: string | undefined;
  /** When the bot received it, epoch ms. */
  readonly receivedAt: number;
}

/** Of an answer, `since` is when the event that it answers was received, epoch ms: it was not sent before that. */
export class RoomMessages {
  readonly #sender: RoomSender;
  readonly #earlier: EarlierEvents;
  readonly #waits: boolean;

  /** @param waits for rate limits; false: methods throw RateLimited */
  constructor(sender: RoomSender, earlier: EarlierEvents, waits = true) {
    this.#sender = sender;
    this.#earlier = earlier;
    this.#waits = waits;
  }

  /** Returns the reply's event ID. */
  async reply(to: RepliedTo, rendered: Rendered): Promise<string> {
    const { roomId, eventId, threadRoot, receivedAt } = to;
    const inReplyTo = { 'm.in_reply_to': { event_id: eventId } };
    const relation =
      threadRoot === undefined
        ? inReplyTo
        : { rel_type: 'm.thread', event_id: threadRoot, is_falling_back: false, ...inReplyTo };
    const content = { ...notice(rendered), 'm.relates_to': relation };
    return await this.#send(roomId, 'm.room.message', content, transactionId(eventId, 'reply'), {
      since: receivedAt,
      after: eventId,
      matches: isReplyTo(eventId),
    });
  }

  /** Replaces an answer that the homeserver rejected. Contains as little as possible: no thread, only the reply. */
  async sendFixedNotice(
    roomId: string,
    rendered: Rendered,
    about: string,
    since: number,
    inReplyTo?: string,
  ): Promise<string> {
    const relation =
      inReplyTo === undefined ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: inReplyTo } } };
    const content = { ...notice(rendered), ...relation };
    const matches = inReplyTo === undefined ? isNoAnswer : isReplyTo(inReplyTo);
    const before = { since, after: inReplyTo, matches };
    return await this.#send(roomId, 'm.room.message', content, transactionId(about, 'instead'), before);
  }

  /** @param since only of what must not be sent twice */
  async sendNotice(roomId: string, rendered: Rendered, about: string, since?: number): Promise<string> {
    const before = since === undefined ? undefined : { since, after: undefined, matches: isNoAnswer };
    return await this.#send(roomId, 'm.room.message', notice(rendered), transactionId(about, 'say'), before);
  }

  /** In clear even in an encrypted room: see `RoomSender.sendClear`. */
  async sendClearNotice(roomId: string, rendered: Rendered, about: string): Promise<void> {
    await this.#sender.sendClear(roomId, 'm.room.message', notice(rendered), transactionId(about, 'say'));
  }

  /** Replaces the text of a message of the bot's own. */
  async edit(
    roomId: string,
    eventId: string,
    rendered: Rendered,
    step: string,
    since: number,
  ): Promise<void> {
    const content = {
      ...notice({ body: `* ${rendered.body}`, html: `* ${rendered.html}` }),
      'm.new_content': notice(rendered),
      'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
    };
    // Only the transaction ID tells the edits of a message apart. The same one twice looks like one.
    const before = { since, after: eventId, matches: () => false };
    await this.#send(roomId, 'm.room.message', content, transactionId(eventId, step), before);
  }

  /** Returns the reaction's event ID. Synapse would refuse the same one with 400 if it has forgotten the transaction ID. */
  async react(roomId: string, eventId: string, key: string, since: number): Promise<string> {
    const relation = { rel_type: 'm.annotation', event_id: eventId, key };
    const content = { 'm.relates_to': relation };
    return await this.#send(roomId, 'm.reaction', content, transactionId(eventId, `react-${key}`), {
      since,
      after: eventId,
      matches: (sent) => isDeepStrictEqual(sent['m.relates_to'], relation),
    });
  }

  /** Redacts an event of the bot's own. Always waits for rate limits. */
  async redact(roomId: string, eventId: string): Promise<void> {
    await this.#sender.redact(roomId, eventId, transactionId(eventId, 'redact'));
  }

  async #send(
    roomId: string,
    type: string,
    content: unknown,
    transaction: string,
    before: SentBefore | undefined,
  ): Promise<string> {
    const lookUp = before && (() => this.#earlier.find(roomId, transaction, before));
    return await this.#sender.send(roomId, type, content, transaction, { lookUp, waits: this.#waits });
  }
}

function isReplyTo(eventId: string): SentBefore['matches'] {
  return (content) => {
    const { 'm.in_reply_to': repliedTo } = asObject(content['m.relates_to']);
    return asObject(repliedTo).event_id === eventId;
  };
}

/** The greeting has no relation; where the homeserver tells transaction IDs, they tell it from other messages. */
function isNoAnswer(content: Json, hasTransactionId: boolean): boolean {
  return !hasTransactionId && Object.keys(content).length > 0 && content['m.relates_to'] === undefined;
}

/** Bots do not answer `m.notice`; empty `m.mentions` notify nobody. */
function notice({ body, html }: Rendered): Record<string, unknown> {
  return {
    msgtype: 'm.notice',
    body,
    format: 'org.matrix.custom.html',
    formatted_body: html,
    'm.mentions': {},
  };
}

function transactionId(eventId: string, purpose: string): string {
  return `mrb.${purpose}.${eventId}`;
}
