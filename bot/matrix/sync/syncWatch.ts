// Detects that /sync will not be answered any more: the connection was lost without a TCP close, the request hangs in
// a proxy, or the machine was suspended.
import type { Clock } from '../../lib/clock.ts';
import { RequestFailed } from '../errors.ts';

export interface WatchOptions {
  /** Total timeout of the request (ms). */
  readonly limitMs: number;
  readonly clock: Clock;
  /** Interval of the check for clock jumps (ms). */
  readonly lookEveryMs?: number;
}

const LOOK_EVERY_MS = 5_000;
/** A clock jump larger than this means that the machine was suspended, and its connections are lost (ms). */
const JUMP_MS = 30_000;

/**
 * Returns the result of `ask`; aborts its signal after the timeout.
 * @throws RequestFailed `homeserver_unreachable` after the timeout
 */
export async function watched<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  { limitMs, clock, lookEveryMs = LOOK_EVERY_MS }: WatchOptions,
): Promise<T> {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    const giveUp = (failure: RequestFailed) => {
      reject(failure);
      ended.abort(failure);
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
    return await Promise.race([ask(ended.signal), overdue]);
  } finally {
    clearTimeout(timer);
    clearInterval(looking);
  }
}
