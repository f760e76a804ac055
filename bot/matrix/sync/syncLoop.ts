import { Problem, problem } from '../../../common/problems/problem.ts';
import { backoff, type Clock, wait } from '../../lib/clock.ts';
import type { Log } from '../../observability/log.ts';
import { syncs } from '../../observability/observed.ts';
import { storeProblem } from '../../store/fault.ts';
import { SYNC_TIMING, type SyncTiming } from '../client.ts';
import { RequestFailed } from '../errors.ts';
import type { Homeserver } from '../session.ts';
import { watched } from './syncWatch.ts';

export interface SyncLoopOptions {
  readonly homeserver: Homeserver;
  /** The position to go on from, as it is stored; undefined: from the beginning. */
  readonly position: () => string | undefined;
  readonly forgetPosition: () => void;
  /** Takes in one answer and stores its position; an exception makes the loop ask for the same again. */
  readonly receive: (answer: unknown) => Promise<void>;
  /** The state of the connection changed. */
  readonly onFirstSync: () => void;
  /** An answer could not be had or taken in; it is tried again. */
  readonly onTrouble: (problem: Problem) => void;
  /** Taking in an answer does not come to an end: only a new process helps. */
  readonly onStuck: (problem: Problem) => void;
  readonly clock: Clock;
  readonly timing?: WatchTiming | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** When the loop loses its patience, in ms. */
export interface WatchTiming {
  readonly sync: SyncTiming;
  /** What the HTTP library's timeout, which should end a request first, gets beyond its time. */
  readonly margin: number;
  /** Without an answer for so long it is told once more, louder. */
  readonly silent: number;
  /** For taking in one answer. A rate limit may make it wait for long. */
  readonly takingIn: number;
  readonly lookEvery: number;
}

export const WATCH_TIMING: WatchTiming = {
  sync: SYNC_TIMING,
  margin: 15_000,
  silent: 300_000,
  takingIn: 1_800_000,
  lookEvery: 5_000,
};

/** Follows the homeserver until the signal aborts. Only faults of the bot itself are thrown. */
export async function followHomeserver(options: SyncLoopOptions): Promise<void> {
  const { homeserver, position, clock, log, signal, timing = WATCH_TIMING } = options;
  // A long poll is not waited for once the bot stops.
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  const failures = new Failures(log, timing.silent);
  let first = true;
  while (!signal.aborted) {
    const since = position();
    const { longPoll, beyond, first: everything } = timing.sync;
    const limitMs = (since === undefined ? everything : longPoll + beyond) + timing.margin;
    try {
      // The first answer tells what happened meanwhile, at once: then the bot is ready.
      const ask = () => homeserver.sync(since, !first);
      const watch = { limitMs, clock, lookEveryMs: timing.lookEvery };
      const answer = await Promise.race([watched(ask, watch), stopped]);
      await takeIn(answer, options, timing.takingIn);
      syncs.emit({ outcome: 'ok' });
      failures.over();
      if (first) options.onFirstSync();
      first = false;
    } catch (error) {
      if (signal.aborted) return;
      syncs.emit({ outcome: error instanceof Problem ? error.kind : 'internal' });
      if (isUnknownPosition(error) && since !== undefined) {
        // A homeserver that was restored from a backup does not know a position from after it.
        log.warn(
          `The homeserver does not accept the stored sync position, starting afresh. ${error.message}`,
        );
        options.forgetPosition();
        continue;
      }
      if (error instanceof Problem) options.onTrouble(error);
      await wait(failures.next(error), signal).catch(() => undefined);
    }
  }
}

async function takeIn(
  answer: unknown,
  { receive, onStuck }: SyncLoopOptions,
  limitMs: number,
): Promise<void> {
  const overdue = setTimeout(() => {
    const minutes = Math.round(limitMs / 60_000);
    onStuck(problem('sync_stuck', { minutes }));
  }, limitMs);
  try {
    await receive(answer);
  } finally {
    clearTimeout(overdue);
  }
}

/** The homeserver's own 400; a proxy's says nothing about the position. */
function isUnknownPosition(error: unknown): error is RequestFailed {
  return error instanceof RequestFailed && error.status === 400 && error.errcode !== undefined;
}

function isForTheAdmin(error: unknown): boolean {
  return error instanceof Problem && !error.transient;
}

/** How often in a row the homeserver could not be followed, and what to say about it. */
class Failures {
  readonly #log: Log;
  readonly #silentMs: number;
  #count = 0;
  /** `performance.now()` of the first one. */
  #since = 0;
  #toldSilence = false;

  constructor(log: Log, silentMs: number) {
    this.#log = log;
    this.#silentMs = silentMs;
  }

  over(): void {
    if (this.#count > 0) this.#log.info('The bot is up to date with the homeserver again.');
    this.#count = 0;
    this.#toldSilence = false;
  }

  /** Logs it, and returns how long to wait before the next try (ms). */
  next(error: unknown): number {
    if (this.#count === 0) this.#since = performance.now();
    const delay = backoff(this.#count, 500, isForTheAdmin(error) ? 300_000 : 15_000);
    this.#tell(error, Math.round(delay));
    this.#count++;
    return delay;
  }

  #tell(error: unknown, retryInMs: number): void {
    const log = this.#log;
    const storeFault = storeProblem(error);
    if (storeFault !== undefined) {
      log.error({ retryInMs }, storeFault.sentence);
    } else if (!(error instanceof Problem)) {
      log.error({ err: error, retryInMs }, 'Could not take in what the homeserver sent.');
    } else if (isForTheAdmin(error)) {
      log.error({ retryInMs }, error.sentence);
    } else if (this.#count === 0) {
      log.warn({ retryInMs }, error.sentence);
    } else if (!this.#toldSilence && performance.now() - this.#since >= this.#silentMs) {
      this.#toldSilence = true;
      const minutes = Math.round(this.#silentMs / 60_000);
      log.error({ retryInMs }, `No news from the homeserver for ${minutes} minutes. ${error.sentence}`);
    } else {
      log.debug({ retryInMs }, error.sentence);
    }
  }
}
