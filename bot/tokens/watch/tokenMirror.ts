// A copy of the homeserver's tokens. Each list from the homeserver is compared with the copy, and differences are
// reported; changes made through the bot update the copy at once.
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

interface ListRequest {
  readonly answer: Promise<readonly RegistrationToken[]>;
  /** Changes made through the bot since the request, newest last: the homeserver's answer may not have them. */
  readonly changed: Map<string, RegistrationToken | null>;
}

export class TokenMirror {
  readonly #options: TokenMirrorOptions;
  #known: Map<string, RegistrationToken> | undefined;
  #tokens: readonly RegistrationToken[] = [];
  /** When `#tokens` was requested (`performance.now()`); undefined: changed since. */
  #requestedAt: number | undefined;
  #pending: ListRequest | undefined;

  constructor(options: TokenMirrorOptions) {
    this.#options = options;
  }

  /**
   * All tokens, latest change first. Concurrent calls share one request.
   * @param maxAgeMs reuse the last answer if it is younger and nothing was changed through the bot since
   * @throws what `list` throws
   */
  async list(maxAgeMs = 0): Promise<readonly RegistrationToken[]> {
    if (this.#requestedAt !== undefined && performance.now() - this.#requestedAt < maxAgeMs)
      return this.#tokens;
    this.#pending ??= this.#request();
    return await this.#pending.answer;
  }

  /** Applies a change made through the bot. */
  apply(change: TokenChange): void {
    const [name, now] = change.kind === 'token' ? [change.token.token, change.token] : [change.token, null];
    this.#pending?.changed.delete(name);
    this.#pending?.changed.set(name, now);
    this.#requestedAt = undefined;
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

  /** Frees the memory while nobody is watching. */
  forget(): void {
    this.#known = undefined;
    this.#tokens = [];
    this.#requestedAt = undefined;
  }

  #request(): ListRequest {
    const requestedAt = performance.now();
    const changed = new Map<string, RegistrationToken | null>();
    const answer = this.#options
      .list()
      .then((tokens) => this.#update(tokens, changed, requestedAt))
      .finally(() => {
        this.#pending = undefined;
      });
    return { answer, changed };
  }

  #update(
    listed: readonly RegistrationToken[],
    changed: ReadonlyMap<string, RegistrationToken | null>,
    requestedAt: number,
  ): readonly RegistrationToken[] {
    const newestFirst = [...changed.values()].filter((token) => token !== null).reverse();
    const tokens =
      changed.size === 0 ? listed : newestFirst.concat(listed.filter((t) => !changed.has(t.token)));
    const known = new Map(tokens.map((token) => [token.token, token]));
    const before = this.#known;
    this.#known = known;
    this.#tokens = tokens;
    this.#requestedAt = changed.size === 0 ? requestedAt : undefined;
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
