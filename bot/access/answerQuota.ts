// How much the bot answers people without access: their messages cost as much as anybody's, and the homeserver's rate
// limit (`rc_message`) is shared by all that the bot sends.
import type { Clock } from '../lib/clock.ts';

/** One answer a person, in this time (ms). */
export const QUOTA_WINDOW_MS = 60_000;
/**
 * Answers to all of them together in that time. By default Synapse lets the bot send twelve messages a minute; joining a
 * room counts as one, and six joins a minute are allowed. The rest is for people with access.
 */
export const MOST_ANSWERS = 4;

interface Grant {
  readonly userId: string;
  readonly about: string;
  /** Epoch ms. */
  readonly at: number;
}

export interface AnswerQuotaOptions {
  readonly hasAccess: (userId: string) => boolean;
  readonly clock: Clock;
  /** Called for each answer that is not given. */
  readonly onRefused: () => void;
  readonly windowMs?: number | undefined;
}

export class AnswerQuota {
  readonly #options: AnswerQuotaOptions;
  /** Those of the window, so `MOST_ANSWERS` at most. In memory only: a restart gives each person one more answer. */
  #grants: readonly Grant[] = [];

  constructor(options: AnswerQuotaOptions) {
    this.#options = options;
  }

  /**
   * Whether to answer; always for people with access. Asked again about the same, it says the same: a transaction that
   * was rolled back comes again.
   * @param about what is answered: an event ID, or another text that is unique in the same way
   */
  admits(userId: string, about: string): boolean {
    const { hasAccess, clock, onRefused, windowMs = QUOTA_WINDOW_MS } = this.#options;
    if (hasAccess(userId)) return true;
    const now = clock();
    // A clock that was set back would keep grants of the future for long.
    this.#grants = this.#grants.filter(({ at }) => at <= now && now - at < windowMs);
    if (this.#grants.some((grant) => grant.about === about && grant.userId === userId)) return true;
    if (this.#grants.length >= MOST_ANSWERS || this.#grants.some((grant) => grant.userId === userId)) {
      onRefused();
      return false;
    }
    this.#grants = [...this.#grants, { userId, about, at: now }];
    return true;
  }
}
