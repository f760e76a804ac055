// How long something is tried before the person is told that it does not work.
import { Problem } from '../../../common/problem.ts';
import { backoff, wait } from '../../lib/clock.ts';
import type { MatrixSession } from '../../matrix/session.ts';

const QUICK_TRIES = 3;
/** A homeserver that takes this long to fail is not asked again before the person is told (ms). */
const MOST_PATIENCE_MS = 20_000;

/**
 * Tries what may pass a few times within two seconds; after that it is told, unless the homeserver is gone as a
 * whole: then nobody could read the answer, and it goes on as soon as the homeserver is back.
 */
export async function carryOut<T>(
  work: () => Promise<T>,
  homeserver: MatrixSession,
  signal: AbortSignal,
): Promise<T> {
  const started = performance.now();
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Problem) || !error.transient) throw error;
      const tried = attempt + 1 >= QUICK_TRIES || performance.now() - started > MOST_PATIENCE_MS;
      if (tried && (await homeserver.isReachable())) throw error;
      await wait(backoff(attempt, 400, 10_000), signal);
    }
  }
}
