// Filter, order and counts of token lists, for the bot's pages and for the widget, which merges changes into loaded pages.
import type { TokenSort } from './apiLimits.ts';
import { type RegistrationToken, TOKEN_STATES, type TokenState } from './token.ts';

export type SortOrder = 'asc' | 'desc';

export interface TokenFilter {
  /** Empty: every state. */
  readonly states: readonly TokenState[];
  /** Part of a token; ignores case. */
  readonly search: string;
}

/** The value a token is sorted by; null comes last in both orders. */
export type SortKey = number | string | null;

/** Latest change first; token A–Z; soonest expiry first; most used first. */
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

/** null for `changed` (the order of the list) and `token` (compared by name). */
export function sortKey(token: RegistrationToken, sort: TokenSort): SortKey {
  if (sort === 'changed' || sort === 'token') return null;
  return token[sort];
}

/** For `sort()`. Equal keys are ordered by token, so that the order is total. */
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
