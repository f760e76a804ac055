// The one loop that tries again. p-retry was considered: its delay can't follow an answer's Retry-After.
import { backoff, wait } from './clock.ts';

export interface RetryOptions {
  /** Whether to try again in `retryInMs`; otherwise the failure is thrown. What this throws replaces the failure. */
  readonly when: (error: unknown, attempt: number, retryInMs: number) => boolean | Promise<boolean>;
  /** The delay doubles from `first` to `most` (ms), less up to a quarter at random. */
  readonly first: number;
  readonly most: number;
  /** A delay of this failure's own (ms), such as Retry-After; undefined: the usual one. */
  readonly delayOf?: (error: unknown, attempt: number) => number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait. */
  readonly onRetry?: (error: unknown, retryInMs: number, attempt: number) => void;
  /** Lets others end the waits early. */
  readonly pause?: Pause;
}

/** The waits of a retry that others can end, because what it waits for may have changed. */
export class Pause {
  #ended: AbortController | undefined;

  /** Ends the wait that is under way, if there is one. */
  end(): void {
    this.#ended?.abort();
  }

  /** Rejects with the signal's reason. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    const ended = new AbortController();
    this.#ended = ended;
    const signals = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
    await wait(ms, signals).catch(() => signal?.throwIfAborted());
    this.#ended = undefined;
  }
}

/**
 * Runs `work` until it succeeds or fails for good.
 * @param work gets the number of the attempt, from 0
 * @throws what the last attempt threw; the signal's reason as soon as it aborts between two attempts
 */
export async function retry<T>(
  work: (attempt: number) => T | Promise<T>,
  { when, first, most, delayOf, signal, onRetry, pause }: RetryOptions,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      signal?.throwIfAborted();
      const retryInMs = Math.round(delayOf?.(error, attempt) ?? backoff(attempt, first, most));
      if (!(await when(error, attempt, retryInMs))) throw error;
      onRetry?.(error, retryInMs, attempt);
      await (pause === undefined ? wait(retryInMs, signal) : pause.wait(retryInMs, signal));
    }
  }
}
