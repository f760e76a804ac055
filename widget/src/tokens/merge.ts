// Live changes into the part of a list that is loaded, so that what people look at stays where it is.
import type { TokenSort } from '../../../common/api.ts';
import { type RegistrationToken, TOKEN_STATES, type TokenState } from '../../../common/token.ts';

export interface Filter {
  /** Empty: every state. */
  states: readonly TokenState[];
  search: string;
  sort: TokenSort;
}

function matches(token: RegistrationToken, filter: Filter): boolean {
  if (filter.states.length > 0 && !filter.states.includes(token.state)) return false;
  return token.token.toLowerCase().includes(filter.search.toLowerCase());
}

/** @param complete whether everything that matches is loaded. */
export function mergeTokens(
  items: readonly RegistrationToken[],
  changed: readonly RegistrationToken[],
  removed: readonly string[],
  filter: Filter,
  complete: boolean,
): RegistrationToken[] {
  const gone = new Set(removed);
  const news = new Map(changed.map((token) => [token.token, token]));
  const merged: RegistrationToken[] = [];
  for (const item of items) {
    const now = news.get(item.token) ?? item;
    news.delete(item.token);
    if (!gone.has(item.token) && (now === item || matches(now, filter))) merged.push(now);
  }
  for (const token of news.values()) {
    if (gone.has(token.token) || !matches(token, filter)) continue;
    const at =
      filter.sort === 'changed' ? 0 : merged.findIndex((other) => order(token, other, filter.sort) < 0);
    if (at >= 0) merged.splice(at, 0, token);
    // Behind what is loaded: it comes with its page.
    else if (complete) merged.push(token);
  }
  return merged;
}

export function countByState(tokens: readonly RegistrationToken[]): Record<TokenState, number> {
  const counts = Object.fromEntries(TOKEN_STATES.map((state) => [state, 0])) as Record<TokenState, number>;
  for (const { state } of tokens) counts[state]++;
  return counts;
}

function order(a: RegistrationToken, b: RegistrationToken, sort: TokenSort): number {
  if (sort === 'completed') return b.completed - a.completed;
  if (sort === 'expiry_time') return (a.expiry_time ?? Infinity) < (b.expiry_time ?? Infinity) ? -1 : 1;
  return a.token < b.token ? -1 : 1;
}
