// How many tokens there are in each state. Listing them costs the homeserver something: it is done only when somebody
// asks, and not more than once in a while.
import { type RegistrationToken, TOKEN_STATES, type TokenState } from '../../common/token.ts';
import { countByState } from '../../common/tokenList.ts';

export type Counts = ReadonlyMap<TokenState, number>;

export interface TokenCountsOptions {
  readonly list: () => Promise<readonly RegistrationToken[]>;
  /** The homeserver is not asked again before (ms). */
  readonly freshMs?: number;
  /** How long who asks is kept waiting (ms): Prometheus gives up after ten seconds. */
  readonly patienceMs?: number;
}

const FRESH_MS = 60_000;
const PATIENCE_MS = 4_000;

export class TokenCounts {
  readonly #options: TokenCountsOptions;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> = Promise.resolve();
  #counts: Counts | undefined;

  constructor(options: TokenCountsOptions) {
    this.#options = options;
  }

  /** Those known last; undefined: the homeserver did not tell. Never throws. */
  async get(): Promise<Counts | undefined> {
    const { freshMs = FRESH_MS, patienceMs = PATIENCE_MS } = this.#options;
    if (performance.now() - this.#askedAt >= freshMs) {
      this.#askedAt = performance.now();
      this.#asking = this.#ask();
    }
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([this.#asking, patience]);
    clearTimeout(timer);
    return this.#counts;
  }

  async #ask(): Promise<void> {
    try {
      const counts = countByState(await this.#options.list());
      this.#counts = new Map(TOKEN_STATES.map((state) => [state, counts[state]]));
    } catch {
      // Why is in the log and in the count of calls; numbers of some time ago would hide it.
      this.#counts = undefined;
    }
  }
}
