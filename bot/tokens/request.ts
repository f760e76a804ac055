// What every use case gets besides its input: who asks, and how to treat failures.
import type * as z from 'zod/mini';
import { Problem } from '../../common/problems/problem.ts';
import type { Manager } from '../access/actor.ts';
import { retry } from '../lib/retry.ts';

export interface TokenRequest {
  readonly by: Manager;
  /**
   * ID of the event or HTTP request. A request repeated with it after a crash changes nothing more, and the audit
   * records it once.
   */
  readonly ref: string;
  readonly retries: RetryPolicy;
  readonly step: Step;
}

/**
 * Computes a value once per request and stores it: a retry of the request gets the stored value, also after a crash.
 */
export type Step = <S extends z.ZodMiniType>(
  name: string,
  schema: S,
  choose: () => Promise<z.output<S>>,
) => Promise<z.output<S>>;

/** For requests that are not repeated after a crash. */
export const unrecorded: Step = (_name, _schema, choose) => choose();

export interface RetryPolicy {
  /** Attempts within about two seconds. */
  readonly quickTries: number;
  /** The longest delay between two attempts (ms). */
  readonly maxDelayMs: number;
  /** Whether to retry after the quick attempts. Default: no. */
  readonly keepRetrying?: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** No more quick attempts once this much time has passed (ms). */
const QUICK_TRIES_LIMIT_MS = 20_000;

/**
 * Retries transient problems: a few times quickly, then for as long as the policy allows.
 * @throws the last failure; the signal's reason
 */
export async function retryTransient<T>(
  work: () => Promise<T>,
  { quickTries, maxDelayMs, keepRetrying, signal }: RetryPolicy,
): Promise<T> {
  const started = performance.now();
  return await retry(work, {
    when: async (error, attempt) => {
      if (!(error instanceof Problem) || !error.transient) return false;
      if (attempt + 1 < quickTries && performance.now() - started <= QUICK_TRIES_LIMIT_MS) return true;
      return keepRetrying !== undefined && (await keepRetrying());
    },
    first: 400,
    most: maxDelayMs,
    signal,
  });
}
