// While the state can't be written (disk full or broken), the bot processes and answers nothing, and loses nothing. It
// resumes once writes succeed.
import { type Problem, problem } from '../../common/problems/problem.ts';
import { retry } from '../lib/retry.ts';

/** SQLite's primary result codes: busy, read-only, I/O error, full, can't open. Any other is a bug in the bot. */
const TRANSIENT = new Set([5, 8, 10, 13, 14]);

/** The problem if the state can't be written; undefined: another error. */
export function storeProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code !== 'ERR_SQLITE_ERROR' || typeof errcode !== 'number' || !TRANSIENT.has(errcode & 0xff))
    return undefined;
  return problem('data_dir_unwritable', { reason: error.message }, { cause: error });
}

/** Retries for as long as only the state's file stands in the way. Returns early when the signal aborts. */
export async function retryStoreFailures(
  log: { error(about: { retryInMs: number }, sentence: string): void },
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await retry(work, {
      when: (error) => storeProblem(error) !== undefined,
      first: 1_000,
      most: 60_000,
      signal,
      onRetry: (error, retryInMs) => log.error({ retryInMs }, storeProblem(error)?.sentence ?? String(error)),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
