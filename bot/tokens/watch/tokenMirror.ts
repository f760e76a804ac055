// The tokens as the homeserver told them last, to see what has changed. Every list that is asked for is compared with
// the one before; what is changed through the bot is taken in at once.
import type { RegistrationToken } from '../../../common/token.ts';
import type { TokenChange } from '../tokens.ts';

export interface TokenDifference {
  changed: RegistrationToken[];
  removed: string[];
}

export interface TokenMirrorOptions {
  readonly list: () => Promise<RegistrationToken[]>;
  readonly onDifference: (difference: TokenDifference) => void;
}

interface Asking {
  readonly answer: Promise<readonly RegistrationToken[]>;
  /** What was changed through the bot since it was asked for, newest last: the homeserver's answer may be older. */
  readonly changed: Map<string, RegistrationToken | null>;
}

export class TokenMirror {
  readonly #options: TokenMirrorOptions;
  #known: Map<string, RegistrationToken> | undefined;
  #tokens: readonly RegistrationToken[] = [];
  /** When `#tokens` was asked for, `performance.now()`; undefined: something has changed since. */
  #askedAt: number | undefined;
  #asking: Asking | undefined;

  constructor(options: TokenMirrorOptions) {
    this.#options = options;
  }

  /**
   * All tokens, newest information first. Those who ask at the same time share an answer.
   * @param maxAgeMs how old it may be otherwise; nothing changed through the bot is missing in it in any case
   * @throws what `list` throws
   */
  async list(maxAgeMs = 0): Promise<readonly RegistrationToken[]> {
    if (this.#askedAt !== undefined && performance.now() - this.#askedAt < maxAgeMs) return this.#tokens;
    this.#asking ??= this.#ask();
    return await this.#asking.answer;
  }

  /** Takes in what was changed through the bot. */
  apply(change: TokenChange): void {
    const [name, now] = change.kind === 'token' ? [change.token.token, change.token] : [change.token, null];
    this.#asking?.changed.delete(name);
    this.#asking?.changed.set(name, now);
    this.#askedAt = undefined;
    const before = this.#known?.get(name);
    if (now === null) {
      const isNews = this.#known === undefined || before !== undefined;
      this.#known?.delete(name);
      if (isNews) this.#options.onDifference({ changed: [], removed: [name] });
    } else if (!isSame(before, now)) {
      this.#known?.set(name, now);
      this.#options.onDifference({ changed: [now], removed: [] });
    }
  }

  /** Nobody watches any more: the memory is better used otherwise. */
  forget(): void {
    this.#known = undefined;
    this.#tokens = [];
    this.#askedAt = undefined;
  }

  #ask(): Asking {
    const askedAt = performance.now();
    const changed = new Map<string, RegistrationToken | null>();
    const answer = this.#options
      .list()
      .then((tokens) => this.#takeIn(tokens, changed, askedAt))
      .finally(() => {
        this.#asking = undefined;
      });
    return { answer, changed };
  }

  #takeIn(
    told: readonly RegistrationToken[],
    changed: ReadonlyMap<string, RegistrationToken | null>,
    askedAt: number,
  ): readonly RegistrationToken[] {
    const newestFirst = [...changed.values()].filter((token) => token !== null).reverse();
    const tokens = changed.size === 0 ? told : newestFirst.concat(told.filter((t) => !changed.has(t.token)));
    const known = new Map(tokens.map((token) => [token.token, token]));
    const before = this.#known;
    this.#known = known;
    this.#tokens = tokens;
    this.#askedAt = changed.size === 0 ? askedAt : undefined;
    if (before !== undefined) {
      const difference = {
        changed: tokens.filter((token) => !isSame(before.get(token.token), token)),
        removed: [...before.keys()].filter((name) => !known.has(name)),
      };
      if (difference.changed.length + difference.removed.length > 0) this.#options.onDifference(difference);
    }
    return tokens;
  }
}

function isSame(a: RegistrationToken | undefined, b: RegistrationToken): boolean {
  return (
    a !== undefined &&
    a.uses_allowed === b.uses_allowed &&
    a.completed === b.completed &&
    a.pending === b.pending &&
    a.expiry_time === b.expiry_time &&
    a.state === b.state
  );
}
