// While the state can't be written (disk full or broken), the bot processes and answers nothing, and loses nothing. It
// resumes once writes succeed.
import { type Problem, problem } from '../../common/problems/problem.ts';
import { backoff, wait } from '../lib/clock.ts';

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

/** Does something again and again for as long as only the state's file stands in the way. */
export async function whileStoreFails(
  log: { error(about: { retryInMs: number }, sentence: string): void },
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (signal.aborted) return;
      const problem = storeProblem(error);
      if (problem === undefined) throw error;
      const delay = backoff(attempt, 1_000, 60_000);
      log.error({ retryInMs: Math.round(delay) }, problem.sentence);
      await wait(delay, signal).catch(() => undefined);
    }
  }
}
