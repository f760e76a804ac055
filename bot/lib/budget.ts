// How often somebody may do something: token buckets, one a key.
import type { Clock } from './clock.ts';

export interface Rate {
  /** At once, after a pause. */
  readonly burst: number;
  /** After that, one in this time (ms). */
  readonly everyMs: number;
}

/** Keys that nobody has used for a while are forgotten. */
const SWEEP_AT = 1_000;

export class Budget {
  readonly #rate: Rate;
  readonly #clock: Clock;
  /** When the bucket of a key will be full again, epoch ms. */
  readonly #fullAt = new Map<string, number>();
  #sweepAt = SWEEP_AT;

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  has(key: string): boolean {
    const { burst, everyMs } = this.#rate;
    return this.#next(key) - this.#clock() <= burst * everyMs;
  }

  take(key: string): void {
    this.#fullAt.set(key, this.#next(key));
    if (this.#fullAt.size < this.#sweepAt) return;
    for (const [other, fullAt] of this.#fullAt) if (fullAt <= this.#clock()) this.#fullAt.delete(other);
    this.#sweepAt = Math.max(SWEEP_AT, this.#fullAt.size * 2);
  }

  #next(key: string): number {
    return Math.max(this.#fullAt.get(key) ?? 0, this.#clock()) + this.#rate.everyMs;
  }
}
