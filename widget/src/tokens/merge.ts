// Live changes into the part of a list that is loaded, so that what people look at stays where it is.
import type { TokenSort } from '../../../common/api.ts';
import type { RegistrationToken } from '../../../common/token.ts';
import { compareTokens, matches, type TokenFilter } from '../../../common/tokenList.ts';

/** What is shown; sorted in the sort's default order. */
export interface Filter extends TokenFilter {
  readonly sort: TokenSort;
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
      filter.sort === 'changed'
        ? 0
        : merged.findIndex((other) => compareTokens(token, other, filter.sort) < 0);
    if (at >= 0) merged.splice(at, 0, token);
    // Behind what is loaded: it comes with its page.
    else if (complete) merged.push(token);
  }
  return merged;
}
