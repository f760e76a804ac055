// Sessions of the widget, which end an hour after their last request. The state file has them, so that they survive a
// restart of the bot. Only hashes of the tokens are stored, so that neither the file nor a memory dump reveals one.
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { storeProblem } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import type { WidgetSessionRow } from '../store/widgetSessions.ts';

export const SESSION_IDLE_MS = 3_600_000;
/** After this time a new sign-in is needed, even if the session is in use: accounts get locked and devices stolen. */
const SESSION_AGE_MS = 12 * 3_600_000;
/** Noted not more often than this, to spare the disk: a session that is not used ends up to this time before the hour. */
const NOTE_USE_MS = 60_000;
const MAX_SESSIONS = 1_000;
/** So that one user can't displace all other sessions. */
const MAX_SESSIONS_PER_USER = 20;

export interface WebSession {
  readonly userId: string;
  /** The hash of the token: identifies the session without revealing it. */
  readonly id: string;
}

export class Sessions {
  readonly #clock: Clock;
  readonly #store: Pick<Store, 'widgetSessions' | 'transaction'>;

  constructor(clock: Clock, store: Pick<Store, 'widgetSessions' | 'transaction'>) {
    this.#clock = clock;
    this.#store = store;
  }

  /**
   * Starts a session and returns its token: 256 random bits. At the limits, it takes the place of the least recently used.
   * @throws an error of SQLite, such as for a full disk
   */
  start(userId: string): string {
    const token = randomBytes(32).toString('base64url');
    const now = this.#clock();
    const { widgetSessions } = this.#store;
    this.#store.transaction(() => {
      const all = widgetSessions.all();
      const going = all.filter((row) => !hasEnded(row, now));
      const own = going.filter((row) => row.userId === userId);
      const displaced = own.slice(0, Math.max(0, own.length + 1 - MAX_SESSIONS_PER_USER));
      const others = going.filter((row) => !displaced.includes(row));
      displaced.push(...others.slice(0, Math.max(0, others.length + 1 - MAX_SESSIONS)));
      for (const row of all) {
        if (hasEnded(row, now) || displaced.includes(row)) widgetSessions.remove(row.hash);
      }
      widgetSessions.add({ hash: hash(token), userId, startedAt: now, usedAt: now });
    });
    return token;
  }

  /** The session of a token, marked as used now; undefined: there is none (any more). */
  use(token: string): WebSession | undefined {
    const id = hash(token);
    const userId = this.#touch(id);
    return userId === undefined ? undefined : { id, userId };
  }

  /** Marks the session as used now; false: it has ended. */
  keepAlive(id: string): boolean {
    return this.#touch(id) !== undefined;
  }

  /** The number of sessions that have not ended. */
  get count(): number {
    const now = this.#clock();
    return this.#store.widgetSessions.all().filter((row) => !hasEnded(row, now)).length;
  }

  end(id: string): void {
    ifWritable(() => this.#store.widgetSessions.remove(id));
  }

  #touch(id: string): string | undefined {
    const { widgetSessions } = this.#store;
    const row = widgetSessions.get(id);
    if (row === undefined) return undefined;
    const now = this.#clock();
    if (hasEnded(row, now)) {
      this.end(id);
      return undefined;
    }
    if (Math.abs(now - row.usedAt) >= NOTE_USE_MS) ifWritable(() => widgetSessions.setUsed(id, now));
    return row.userId;
  }
}

/** Also if the clock was set back since: otherwise a session could live on for as long. */
function hasEnded({ startedAt, usedAt }: WidgetSessionRow, now: number): boolean {
  return Math.abs(now - usedAt) >= SESSION_IDLE_MS || Math.abs(now - startedAt) >= SESSION_AGE_MS;
}

/** A full disk must not keep people from reading: then a use is not noted, and access is checked in any case. */
function ifWritable(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (storeProblem(error) === undefined) throw error;
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
