// Counts requests by key, each for one minute from its first request on. Bounded, whoever sends them.
import type { IncrementResponse, Store } from 'express-rate-limit';

/** One address or user each; about 200 bytes. */
export const MOST_KEYS = 10_000;
export const WINDOW_MS = 60_000;

interface Entry {
  hits: number;
  readonly endsAt: number;
}

export class RequestCounts implements Store {
  /** The keys are of this process, and of this object alone. */
  readonly localKeys = true;
  /** Those that end first stand first, as all windows have the same length. */
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  /** @param now milliseconds that never go back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  increment(key: string): Required<IncrementResponse> {
    const now = this.#now();
    this.#removeEnded(now);
    const entry = this.#entries.get(key) ?? this.#begin(key, now);
    entry.hits++;
    return { totalHits: entry.hits, resetTime: new Date(Date.now() + entry.endsAt - now) };
  }

  decrement(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.hits > 0) entry.hits--;
  }

  resetKey(key: string): void {
    this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Past the limit the oldest is forgotten: to refuse new ones would lock people out, who are among them. */
  #begin(key: string, now: number): Entry {
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= MOST_KEYS && oldest !== undefined) this.#entries.delete(oldest);
    const entry = { hits: 0, endsAt: now + WINDOW_MS };
    this.#entries.set(key, entry);
    return entry;
  }

  #removeEnded(now: number): void {
    for (const [key, { endsAt }] of this.#entries) {
      if (endsAt > now) return;
      this.#entries.delete(key);
    }
  }
}
