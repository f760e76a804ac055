// Merges live changes into the loaded part of a list, without moving the rows in view.
import type { TokenSort } from '../../../common/apiLimits.ts';
import type { RegistrationToken } from '../../../common/token.ts';
import { compareTokens, matches, type TokenFilter } from '../../../common/tokenList.ts';

/** The filter and sort of the list, in the sort's default order. */
export interface Filter extends TokenFilter {
  readonly sort: TokenSort;
}

/** @param complete whether all matching tokens are loaded */
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
      filter.sort === 'changed'
        ? 0
        : merged.findIndex((other) => compareTokens(token, other, filter.sort) < 0);
    if (at >= 0) merged.splice(at, 0, token);
    // Belongs to a page that is not loaded yet.
    else if (complete) merged.push(token);
  }
  return merged;
}
