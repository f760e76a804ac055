// The one loop that tries again. p-retry was considered: its delay can't follow an answer's Retry-After.
import { backoff, wait } from './clock.ts';

export interface RetryOptions {
  /** Whether this failure may pass; otherwise it is thrown. */
  readonly when: (error: unknown, attempt: number) => boolean | Promise<boolean>;
  /** The delay doubles from `first` to `most` (ms), less up to a quarter at random. */
  readonly first: number;
  readonly most: number;
  /** A delay that the failure itself asks for (ms), such as Retry-After; undefined: the usual one. */
  readonly delayOf?: (error: unknown) => number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait. */
  readonly onRetry?: (error: unknown, retryInMs: number, attempt: number) => void;
}

/**
 * Runs `work` until it succeeds or fails for good.
 * @param work gets the number of the attempt, from 0
 * @throws what the last attempt threw; the signal's reason as soon as it aborts between two attempts
 */
export async function retry<T>(
  work: (attempt: number) => T | Promise<T>,
  { when, first, most, delayOf, signal, onRetry }: RetryOptions,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(await when(error, attempt))) throw error;
      const delay = Math.round(delayOf?.(error) ?? backoff(attempt, first, most));
      onRetry?.(error, delay, attempt);
      await wait(delay, signal);
    }
  }
}
