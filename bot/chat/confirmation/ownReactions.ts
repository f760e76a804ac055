// The bot's own ✅ and ❌ under its questions: sent with the question, redacted once the question is closed.
import { KeyedQueue } from '../../lib/keyedQueue.ts';
import { GivenUp } from '../../matrix/givenUp.ts';
import type { Log } from '../../observability/log.ts';
import type { ConfirmationTable } from '../../store/confirmationTable.ts';
import { retryStoreFailures } from '../../store/fault.ts';
import type { RoomMessages } from '../reply/roomMessages.ts';

export const YES = '✅';
export const NO = '❌';

export interface OwnReactionsOptions {
  readonly table: ConfirmationTable;
  readonly messages: RoomMessages;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export class OwnReactions {
  readonly #options: OwnReactionsOptions;
  /** Not the rooms' own queue: nothing waits for a redaction. */
  readonly #queue = new KeyedQueue();

  constructor(options: OwnReactionsOptions) {
    this.#options = options;
  }

  /**
   * Sends both reactions and stores their event IDs. Repeated after a crash even if the question's time is over: a
   * reaction that was sent, but not stored, is found again. @param since when the question was stored, epoch ms
   */
  async add(roomId: string, promptEventId: string, since: number): Promise<void> {
    const { table, messages, log } = this.#options;
    try {
      for (const key of [YES, NO]) {
        const eventId = await messages.react(roomId, promptEventId, key, since);
        const others = this.#stored(promptEventId).filter((stored) => stored !== eventId);
        table.setReactions(promptEventId, [...others, eventId]);
      }
    } catch (error) {
      // Not needed: people can send `confirm` and `cancel`, and add reactions themselves.
      if (!(error instanceof GivenUp)) throw error;
      log.warn({ roomId, promptEventId }, error.sentence);
    }
  }

  /** Redacts them in the background, once; what is left at the end of the process, after the next start. */
  redact(roomId: string, promptEventId: string): void {
    const { log, signal } = this.#options;
    void this.#queue.run(roomId, () =>
      retryStoreFailures(log, signal, async () => {
        for (const eventId of this.#stored(promptEventId))
          await this.#redactOne(roomId, promptEventId, eventId);
      }),
    );
  }

  /** Resolves once nothing is left to redact. */
  async idle(): Promise<void> {
    await this.#queue.idle();
  }

  async #redactOne(roomId: string, promptEventId: string, eventId: string): Promise<void> {
    const { table, messages, log, signal } = this.#options;
    try {
      await messages.redact(roomId, eventId);
    } catch (error) {
      signal.throwIfAborted();
      // The bot has left the room, for example. The reaction stays; a click on it has no effect.
      log.info({ err: error, roomId, eventId }, 'A reaction of the bot can’t be redacted.');
    }
    table.setReactions(
      promptEventId,
      this.#stored(promptEventId).filter((stored) => stored !== eventId),
    );
  }

  #stored(promptEventId: string): readonly string[] {
    return this.#options.table.get(promptEventId)?.reactions ?? [];
  }
}
