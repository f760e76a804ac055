// Events for metrics, published through diagnostics channels. Without listeners, when metrics are off, emitting costs
// nothing.
import { type Channel, channel } from 'node:diagnostics_channel';
import type { ProblemKind } from '../../common/problems/kinds.ts';

/** How something ended. */
export type Outcome = 'ok' | ProblemKind;

/** One HTTP request to a homeserver; each retry counts. */
export interface RequestMade {
  readonly method: string;
  /** May contain room IDs and tokens: export only its endpoint label. */
  readonly path: string;
  readonly outcome: Outcome;
  readonly seconds: number;
}

export interface CommandDone {
  /** The command's name; `unknown` if there is no such command. */
  readonly name: string;
  readonly outcome: Outcome;
}

export interface AdminCallDone {
  readonly operation: string;
  readonly outcome: Outcome;
}

/** Who sent a to-device message: `acquaintance` shares a room with the bot or has invited it. */
export type SenderClass = 'access' | 'acquaintance' | 'stranger';

class Subject<T extends object> {
  readonly #channel: Channel<unknown, T>;

  constructor(name: string) {
    this.#channel = channel(`matrix-registration-bot:${name}`) as Channel<unknown, T>;
  }

  emit(about: T): void {
    if (this.#channel.hasSubscribers) this.#channel.publish(about);
  }

  /** Returns a function that removes the listener. */
  listen(listener: (about: T) => void): () => void {
    const hear = (about: unknown) => listener(about as T);
    this.#channel.subscribe(hear);
    return () => void this.#channel.unsubscribe(hear);
  }
}

export const requests = new Subject<RequestMade>('request');
export const commands = new Subject<CommandDone>('command');
export const adminCalls = new Subject<AdminCallDone>('admin-call');
/** An answer to /sync was processed, or the request failed. */
export const syncs = new Subject<{ readonly outcome: Outcome }>('sync');
/** Somebody without access got an answer just now, and gets none to this. */
export const unanswered = new Subject<object>('unanswered');
/** An encrypted message arrived that can't be decrypted (yet). */
export const undecryptable = new Subject<{ readonly roomId: string }>('undecryptable');
/** A to-device message is ignored, because its sender or all such senders sent too many. */
export const toDeviceDropped = new Subject<{ readonly senderClass: SenderClass }>('to-device-dropped');
