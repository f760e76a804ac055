import { Problem } from '../../common/problem.ts';
import { backoff, wait } from '../clock.ts';
import type { Log } from '../log.ts';
import { storeProblem } from '../store/fault.ts';
import type { Homeserver } from './homeserver.ts';
import { RequestFailed } from './requestFailed.ts';

export interface SyncLoopOptions {
  readonly homeserver: Homeserver;
  /** The position to go on from, as it is stored; undefined: from the beginning. */
  readonly position: () => string | undefined;
  readonly forgetPosition: () => void;
  /** Takes in one answer and stores its position; an exception makes the loop ask for the same again. */
  readonly receive: (answer: unknown) => Promise<void>;
  /** The state of the connection changed. */
  readonly onFirstSync: () => void;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Follows the homeserver until the signal aborts. Only faults of the bot itself are thrown. */
export async function followHomeserver(options: SyncLoopOptions): Promise<void> {
  const { homeserver, position, receive, log, signal } = options;
  // A long poll can't be cancelled, but nobody waits for it once the bot stops.
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  let failures = 0;
  let first = true;
  while (!signal.aborted) {
    const since = position();
    try {
      // The first answer tells what happened meanwhile, at once: then the bot is ready.
      const answer = await Promise.race([homeserver.sync(since, !first), stopped]);
      await receive(answer);
      if (failures > 0) log.info('The bot is up to date with the homeserver again.');
      failures = 0;
      if (first) options.onFirstSync();
      first = false;
    } catch (error) {
      if (signal.aborted) return;
      if (isUnknownPosition(error) && since !== undefined) {
        // A homeserver that was restored from a backup does not know a position from after it.
        log.warn(
          `The homeserver does not accept the stored sync position, starting afresh. ${error.message}`,
        );
        options.forgetPosition();
        continue;
      }
      const delay = backoff(failures, 500, isForTheAdmin(error) ? 300_000 : 15_000);
      logFailure(log, error, failures, delay);
      failures++;
      await wait(delay, signal).catch(() => undefined);
    }
  }
}

/** The homeserver's own 400; a proxy's says nothing about the position. */
function isUnknownPosition(error: unknown): error is RequestFailed {
  return error instanceof RequestFailed && error.status === 400 && error.errcode !== undefined;
}

function isForTheAdmin(error: unknown): boolean {
  return error instanceof Problem && !error.transient;
}

function logFailure(log: Log, error: unknown, failures: number, delay: number): void {
  const retryInMs = Math.round(delay);
  const storeFault = storeProblem(error);
  if (storeFault !== undefined) {
    log.error({ retryInMs }, storeFault.sentence);
  } else if (!(error instanceof Problem)) {
    log.error({ err: error, retryInMs }, 'Could not take in what the homeserver sent.');
  } else if (isForTheAdmin(error)) {
    log.error({ retryInMs }, error.sentence);
  } else if (failures === 0) {
    log.warn({ retryInMs }, error.sentence);
  } else {
    log.debug({ retryInMs }, error.sentence);
  }
}
