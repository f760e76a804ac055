// Filter, order and counts of token lists: the bot's pages and the widget, which merges changes into what it has loaded.
import type { TokenSort } from './api.ts';
import { type RegistrationToken, TOKEN_STATES, type TokenState } from './token.ts';

export type SortOrder = 'asc' | 'desc';

export interface TokenFilter {
  /** Empty: every state. */
  readonly states: readonly TokenState[];
  /** Part of a token, in any case. */
  readonly search: string;
}

/** What a token is sorted by; null comes last, whichever way round. */
export type SortKey = number | string | null;

/** Newest information first; names from A; what expires or was used most first. */
export const DEFAULT_ORDER: Record<TokenSort, SortOrder> = {
  changed: 'desc',
  token: 'asc',
  expiry_time: 'asc',
  completed: 'desc',
};

export function matches({ token, state }: RegistrationToken, { states, search }: TokenFilter): boolean {
  if (states.length > 0 && !states.includes(state)) return false;
  return token.toLowerCase().includes(search.toLowerCase());
}

/** Of `changed` only the place in the list tells, and names are compared as such. */
export function sortKey(token: RegistrationToken, sort: TokenSort): SortKey {
  if (sort === 'changed' || sort === 'token') return null;
  return token[sort];
}

/** For `sort()`. Equal keys go by the token's name, so that the order is total. */
export function compareKeys(
  [a, tokenA]: readonly [SortKey, string],
  [b, tokenB]: readonly [SortKey, string],
  order: SortOrder,
): number {
  const sign = order === 'asc' ? 1 : -1;
  if (a !== b) {
    if (a === null) return 1;
    if (b === null) return -1;
    return a < b ? -sign : sign;
  }
  if (tokenA === tokenB) return 0;
  return tokenA < tokenB ? -sign : sign;
}

export function compareTokens(
  a: RegistrationToken,
  b: RegistrationToken,
  sort: TokenSort,
  order: SortOrder = DEFAULT_ORDER[sort],
): number {
  return compareKeys([sortKey(a, sort), a.token], [sortKey(b, sort), b.token], order);
}

export function countByState(tokens: Iterable<{ readonly state: TokenState }>): Record<TokenState, number> {
  const counts = Object.fromEntries(TOKEN_STATES.map((state) => [state, 0])) as Record<TokenState, number>;
  for (const { state } of tokens) counts[state]++;
  return counts;
}
