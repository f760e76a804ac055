// Sends events to rooms, each exactly once and in order, encrypted where the room is.
import { KeyedQueue } from '../../lib/keyedQueue.ts';
import { RequestFailed } from '../errors.ts';
import { wellFormed } from '../json.ts';
import type { MatrixSession } from '../session.ts';

export interface OutgoingEvent {
  readonly type: string;
  readonly content: unknown;
}

export interface SendOptions {
  /** Called before each attempt: the ID of the event if it was sent before. */
  readonly lookUp?: (() => Promise<string | undefined>) | undefined;
  /** For rate limits; false: throws RateLimited, so that the room's other events don't wait behind it. Default: true. */
  readonly waits?: boolean | undefined;
}

/** Encrypts an event if its room is encrypted: `RoomEncryption` in bot/crypto. */
export interface EventEncryption {
  /** @param refresh reads the room's state again, because the cached one may be out of date */
  encryptEvent(roomId: string, type: string, content: unknown, refresh: boolean): Promise<OutgoingEvent>;
}

/** Thrown instead of waiting for the homeserver's rate limit. The event was not sent, and may be sent again. */
export class RateLimited extends Error {
  override readonly name = 'RateLimited';
  readonly retryAfterMs: number;

  constructor(cause: RequestFailed) {
    super(cause.message, { cause });
    this.retryAfterMs = cause.retryAfterMs ?? RETRY_AFTER_MS;
  }
}

/** Where a rate limit does not say how long to wait. */
const RETRY_AFTER_MS = 5_000;

export class RoomSender {
  readonly #session: Pick<MatrixSession, 'request' | 'retryRequest'>;
  readonly #encryption: EventEncryption;
  /** The only queue for outgoing events: sharing a room's key, encrypting and sending are one step in it. */
  readonly #queue = new KeyedQueue();

  constructor(session: Pick<MatrixSession, 'request' | 'retryRequest'>, encryption: EventEncryption) {
    this.#session = session;
    this.#encryption = encryption;
  }

  /**
   * Sends an event, encrypted where the room is, and returns its ID; waits as long as the homeserver is unreachable.
   * @param transactionId makes retries idempotent; derived from the event that is answered.
   * @throws RequestFailed if the homeserver refuses it; GivenUp if only this event keeps failing; Problem `refused` if
   *   it can't be encrypted as it must be
   */
  async send(
    roomId: string,
    type: string,
    content: unknown,
    transactionId: string,
    { lookUp, waits = true }: SendOptions = {},
  ): Promise<string> {
    // The queue keeps the order: events are sent in the order in which they were encrypted.
    return await this.#queue.run(roomId, async () => {
      const whole = wellFormed(content);
      let event: OutgoingEvent | undefined;
      const attempt = async () => {
        const earlier = await lookUp?.();
        if (earlier !== undefined) return { event_id: earlier };
        // A plain event is checked again: the room may be encrypted by now. An encrypted one is resent unchanged.
        if (event === undefined || event.type === type) {
          event = await this.#encryption.encryptEvent(roomId, type, whole, event !== undefined);
        }
        return await this.#put(roomId, event, transactionId, waits);
      };
      const answer = await this.#session.retryRequest('send', attempt, { mayGiveUp: true });
      return (answer as { event_id: string }).event_id;
    });
  }

  /**
   * Sends an event in clear even where the room is encrypted: only for a fixed text that tells nothing of anybody.
   * @throws as `send` without `waits`
   */
  async sendClear(roomId: string, type: string, content: unknown, transactionId: string): Promise<void> {
    const attempt = () => this.#put(roomId, { type, content }, transactionId, false);
    await this.#queue.run(roomId, () => this.#session.retryRequest('send', attempt, { mayGiveUp: true }));
  }

  /**
   * Redacts an event of the bot's own; waits as long as the homeserver is unreachable. Not queued: no event of the room
   * waits for it. Redactions are not encrypted.
   * @param transactionId as in `send`
   * @throws RequestFailed if the homeserver refuses it; GivenUp if only this request keeps failing
   */
  async redact(roomId: string, eventId: string, transactionId: string): Promise<void> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/redact/${encodeURIComponent(eventId)}/${encodeURIComponent(transactionId)}`;
    const attempt = () => this.#session.request('PUT', path);
    await this.#session.retryRequest('redact a reaction', attempt, { mayGiveUp: true });
  }

  async #put(
    roomId: string,
    { type, content }: OutgoingEvent,
    transactionId: string,
    waits: boolean,
  ): Promise<unknown> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${encodeURIComponent(type)}/${encodeURIComponent(transactionId)}`;
    if (waits) return await this.#session.request('PUT', path, content);
    try {
      return await this.#session.request('PUT', path, content, undefined, { patienceMs: 0 });
    } catch (error) {
      if (error instanceof RequestFailed && error.kind === 'rate_limited') throw new RateLimited(error);
      throw error;
    }
  }
}
