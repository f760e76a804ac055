// Notices that an answer to /sync does not come any more: the connection died without a word, the request hangs
// somewhere on the way, or the machine slept through it.
import type { Clock } from '../../lib/clock.ts';
import { RequestFailed } from '../errors.ts';
import { untilAborted } from '../openRequests.ts';

export interface WatchOptions {
  /** How long the answer may take in all (ms). */
  readonly limitMs: number;
  readonly clock: Clock;
  /** How often is looked whether the clock has jumped (ms). */
  readonly lookEveryMs?: number;
}

const LOOK_EVERY_MS = 5_000;
/** A clock that has gone on by so much more than was counted: the machine slept, and connections don't survive that (ms). */
const JUMP_MS = 30_000;

/**
 * What `ask` resolves with. Given up, and its connection cut, once it takes too long.
 * @throws RequestFailed `homeserver_unreachable` then
 */
export async function watched<T>(
  ask: () => Promise<T>,
  { limitMs, clock, lookEveryMs = LOOK_EVERY_MS }: WatchOptions,
): Promise<T> {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    const giveUp = (failure: RequestFailed) => {
      reject(failure);
      ended.abort();
    };
    timer = setTimeout(
      () => giveUp(new RequestFailed('sync_silent', { seconds: Math.round(limitMs / 1000) }, {})),
      limitMs,
    );
    let last = clock();
    looking = setInterval(() => {
      const now = clock();
      if (now - last > lookEveryMs + JUMP_MS) giveUp(new RequestFailed('machine_slept', undefined, {}));
      last = now;
    }, lookEveryMs);
  });
  try {
    return await Promise.race([untilAborted(ended.signal, ask), overdue]);
  } finally {
    clearTimeout(timer);
    clearInterval(looking);
  }
}
