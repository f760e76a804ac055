// Shutdown: in two steps, so that work in progress can finish; or at once after a fatal error.
import { Problem } from '../common/problems/problem.ts';
import { wait } from './lib/clock.ts';
import type { Health } from './observability/health.ts';

export class Lifetime {
  readonly #health: Health;
  readonly #receiving = new AbortController();
  readonly #work = new AbortController();
  readonly #failure = Promise.withResolvers<never>();
  readonly #opened: (() => unknown)[] = [];

  constructor(health: Health) {
    this.#health = health;
    this.#failure.promise.catch(() => undefined);
  }

  /** First step: aborted when the bot stops receiving. */
  get receiveSignal(): AbortSignal {
    return this.#receiving.signal;
  }

  /** Second step: aborts work that waits for the homeserver; it continues at the next start. */
  get signal(): AbortSignal {
    return this.#work.signal;
  }

  /** Rejects on a fatal error. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  endReceiving(reason: string): void {
    this.#receiving.abort(new Error(reason));
  }

  end(reason: string): void {
    this.#work.abort(new Error(reason));
  }

  /** Aborts everything, so that no encryption key is used twice. Work in progress continues at the next start. */
  readonly fail = (error: unknown): void => {
    this.#health.failed(error instanceof Problem ? error.kind : 'internal');
    this.#failure.reject(error);
    this.#receiving.abort(error);
    this.#work.abort(error);
  };

  /** Resources to close if the start fails, in reverse order. */
  onFailedStart(close: () => unknown): void {
    this.#opened.push(close);
  }

  /** Closes the resources opened so far. Returns the reason of the failure. */
  async failedStart(error: unknown): Promise<unknown> {
    const cause = this.signal.aborted ? this.signal.reason : error;
    this.end('The bot could not start.');
    for (const close of this.#opened.toReversed()) await close();
    return cause;
  }
}

/** Waits for the work, for at most the given time (ms). */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  await Promise.race([work, wait(ms, enough.signal).catch(() => undefined)]);
  enough.abort();
}
