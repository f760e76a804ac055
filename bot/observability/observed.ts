// Events for metrics, published through diagnostics channels. Without listeners, when metrics are off, emitting costs
// nothing.
import { type Channel, channel } from 'node:diagnostics_channel';
import type { ProblemKind } from '../../common/problems/kinds.ts';

/** How something ended. */
export type Outcome = 'ok' | ProblemKind;

/** One request to a homeserver, each try by itself. */
export interface RequestMade {
  readonly method: string;
  /** May hold room IDs and tokens: only its class may be shown. */
  readonly path: string;
  readonly outcome: Outcome;
  readonly seconds: number;
}

export interface CommandDone {
  /** As in `help`; `unknown` for what is no command. */
  readonly name: string;
  readonly outcome: Outcome;
}

export interface AdminCallDone {
  readonly operation: string;
  readonly outcome: Outcome;
}

class Subject<T extends object> {
  readonly #channel: Channel<unknown, T>;

  constructor(name: string) {
    this.#channel = channel(`matrix-registration-bot:${name}`) as Channel<unknown, T>;
  }

  emit(about: T): void {
    if (this.#channel.hasSubscribers) this.#channel.publish(about);
  }

  /** Returns how to stop that. */
  listen(listener: (about: T) => void): () => void {
    const hear = (about: unknown) => listener(about as T);
    this.#channel.subscribe(hear);
    return () => void this.#channel.unsubscribe(hear);
  }
}

export const requests = new Subject<RequestMade>('request');
export const commands = new Subject<CommandDone>('command');
export const adminCalls = new Subject<AdminCallDone>('admin-call');
/** An answer to /sync was taken in, or could not be had. */
export const syncs = new Subject<{ readonly outcome: Outcome }>('sync');
/** An encrypted message came that can't be read (yet). */
export const undecryptable = new Subject<{ readonly roomId: string }>('undecryptable');
