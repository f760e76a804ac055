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
import { renderUnreadable, type WhyNotVerify } from './unreadableReply.ts';

export interface UnreadableOptions {
  readonly encryption: Encryption;
  readonly store: Store;
  readonly queues: KeyedQueue;
  /** To somebody: for people without access, those that don't wait for rate limits. */
  readonly messagesTo: (userId: string) => RoomMessages;
  readonly quota: Pick<AnswerQuota, 'admits'>;
  readonly hasAccess: (userId: string) => boolean;
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
  /** Rooms with messages that were decrypted in vain since the last notice: its reason may be another one now. */
  readonly #retried = new Set<string>();

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
    this.#retried.add(roomId);
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
      if ('why' in decrypted) this.#retried.add(roomId);
      else readable.push({ roomId, event: decrypted });
    }
    return readable;
  }

  /** Sends a notice to rooms with messages that still can't be decrypted after `patienceMs`. */
  watch(): void {
    this.#prune();
    for (const roomId of this.#options.store.unreadable.rooms()) {
      if (this.#waiting.has(roomId)) continue;
      if (!this.#isNoticeDue(roomId) && !(this.#retried.has(roomId) && this.#mayCorrect(roomId))) continue;
      this.#retried.delete(roomId);
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
    if (event === undefined) return;
    const { eventId, sender } = event;
    const decrypted = await encryption.decryptor.decrypt(roomId, event);
    const { why, withheld } = 'why' in decrypted ? decrypted : {};
    const isCorrection = !this.#isNoticeDue(roomId);
    if (isCorrection && (withheld === undefined || !this.#mayCorrect(roomId))) return;
    log.warn({ roomId, eventId, sender, why, withheld }, 'Could not decrypt a message.');
    const at = isCorrection ? {} : { unreadableNoticeAt: clock() };
    const setNotified = () => store.rooms.update(roomId, { ...at, unreadableNoticeCode: withheld });
    const about = `unreadable.${isCorrection ? `${withheld}.` : ''}${eventId}`;
    const notice = renderUnreadable(words, withheld, this.#whyNotVerify(sender));
    try {
      if (quota.admits(sender, about)) await messagesTo(sender).sendNotice(roomId, notice, about);
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

  /** Whether a second notice may be sent, once the sender's client has reported why it withheld the key. */
  #mayCorrect(roomId: string): boolean {
    const { joined, joinedMembers, unreadableNoticeCode } = this.#options.store.rooms.get(roomId);
    return joined && joinedMembers === 2 && unreadableNoticeCode === undefined;
  }

  #whyNotVerify(userId: string): WhyNotVerify | undefined {
    const { encryption, hasAccess } = this.#options;
    if (encryption.status().problem !== undefined) return 'bot not signed';
    return hasAccess(userId) ? undefined : 'no access';
  }
}
