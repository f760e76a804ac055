// Typing notifications: they show in a room that the bot is at work on a slow answer.
import { wait } from '../../lib/clock.ts';
import { KeyedQueue } from '../../lib/keyedQueue.ts';
import { RequestFailed } from '../errors.ts';
import type { MatrixSession } from '../session.ts';

/** Answers that take no longer than this are not announced (ms). */
const SHOW_AFTER_MS = 300;
/** How long the homeserver shows one notification (ms), and how often it is renewed. */
const TIMEOUT_MS = 30_000;
const RENEW_EVERY_MS = 20_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** After a 429 that does not say how long to wait (ms). */
const PAUSE_MS = 60_000;

export interface TypingOptions {
  readonly session: Pick<MatrixSession, 'request' | 'userId' | 'isAnswering'>;
  /** Default 300 ms. */
  readonly showAfterMs?: number | undefined;
}

export class TypingNotifications {
  readonly #options: TypingOptions;
  /** At most one request at a time for each room. */
  readonly #queue = new KeyedQueue();
  /** No request before this, because of a rate limit (`performance.now()`). */
  #pausedUntil = 0;

  constructor(options: TypingOptions) {
    this.#options = options;
  }

  /** Shows that the bot is typing while slow work lasts. Never delays the work, and never fails because of it. */
  async during<T>(roomId: string, work: () => Promise<T>): Promise<T> {
    const ended = new AbortController();
    void this.#showUntil(ended.signal, roomId);
    try {
      return await work();
    } finally {
      ended.abort();
    }
  }

  async #showUntil(ended: AbortSignal, roomId: string): Promise<void> {
    let shown = false;
    let delay = this.#options.showAfterMs ?? SHOW_AFTER_MS;
    while (await passes(delay, ended)) {
      delay = RENEW_EVERY_MS;
      await this.#queue.run(roomId, async () => {
        if (!ended.aborted && (await this.#put(roomId, true))) shown = true;
      });
    }
    if (shown) await this.#queue.run(roomId, () => this.#put(roomId, false));
  }

  /** false: the homeserver was not asked, or did not answer as it should. Tried again with the next renewal, if at all. */
  async #put(roomId: string, typing: boolean): Promise<boolean> {
    const { session } = this.#options;
    if (!session.isAnswering || performance.now() < this.#pausedUntil) return false;
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/typing/${encodeURIComponent(session.userId)}`;
    const body = typing ? { typing, timeout: TIMEOUT_MS } : { typing };
    try {
      await session.request('PUT', path, body, undefined, { timeoutMs: REQUEST_TIMEOUT_MS, patienceMs: 0 });
      return true;
    } catch (error) {
      // Whatever it is, the answer matters more; its own requests report what is wrong.
      if (error instanceof RequestFailed && error.kind === 'rate_limited')
        this.#pausedUntil = performance.now() + (error.retryAfterMs ?? PAUSE_MS);
      return false;
    }
  }
}

/** false: the signal aborted first. */
async function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  return await wait(ms, signal).then(
    () => true,
    () => false,
  );
}
