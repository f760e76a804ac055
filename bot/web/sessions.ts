// Sessions of the widget, which end an hour after their last request. In memory only: after a restart of the bot the
// widget signs in again by itself. Only hashes of the tokens are stored, so that a memory dump reveals none.
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';

export const SESSION_IDLE_MS = 3_600_000;
/** After this time a new sign-in is needed, even if the session is in use: accounts get locked and devices stolen. */
const SESSION_AGE_MS = 12 * 3_600_000;
const MAX_SESSIONS = 1_000;
/** So that one user can't displace all other sessions. */
const MAX_SESSIONS_PER_USER = 20;

export interface WebSession {
  readonly userId: string;
  /** The hash of the token: identifies the session without revealing it. */
  readonly id: string;
}

interface Entry extends WebSession {
  readonly startedAt: number;
  usedAt: number;
}

export class Sessions {
  readonly #clock: Clock;
  /** By hash, the least recently used first. */
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

  /** The session of a token, marked as used now; undefined: there is none (any more). */
  use(token: string): WebSession | undefined {
    const id = hash(token);
    return this.keepAlive(id) ? this.#entries.get(id) : undefined;
  }

  /** Marks the session as used now; false: it has ended. */
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

  /** The number of sessions that have not ended. */
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
