// Whether the bot does its work right now, for those who watch it: `/health` at the listeners.
import type { ProblemKind } from '../../common/problems/kinds.ts';
import type { Problem } from '../../common/problems/problem.ts';
import type { Clock } from '../lib/clock.ts';

export type HealthStatus = 'ok' | 'starting' | 'unreachable' | 'refused' | 'stale' | 'failed' | 'stopping';

export interface HealthReport {
  readonly status: HealthStatus;
  /** A sentence; absent if all is well. Without addresses: the widget's listener tells it to everybody. */
  readonly reason?: string;
  /** What the log says more about. */
  readonly code?: ProblemKind;
  /** Since when, ISO 8601. */
  readonly since?: string;
}

/** Without news from the homeserver for this long the bot does not do its work (ms); a /sync takes half a minute. */
export const STALE_MS = 120_000;

type Phase = 'starting' | 'following' | 'failed' | 'stopping';

interface Moment {
  /** By the clock on the wall, which may be set, and by the one that only counts on, which stops while a laptop sleeps. */
  readonly at: number;
  readonly counted: number;
}

export class Health {
  readonly #clock: Clock;
  readonly #began: Moment;
  #phase: Phase = 'starting';
  #heard: Moment | undefined;
  #trouble: { readonly code: ProblemKind; readonly since: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = this.#now();
  }

  /** The homeserver could not be asked, or refused. It is tried again. */
  troubled({ kind: code }: Problem): void {
    const since = this.#trouble?.code === code ? this.#trouble.since : this.#clock();
    this.#trouble = { code, since };
  }

  /** An answer to /sync was taken in. */
  heard(): void {
    this.#trouble = undefined;
    this.#heard = this.#now();
    if (this.#phase === 'starting') this.#phase = 'following';
  }

  /** The bot can't go on. */
  failed(code: ProblemKind): void {
    this.#phase = 'failed';
    this.#trouble = { code, since: this.#clock() };
  }

  stopping(): void {
    if (this.#phase !== 'failed') this.#phase = 'stopping';
  }

  /** How long ago the last answer to /sync was taken in (ms); undefined: there was none. */
  get silentFor(): number | undefined {
    return this.#heard === undefined ? undefined : this.#age(this.#heard);
  }

  report(): HealthReport {
    switch (this.#phase) {
      case 'stopping':
        return { status: 'stopping', reason: 'The bot stops.' };
      case 'failed':
        return this.#troubled('failed', 'The bot can’t go on and ends; its log says why.');
      case 'starting':
        return this.#starting();
      case 'following':
        return this.#following();
    }
  }

  #starting(): HealthReport {
    const { code } = this.#trouble ?? {};
    if (code === undefined) {
      const reason = 'The bot has not heard from the homeserver yet.';
      return { status: 'starting', reason, since: iso(this.#began.at) };
    }
    return code === 'bot_credential_refused'
      ? this.#troubled('refused', REFUSED)
      : this.#troubled('unreachable', 'The bot can’t sign in: the homeserver does not answer as it should.');
  }

  #following(): HealthReport {
    if (this.#trouble?.code === 'bot_credential_refused') return this.#troubled('refused', REFUSED);
    const heard = this.#heard ?? this.#began;
    const age = this.#age(heard);
    if (age <= STALE_MS) return { status: 'ok' };
    const reason = `The bot has not heard from the homeserver for ${Math.round(age / 1000)} s.`;
    if (this.#trouble !== undefined)
      return { ...this.#troubled('unreachable', reason), since: iso(heard.at) };
    return { status: 'stale', reason, since: iso(heard.at) };
  }

  #troubled(status: HealthStatus, reason: string): HealthReport {
    const { code, since } = this.#trouble ?? {};
    return {
      status,
      reason,
      ...(code === undefined ? {} : { code }),
      ...(since === undefined ? {} : { since: iso(since) }),
    };
  }

  #now(): Moment {
    return { at: this.#clock(), counted: performance.now() };
  }

  #age({ at, counted }: Moment): number {
    return Math.max(this.#clock() - at, performance.now() - counted);
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

/** undefined: the path is none of health's. `/health/live` says only that the process runs. */
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
