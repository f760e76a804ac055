// What every use case is told beside its input: who asks, and how failures are treated.
import type * as z from 'zod/mini';
import { Problem } from '../../common/problems/problem.ts';
import type { Manager } from '../access/actor.ts';
import { retry } from '../lib/retry.ts';

export interface TokenRequest {
  readonly by: Manager;
  /**
   * The ID of the event or request that asks: the same request carried out again, after a crash, changes nothing more
   * and is recorded once.
   */
  readonly ref: string;
  readonly retries: RetryPolicy;
  readonly step: Step;
}

/**
 * Chooses something that must not be chosen twice, and writes it down: the same request gets it back at its next try,
 * also after a crash.
 */
export type Step = <S extends z.ZodMiniType>(
  name: string,
  schema: S,
  choose: () => Promise<z.output<S>>,
) => Promise<z.output<S>>;

/** For requests that nobody carries out again after a crash. */
export const unrecorded: Step = (_name, _schema, choose) => choose();

export interface RetryPolicy {
  /** Within about two seconds. */
  readonly quickTries: number;
  /** The longest delay between two tries (ms). */
  readonly mostDelayMs: number;
  /** Whether to go on after the quick tries. Default: no. */
  readonly goOn?: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** A homeserver that takes this long to fail is not asked again before the person is told (ms). */
const MOST_PATIENCE_MS = 20_000;

/**
 * Retries transient problems: a few times quickly, then for as long as the policy goes on.
 * @throws the last failure; the signal's reason
 */
export async function retryTransient<T>(
  work: () => Promise<T>,
  { quickTries, mostDelayMs, goOn, signal }: RetryPolicy,
): Promise<T> {
  const started = performance.now();
  return await retry(work, {
    when: async (error, attempt) => {
      if (!(error instanceof Problem) || !error.transient) return false;
      if (attempt + 1 < quickTries && performance.now() - started <= MOST_PATIENCE_MS) return true;
      return goOn !== undefined && (await goOn());
    },
    first: 400,
    most: mostDelayMs,
    signal,
  });
}
