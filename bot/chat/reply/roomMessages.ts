// Sends the bot's messages: replies, notices, edits, reactions, redactions. Transaction IDs are derived from the event that is
// answered, so that an answer sent again after a crash is the same event.
import type { RoomSender } from '../../matrix/rooms/roomSender.ts';
import type { Rendered } from './document.ts';

/** The event that a reply answers. */
export interface RepliedTo {
  readonly roomId: string;
  readonly eventId: string;
  readonly threadRoot?: string | undefined;
}

export class RoomMessages {
  readonly #sender: RoomSender;
  readonly #waits: boolean;

  /** @param waits for rate limits; false: methods throw RateLimited */
  constructor(sender: RoomSender, waits = true) {
    this.#sender = sender;
    this.#waits = waits;
  }

  /** Returns the reply's event ID. */
  async reply(to: RepliedTo, rendered: Rendered): Promise<string> {
    const inReplyTo = { 'm.in_reply_to': { event_id: to.eventId } };
    const relation =
      to.threadRoot === undefined
        ? inReplyTo
        : { rel_type: 'm.thread', event_id: to.threadRoot, is_falling_back: false, ...inReplyTo };
    const content = { ...notice(rendered), 'm.relates_to': relation };
    return await this.#send(to.roomId, 'm.room.message', content, transactionId(to.eventId, 'reply'));
  }

  /** Replaces an answer that the homeserver rejected. Contains as little as possible: no thread, only the reply. */
  async sendFixedNotice(
    roomId: string,
    rendered: Rendered,
    about: string,
    inReplyTo?: string,
  ): Promise<string> {
    const relation =
      inReplyTo === undefined ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: inReplyTo } } };
    const content = { ...notice(rendered), ...relation };
    return await this.#send(roomId, 'm.room.message', content, transactionId(about, 'instead'));
  }

  async sendNotice(roomId: string, rendered: Rendered, about: string): Promise<string> {
    return await this.#send(roomId, 'm.room.message', notice(rendered), transactionId(about, 'say'));
  }

  /** In clear even in an encrypted room: see `RoomSender.sendClear`. */
  async sendClearNotice(roomId: string, rendered: Rendered, about: string): Promise<void> {
    await this.#sender.sendClear(roomId, 'm.room.message', notice(rendered), transactionId(about, 'say'));
  }

  /** Replaces the text of a message of the bot's own. */
  async edit(roomId: string, eventId: string, rendered: Rendered, step: string): Promise<void> {
    const content = {
      ...notice({ body: `* ${rendered.body}`, html: `* ${rendered.html}` }),
      'm.new_content': notice(rendered),
      'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
    };
    await this.#send(roomId, 'm.room.message', content, transactionId(eventId, step));
  }

  /** Returns the reaction's event ID. */
  async react(roomId: string, eventId: string, key: string): Promise<string> {
    const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key } };
    return await this.#send(roomId, 'm.reaction', content, transactionId(eventId, `react-${key}`));
  }

  /** Redacts an event of the bot's own. Always waits for rate limits. */
  async redact(roomId: string, eventId: string): Promise<void> {
    await this.#sender.redact(roomId, eventId, transactionId(eventId, 'redact'));
  }

  async #send(roomId: string, type: string, content: unknown, transaction: string): Promise<string> {
    return await this.#sender.send(roomId, type, content, transaction, this.#waits);
  }
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
