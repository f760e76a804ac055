// The number of tokens in each state. Listing tokens is expensive for the homeserver: done only on request, and at most
// once a minute.
import { type RegistrationToken, TOKEN_STATES, type TokenState } from '../../common/token.ts';
import { countByState } from '../../common/tokenList.ts';

export type Counts = ReadonlyMap<TokenState, number>;

export interface TokenCountsOptions {
  readonly list: () => Promise<readonly RegistrationToken[]>;
  /** How long an answer is reused (ms). */
  readonly freshMs?: number;
  /** How long `get` waits for the homeserver (ms): Prometheus times out after ten seconds. */
  readonly waitMs?: number;
}

const FRESH_MS = 60_000;
const WAIT_MS = 4_000;

export class TokenCounts {
  readonly #options: TokenCountsOptions;
  #requestedAt = Number.NEGATIVE_INFINITY;
  #pending: Promise<void> = Promise.resolve();
  #counts: Counts | undefined;

  constructor(options: TokenCountsOptions) {
    this.#options = options;
  }

  /** The last known counts; undefined: the homeserver did not answer. Never throws. */
  async get(): Promise<Counts | undefined> {
    const { freshMs = FRESH_MS, waitMs = WAIT_MS } = this.#options;
    if (performance.now() - this.#requestedAt >= freshMs) {
      this.#requestedAt = performance.now();
      this.#pending = this.#request();
    }
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([this.#pending, timeout]);
    clearTimeout(timer);
    return this.#counts;
  }

  async #request(): Promise<void> {
    try {
      const counts = countByState(await this.#options.list());
      this.#counts = new Map(TOKEN_STATES.map((state) => [state, counts[state]]));
    } catch {
      // The log has the reason. Old numbers would hide the failure.
      this.#counts = undefined;
    }
  }
}
