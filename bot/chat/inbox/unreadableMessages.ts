// Encrypted messages that can't be read: kept for a while, read as soon as their keys come, and told once.

import type { Encryption } from '../../crypto/encryption.ts';
import type { Clock } from '../../lib/clock.ts';
import { wait } from '../../lib/clock.ts';
import { GivenUp } from '../../matrix/givenUp.ts';
import { type RoomEvent, rawEvent, readEvent } from '../../matrix/sync/syncResponse.ts';
import type { Log } from '../../observability/log.ts';
import { whileStoreFails } from '../../store/fault.ts';
import type { Store } from '../../store/store.ts';
import type { RoomMessages } from '../reply/roomMessages.ts';
import type { RoomQueues } from './roomQueues.ts';
import { renderUnreadable } from './unreadableReply.ts';

export interface UnreadableOptions {
  readonly encryption: Encryption;
  readonly store: Store;
  readonly queues: RoomQueues;
  readonly messages: RoomMessages;
  /** How long keys are waited for before the person is told (ms). */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A command is not carried out long after it was sent: by then it was sent again, or is not wanted any more. */
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

  /** Those that can be read by now. */
  async nowReadable(): Promise<{ roomId: string; event: RoomEvent }[]> {
    const { encryption, store } = this.#options;
    this.#prune();
    const readable: { roomId: string; event: RoomEvent }[] = [];
    for (const { roomId, event: raw } of store.unreadable.all()) {
      const event = readEvent(raw);
      if (event === undefined) continue;
      const decrypted = await encryption.engine.decrypt(roomId, event);
      if (!('why' in decrypted)) readable.push({ roomId, event: decrypted });
    }
    return readable;
  }

  /** Tells, after a while, the rooms in which something still can't be read. */
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
    queues.run(roomId, async () => {
      await whileStoreFails(log, signal, () => this.#notify(roomId)).catch((error) => {
        if (!signal.aborted) log.warn({ err: error, roomId }, 'Could not tell that a message can’t be read.');
      });
    });
  }

  async #notify(roomId: string): Promise<void> {
    const { encryption, store, messages, clock, log } = this.#options;
    const last = store.unreadable.all().findLast((message) => message.roomId === roomId);
    const event = readEvent(last?.event);
    if (event === undefined || !this.#isNoticeDue(roomId)) return;
    const tried = await encryption.engine.decrypt(roomId, event);
    const why = 'why' in tried ? tried.why : undefined;
    log.warn({ roomId, eventId: event.eventId, sender: event.sender, why }, 'A message can’t be read.');
    const setNotified = () => store.rooms.update(roomId, { unreadableTold: clock() });
    try {
      await messages.sendNotice(roomId, renderUnreadable(), `unreadable.${event.eventId}`);
    } catch (error) {
      // With each answer to /sync it would hold up the room again.
      if (error instanceof GivenUp) setNotified();
      throw error;
    }
    setNotified();
  }

  /** In a room with others, nobody may have meant the bot. */
  #isNoticeDue(roomId: string): boolean {
    const { store, clock } = this.#options;
    const { joined, joinedMembers, unreadableTold } = store.rooms.get(roomId);
    return joined && joinedMembers === 2 && (unreadableTold ?? 0) <= clock() - NOTIFY_EVERY_MS;
  }
}
