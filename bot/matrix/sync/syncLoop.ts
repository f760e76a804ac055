import { Problem, problem } from '../../../common/problems/problem.ts';
import { backoff, type Clock } from '../../lib/clock.ts';
import { retry } from '../../lib/retry.ts';
import type { Log } from '../../observability/log.ts';
import { syncs } from '../../observability/observed.ts';
import { storeProblem } from '../../store/fault.ts';
import { SYNC_TIMING, type SyncTiming } from '../client.ts';
import { RequestFailed } from '../errors.ts';
import type { MatrixSession } from '../session.ts';
import { watched } from './syncWatch.ts';

export interface SyncLoopOptions {
  readonly session: MatrixSession;
  /** The stored position to continue from; undefined: initial sync. */
  readonly position: () => string | undefined;
  readonly forgetPosition: () => void;
  /** Processes one answer and stores its position; after an exception the same position is requested again. */
  readonly receive: (answer: unknown) => Promise<void>;
  /** The first answer has been processed. */
  readonly onFirstSync: () => void;
  /** Requesting or processing an answer failed; it is retried. */
  readonly onTrouble: (problem: Problem) => void;
  /** Processing an answer hangs: the process has to be restarted. */
  readonly onStuck: (problem: Problem) => void;
  readonly clock: Clock;
  readonly timing?: WatchTiming | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 15_000;
const RETRY_FOR_THE_ADMIN_MS = 300_000;

/** Timeouts of the sync loop, in ms. */
export interface WatchTiming {
  readonly sync: SyncTiming;
  /** How much later than the request's own timeout the watch aborts a request. */
  readonly margin: number;
  /** After this time without an answer the failure is logged again, at a higher level. */
  readonly silent: number;
  /** For processing one answer; long, because rate limits may delay it. */
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

/** Runs /sync until the signal aborts. */
export async function followHomeserver(options: SyncLoopOptions): Promise<void> {
  const { log, signal, onFirstSync, onTrouble, timing = WATCH_TIMING } = options;
  // On abort, does not wait for the long poll in progress.
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => stop(signal.reason), { once: true });
  stopped.catch(() => undefined);
  const failures = new Failures(log, timing.silent);
  for (let first = true; !signal.aborted; first = false) {
    try {
      // The first request does not long-poll: its answer has the missed events, and then the bot is ready.
      await retry(() => takeInNext(options, { wait: !first, stopped }), {
        when: () => true,
        first: RETRY_FIRST_MS,
        most: RETRY_MOST_MS,
        delayOf: (error, attempt) =>
          isForTheAdmin(error) ? backoff(attempt, RETRY_FIRST_MS, RETRY_FOR_THE_ADMIN_MS) : undefined,
        signal,
        onRetry: (error, retryInMs, attempt) => {
          if (error instanceof Problem) onTrouble(error);
          failures.log(error, retryInMs, attempt);
        },
      });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    failures.over();
    if (first) onFirstSync();
  }
}

interface NextOptions {
  /** Whether to long-poll until there are new events. */
  readonly wait: boolean;
  readonly stopped: Promise<never>;
}

/** Requests one answer and processes it. */
async function takeInNext(options: SyncLoopOptions, { wait, stopped }: NextOptions): Promise<void> {
  const { session, position, forgetPosition, clock, log, signal, timing = WATCH_TIMING } = options;
  const since = position();
  const { longPoll, beyond, first: everything } = timing.sync;
  const limitMs = (since === undefined ? everything : longPoll + beyond) + timing.margin;
  const watch = { limitMs, clock, lookEveryMs: timing.lookEvery };
  try {
    const answer = await Promise.race([watched((ended) => session.sync(since, wait, ended), watch), stopped]);
    await takeIn(answer, options, timing.takingIn);
    syncs.emit({ outcome: 'ok' });
  } catch (error) {
    signal.throwIfAborted();
    syncs.emit({ outcome: error instanceof Problem ? error.kind : 'internal' });
    if (!isUnknownPosition(error) || since === undefined) throw error;
    // A homeserver restored from a backup rejects positions that are newer than the backup.
    log.warn(`The homeserver does not accept the stored sync position, starting afresh. ${error.message}`);
    forgetPosition();
    await takeInNext(options, { wait, stopped });
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

/** A 400 of the homeserver itself: a proxy's does not mean that the position is invalid. */
function isUnknownPosition(error: unknown): error is RequestFailed {
  return error instanceof RequestFailed && error.status === 400 && error.errcode !== undefined;
}

function isForTheAdmin(error: unknown): boolean {
  return error instanceof Problem && !error.transient;
}

/** Decides how consecutive failures are logged. */
class Failures {
  readonly #log: Log;
  readonly #silentMs: number;
  /** When the first one happened (`performance.now()`); undefined: the last answer was processed. */
  #since: number | undefined;
  #toldSilence = false;

  constructor(log: Log, silentMs: number) {
    this.#log = log;
    this.#silentMs = silentMs;
  }

  over(): void {
    if (this.#since !== undefined) this.#log.info('The bot is up to date with the homeserver again.');
    this.#since = undefined;
    this.#toldSilence = false;
  }

  log(error: unknown, retryInMs: number, attempt: number): void {
    const log = this.#log;
    this.#since ??= performance.now();
    const storeFault = storeProblem(error);
    if (storeFault !== undefined) {
      log.error({ retryInMs }, storeFault.sentence);
    } else if (!(error instanceof Problem)) {
      log.error({ err: error, retryInMs }, 'Could not take in what the homeserver sent.');
    } else if (isForTheAdmin(error)) {
      log.error({ retryInMs }, error.sentence);
    } else if (attempt === 0) {
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
