// The bot's health, reported at `/health`.
import type { ProblemKind } from '../../common/problems/kinds.ts';
import type { Problem } from '../../common/problems/problem.ts';
import type { Clock } from '../lib/clock.ts';

export type HealthStatus = 'ok' | 'starting' | 'unreachable' | 'refused' | 'stale' | 'failed' | 'stopping';

export interface HealthReport {
  readonly status: HealthStatus;
  /** One sentence; absent if all is well. Without addresses: the widget's listener shows it to everybody. */
  readonly reason?: string;
  /** The kind of the problem; the log has details. */
  readonly code?: ProblemKind;
  /** Since when, ISO 8601. */
  readonly since?: string;
}

/** Unhealthy if the last answer to /sync is older (ms); a /sync takes up to 30 s. */
export const STALE_MS = 120_000;

type Phase = 'starting' | 'following' | 'failed' | 'stopping';

interface Moment {
  /** The system clock can be set, and the monotonic clock stops while a laptop sleeps: ages use both. */
  readonly at: number;
  readonly monotonic: number;
}

export class Health {
  readonly #clock: Clock;
  readonly #began: Moment;
  #phase: Phase = 'starting';
  #lastSync: Moment | undefined;
  #failure: { readonly code: ProblemKind; readonly since: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = this.#now();
  }

  /** A request to the homeserver failed; it is retried. */
  recordFailure({ kind: code }: Problem): void {
    const since = this.#failure?.code === code ? this.#failure.since : this.#clock();
    this.#failure = { code, since };
  }

  /** An answer to /sync was processed. */
  recordSync(): void {
    this.#failure = undefined;
    this.#lastSync = this.#now();
    if (this.#phase === 'starting') this.#phase = 'following';
  }

  /** The bot can't go on. */
  failed(code: ProblemKind): void {
    this.#phase = 'failed';
    this.#failure = { code, since: this.#clock() };
  }

  stopping(): void {
    if (this.#phase !== 'failed') this.#phase = 'stopping';
  }

  /** Age of the last processed answer to /sync (ms); undefined: none yet. */
  get lastSyncAgeMs(): number | undefined {
    return this.#lastSync === undefined ? undefined : this.#age(this.#lastSync);
  }

  report(): HealthReport {
    switch (this.#phase) {
      case 'stopping':
        return { status: 'stopping', reason: 'The bot is stopping.' };
      case 'failed':
        return this.#failureReport('failed', 'The bot can’t go on and ends; its log says why.');
      case 'starting':
        return this.#starting();
      case 'following':
        return this.#following();
    }
  }

  #starting(): HealthReport {
    const { code } = this.#failure ?? {};
    if (code === undefined) {
      const reason = 'The bot has not heard from the homeserver yet.';
      return { status: 'starting', reason, since: iso(this.#began.at) };
    }
    return code === 'bot_credential_refused'
      ? this.#failureReport('refused', REFUSED)
      : this.#failureReport(
          'unreachable',
          'The bot can’t sign in: the homeserver does not answer as it should.',
        );
  }

  #following(): HealthReport {
    if (this.#failure?.code === 'bot_credential_refused') return this.#failureReport('refused', REFUSED);
    const lastSync = this.#lastSync ?? this.#began;
    const age = this.#age(lastSync);
    if (age <= STALE_MS) return { status: 'ok' };
    const reason = `The bot has not heard from the homeserver for ${Math.round(age / 1000)} s.`;
    if (this.#failure !== undefined)
      return { ...this.#failureReport('unreachable', reason), since: iso(lastSync.at) };
    return { status: 'stale', reason, since: iso(lastSync.at) };
  }

  #failureReport(status: HealthStatus, reason: string): HealthReport {
    const { code, since } = this.#failure ?? {};
    return {
      status,
      reason,
      ...(code === undefined ? {} : { code }),
      ...(since === undefined ? {} : { since: iso(since) }),
    };
  }

  #now(): Moment {
    return { at: this.#clock(), monotonic: performance.now() };
  }

  #age({ at, monotonic }: Moment): number {
    return Math.max(this.#clock() - at, performance.now() - monotonic);
  }
}

const REFUSED = 'The homeserver does not accept the bot’s credentials any more.';

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: HealthReport;
}

/** undefined: not a health path. `/health/live` only says that the process runs. */
export function healthAnswer(path: string, health: Health): HealthAnswer | undefined {
  switch (path) {
    case '/health/live':
      return { status: 200, body: { status: 'ok' } };
    case '/health':
    case '/health/ready': {
      const body = health.report();
      return { status: body.status === 'ok' ? 200 : 503, body };
    }
    default:
      return undefined;
  }
}
