// Sends events to rooms, each exactly once and in order, encrypted where the room is.
import { KeyedQueue } from '../../lib/keyedQueue.ts';
import { wellFormed } from '../json.ts';
import type { MatrixSession } from '../session.ts';

export interface OutgoingEvent {
  readonly type: string;
  readonly content: unknown;
}

/** Makes of an event what may be sent to a room: `RoomEncryption` in bot/crypto. */
export interface EventEncryption {
  /** @param refresh what is known of the room may be out of date */
  encryptEvent(roomId: string, type: string, content: unknown, refresh: boolean): Promise<OutgoingEvent>;
}

export class RoomSender {
  readonly #session: Pick<MatrixSession, 'request' | 'retryRequest'>;
  readonly #encryption: EventEncryption;
  /** The only queue on the way of an event: sharing a room's key, encrypting and sending are one step in it. */
  readonly #queue = new KeyedQueue();

  constructor(session: Pick<MatrixSession, 'request' | 'retryRequest'>, encryption: EventEncryption) {
    this.#session = session;
    this.#encryption = encryption;
  }

  /**
   * Sends an event, encrypted where the room is, and returns its ID, however long the homeserver is away.
   * @param transactionId the same one never sends twice: derived from what the event answers.
   * @throws RequestFailed if the homeserver refuses it; GivenUp if it fails at this event alone; Problem `refused` if
   *   it can't be encrypted as it must be
   */
  async send(roomId: string, type: string, content: unknown, transactionId: string): Promise<string> {
    // What was encrypted first is sent first.
    return await this.#queue.run(roomId, async () => {
      const whole = wellFormed(content);
      let event: OutgoingEvent | undefined;
      const attempt = async () => {
        // What could not be sent in clear may not be any more by now; what is encrypted already is sent as it is.
        if (event === undefined || event.type === type) {
          event = await this.#encryption.encryptEvent(roomId, type, whole, event !== undefined);
        }
        const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${encodeURIComponent(event.type)}/${encodeURIComponent(transactionId)}`;
        return await this.#session.request('PUT', path, event.content);
      };
      const answer = await this.#session.retryRequest('send', attempt, { mayGiveUp: true });
      return (answer as { event_id: string }).event_id;
    });
  }
}
