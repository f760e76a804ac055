// How the bot ends: in two steps, so that what is under way can finish; or at once, because it can't go on.
import { Problem } from '../common/problems/problem.ts';
import { wait } from './lib/clock.ts';
import type { Health } from './observability/health.ts';

export class Lifetime {
  readonly #health: Health;
  readonly #intake = new AbortController();
  readonly #work = new AbortController();
  readonly #failure = Promise.withResolvers<never>();
  readonly #opened: (() => unknown)[] = [];

  constructor(health: Health) {
    this.#health = health;
    this.#failure.promise.catch(() => undefined);
  }

  /** Aborted when nothing new is taken in any more. */
  get receiveSignal(): AbortSignal {
    return this.#intake.signal;
  }

  /** Aborted when what still waits for the homeserver is left for the next start. */
  get signal(): AbortSignal {
    return this.#work.signal;
  }

  /** Rejects if the bot can't go on. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  endIntake(reason: string): void {
    this.#intake.abort(new Error(reason));
  }

  end(reason: string): void {
    this.#work.abort(new Error(reason));
  }

  /** Nothing more is sent: keys might be used that were used before. What is under way goes on at the next start. */
  readonly fail = (error: unknown): void => {
    this.#health.failed(error instanceof Problem ? error.kind : 'internal');
    this.#failure.reject(error);
    this.#intake.abort(error);
    this.#work.abort(error);
  };

  /** What is to be closed if the start fails, the last one first. */
  onFailedStart(close: () => unknown): void {
    this.#opened.push(close);
  }

  /** Closes what the start has opened. Returns why the start failed. */
  async failedStart(error: unknown): Promise<unknown> {
    const cause = this.signal.aborted ? this.signal.reason : error;
    this.end('The bot could not start.');
    for (const close of this.#opened.toReversed()) await close();
    return cause;
  }
}

/** Waits for the work, but not longer (ms). */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  await Promise.race([work, wait(ms, enough.signal).catch(() => undefined)]);
  enough.abort();
}
