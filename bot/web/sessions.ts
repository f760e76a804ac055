// Who has proved who they are, for an hour since their last request. In memory only: after a restart of the bot
// the widget signs in again by itself. Only hashes are kept, so that a dump of the memory opens nothing.
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';

export const SESSION_IDLE_MS = 3_600_000;
/** The identity is asked for anew after this time, however busy the session: accounts get locked and devices stolen. */
const SESSION_AGE_MS = 12 * 3_600_000;
const MAX_SESSIONS = 1_000;
/** So that nobody can push all others out. */
const MAX_SESSIONS_PER_USER = 20;

export interface WebSession {
  readonly userId: string;
  /** Names the session where its token must not be named. */
  readonly id: string;
}

interface Entry extends WebSession {
  readonly startedAt: number;
  usedAt: number;
}

export class Sessions {
  readonly #clock: Clock;
  /** By hash; the longest unused first. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts a session and returns its token: 256 random bits. */
  start(userId: string): string {
    this.#removeEnded();
    const own = [...this.#entries.values()].filter((entry) => entry.userId === userId);
    if (own.length >= MAX_SESSIONS_PER_USER && own[0] !== undefined) this.#entries.delete(own[0].id);
    for (const id of this.#entries.keys()) {
      if (this.#entries.size < MAX_SESSIONS) break;
      this.#entries.delete(id);
    }
    const token = randomBytes(32).toString('base64url');
    const id = hash(token);
    const now = this.#clock();
    this.#entries.set(id, { id, userId, startedAt: now, usedAt: now });
    return token;
  }

  /** The session of a token, which counts as used now; undefined: there is none (any more). */
  use(token: string): WebSession | undefined {
    const id = hash(token);
    return this.keepAlive(id) ? this.#entries.get(id) : undefined;
  }

  /** Counts as used now; false: the session has ended. */
  keepAlive(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.delete(id);
    const now = this.#clock();
    if (hasEnded(entry, now)) return false;
    entry.usedAt = now;
    this.#entries.set(id, entry);
    return true;
  }

  /** How many there are. */
  get count(): number {
    this.#removeEnded();
    return this.#entries.size;
  }

  end(id: string): void {
    this.#entries.delete(id);
  }

  #removeEnded(): void {
    const now = this.#clock();
    for (const entry of this.#entries.values()) if (hasEnded(entry, now)) this.#entries.delete(entry.id);
  }
}

function hasEnded({ startedAt, usedAt }: Entry, now: number): boolean {
  return now - usedAt >= SESSION_IDLE_MS || now - startedAt >= SESSION_AGE_MS;
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
