// Polls the homeserver for its tokens every few seconds and emits the differences. Changes made through the bot are
// emitted at once.
import type { RegistrationToken } from '../../../common/token.ts';
import { wait } from '../../lib/clock.ts';
import { Emitter } from '../../lib/emitter.ts';
import { retry } from '../../lib/retry.ts';
import type { Log } from '../../observability/log.ts';
import { withoutRequestId } from '../../observability/log.ts';
import type { TokenChange } from '../tokens.ts';
import { type TokenDifference, TokenMirror } from './tokenMirror.ts';

/** `interrupted`: changes before the next event may have been missed. */
export type TokenEvent =
  | (TokenDifference & { readonly kind: 'difference' })
  | { readonly kind: 'interrupted' };

export interface TokenWatchOptions {
  /** All tokens, latest change first. */
  readonly list: () => Promise<RegistrationToken[]>;
  readonly changes: Emitter<TokenChange>;
  readonly log: Log;
  /** Aborted when the bot stops. */
  readonly signal: AbortSignal;
}

const POLL_MS = 3_000;
/** How long the tokens stay in memory after the last poll or list (ms). */
const REMEMBER_MS = 300_000;

export class TokenWatch {
  readonly #options: TokenWatchOptions;
  readonly #mirror: TokenMirror;
  readonly #stopListening: () => void;
  readonly events: Emitter<TokenEvent>;
  /** Calls of `start` that were not stopped yet. */
  #watchers = 0;
  #polling: AbortController | undefined;
  #forgetting: NodeJS.Timeout | undefined;

  constructor(options: TokenWatchOptions) {
    this.#options = options;
    this.events = new Emitter((error, { kind }) =>
      options.log.error({ err: error, event: kind }, 'Could not pass a change on to open widgets.'),
    );
    this.#mirror = new TokenMirror({
      list: options.list,
      onDifference: (difference) => this.events.emit({ kind: 'difference', ...difference }),
    });
    this.#stopListening = options.changes.listen((change) => this.#mirror.apply(change));
    options.signal.addEventListener('abort', () => this.#close(), { once: true });
  }

  /** All tokens, latest change first; see `TokenMirror`. */
  async list(maxAgeMs = 0): Promise<readonly RegistrationToken[]> {
    if (this.#watchers === 0) this.#forgetLater();
    return await this.#mirror.list(maxAgeMs);
  }

  /** Starts polling, until every caller has called the returned stop function. */
  start(): () => void {
    this.#watchers++;
    clearTimeout(this.#forgetting);
    if (this.#polling === undefined) {
      const polling = new AbortController();
      this.#polling = polling;
      const signal = AbortSignal.any([polling.signal, this.#options.signal]);
      withoutRequestId(() => void this.#poll(signal));
    }
    let isStopped = false;
    return () => {
      if (isStopped) return;
      isStopped = true;
      this.#watchers--;
      if (this.#watchers === 0) this.#pause();
    };
  }

  #pause(): void {
    this.#polling?.abort();
    this.#polling = undefined;
    this.#forgetLater();
  }

  #close(): void {
    this.#stopListening();
    clearTimeout(this.#forgetting);
  }

  #forgetLater(): void {
    clearTimeout(this.#forgetting);
    if (this.#options.signal.aborted) return;
    this.#forgetting = setTimeout(() => {
      this.#mirror.forget();
      this.events.emit({ kind: 'interrupted' });
    }, REMEMBER_MS);
    // Must not keep the process alive.
    this.#forgetting.unref();
  }

  /** Ends when the signal aborts. */
  async #poll(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    try {
      for (;;) {
        await retry(() => this.#mirror.list(), {
          when: () => true,
          first: 2 * POLL_MS,
          most: 30_000,
          signal,
          // Only debug: requests of people report the same failure.
          onRetry: (error, retryInMs) =>
            log.debug({ err: error, retryInMs }, 'Could not poll for changed tokens; retrying.'),
        });
        await wait(POLL_MS, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
