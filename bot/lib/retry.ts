// The only retry loop of the bot. Not p-retry: its delay can't follow a Retry-After header.
import { backoff, wait } from './clock.ts';

export interface RetryOptions {
  /** Whether to retry after this failure; if not, it is thrown. */
  readonly when: (error: unknown, attempt: number) => boolean | Promise<boolean>;
  /** The delay doubles from `first` up to `most` (ms), minus up to 25% at random. */
  readonly first: number;
  readonly most: number;
  /** A delay that the failure asks for (ms), such as Retry-After; undefined: the usual delay. */
  readonly delayOf?: (error: unknown) => number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait. */
  readonly onRetry?: (error: unknown, retryInMs: number, attempt: number) => void;
}

/**
 * Runs `work` until it succeeds, or fails with an error that `when` does not accept.
 * @param work called with the number of the attempt, from 0
 * @throws the last attempt's error; the signal's reason if it aborts between two attempts
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
