// Messages that can't be decrypted: kept for an hour, decrypted if their keys arrive, and reported to the room.

import type { AnswerQuota } from '../../access/answerQuota.ts';
import type { Encryption } from '../../crypto/encryption.ts';
import type { Clock } from '../../lib/clock.ts';
import { wait } from '../../lib/clock.ts';
import type { KeyedQueue } from '../../lib/keyedQueue.ts';
import { GivenUp } from '../../matrix/givenUp.ts';
import { RateLimited } from '../../matrix/rooms/roomSender.ts';
import { type RoomEvent, rawEvent, readEvent } from '../../matrix/sync/syncResponse.ts';
import type { Log } from '../../observability/log.ts';
import { retryStoreFailures } from '../../store/fault.ts';
import type { Store } from '../../store/store.ts';
import type { Words } from '../../words/words.ts';
import type { RoomMessages } from '../reply/roomMessages.ts';
import { renderUnreadable } from './unreadableReply.ts';

export interface UnreadableOptions {
  readonly encryption: Encryption;
  readonly store: Store;
  readonly queues: KeyedQueue;
  /** To somebody: for people without access, those that don't wait for rate limits. */
  readonly messagesTo: (userId: string) => RoomMessages;
  readonly quota: Pick<AnswerQuota, 'admits'>;
  readonly words: Words;
  /** How long to wait for keys before the notice (ms). */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** An older command is not run: by then it was sent again, or is not wanted any more. */
const RETRY_FOR_MS = 3_600_000;
const NOTIFY_EVERY_MS = 86_400_000;

export class UnreadableMessages {
  readonly #options: UnreadableOptions;
  readonly #waiting = new Set<string>();

  constructor(options: UnreadableOptions) {
    this.#options = options;
  }

  /** To be called in the transaction that stores the sync position. */
  keep(roomId: string, event: RoomEvent): void {
    const { store, clock } = this.#options;
    store.unreadable.add({
      eventId: event.eventId,
      roomId,
      event: rawEvent(event, roomId),
      receivedAt: clock(),
    });
  }

  /** Stored messages that can be decrypted by now. */
  async nowReadable(): Promise<{ roomId: string; event: RoomEvent }[]> {
    const { encryption, store } = this.#options;
    this.#prune();
    const readable: { roomId: string; event: RoomEvent }[] = [];
    for (const { roomId, event: raw } of store.unreadable.all()) {
      const event = readEvent(raw);
      if (event === undefined) continue;
      const decrypted = await encryption.decryptor.decrypt(roomId, event);
      if (!('why' in decrypted)) readable.push({ roomId, event: decrypted });
    }
    return readable;
  }

  /** Sends a notice to rooms with messages that still can't be decrypted after `patienceMs`. */
  watch(): void {
    this.#prune();
    for (const roomId of this.#options.store.unreadable.rooms()) {
      if (this.#waiting.has(roomId) || !this.#isNoticeDue(roomId)) continue;
      this.#waiting.add(roomId);
      void this.#notifyLater(roomId).finally(() => this.#waiting.delete(roomId));
    }
  }

  #prune(): void {
    const { store, clock } = this.#options;
    store.unreadable.prune(clock() - RETRY_FOR_MS);
  }

  async #notifyLater(roomId: string): Promise<void> {
    const { patienceMs, queues, signal, log } = this.#options;
    await wait(patienceMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    void queues.run(roomId, async () => {
      await retryStoreFailures(log, signal, () => this.#notify(roomId)).catch((error) => {
        if (!signal.aborted)
          log.warn({ err: error, roomId }, 'Could not send the notice about an unreadable message.');
      });
    });
  }

  async #notify(roomId: string): Promise<void> {
    const { encryption, store, messagesTo, quota, words, clock, log } = this.#options;
    const last = store.unreadable.all().findLast((message) => message.roomId === roomId);
    const event = readEvent(last?.event);
    if (event === undefined || !this.#isNoticeDue(roomId)) return;
    const decrypted = await encryption.decryptor.decrypt(roomId, event);
    const why = 'why' in decrypted ? decrypted.why : undefined;
    log.warn({ roomId, eventId: event.eventId, sender: event.sender, why }, 'Could not decrypt a message.');
    const setNotified = () => store.rooms.update(roomId, { unreadableNoticeAt: clock() });
    const about = `unreadable.${event.eventId}`;
    try {
      if (quota.admits(event.sender, about))
        await messagesTo(event.sender).sendNotice(roomId, renderUnreadable(words), about);
    } catch (error) {
      // A later answer to /sync tries again.
      if (error instanceof RateLimited) return;
      // Otherwise each answer to /sync would try again, and block the room’s queue meanwhile.
      if (error instanceof GivenUp) setNotified();
      throw error;
    }
    setNotified();
  }

  /** Not in a group: the message may not be for the bot. */
  #isNoticeDue(roomId: string): boolean {
    const { store, clock } = this.#options;
    const { joined, joinedMembers, unreadableNoticeAt } = store.rooms.get(roomId);
    return joined && joinedMembers === 2 && (unreadableNoticeAt ?? 0) <= clock() - NOTIFY_EVERY_MS;
  }
}
