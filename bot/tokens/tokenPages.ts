// Pages of the token list. The list changes between two pages, so a cursor holds the sort key of the last token, not its
// index. Tokens that keep their position are never skipped; tokens that move may appear twice.

import * as z from 'zod/mini';
import { DEFAULT_PAGE_SIZE, type TokensQuery } from '../../common/api.ts';
import { MAX_PAGE_SIZE, type TokenSort } from '../../common/apiLimits.ts';
import type { TokensPage } from '../../common/apiResponses.ts';
import { problem } from '../../common/problems/problem.ts';
import type { RegistrationToken, TokenState } from '../../common/token.ts';
import {
  compareKeys,
  compareTokens,
  countByState,
  DEFAULT_ORDER,
  matches,
  type SortOrder,
  sortKey,
} from '../../common/tokenList.ts';

const ANCHORS = 3;
/** Sort and order, the last tokens of the page, the sort key of the last one, and how many tokens follow it. */
const cursorSchema = z.tuple([
  z.string(),
  z.array(z.string()).check(z.minLength(1), z.maxLength(ANCHORS)),
  z.nullable(z.union([z.number(), z.string()])),
  z.int().check(z.minimum(1)),
]);
type Cursor = z.infer<typeof cursorSchema>;

/**
 * @param tokens all tokens, latest change first
 * @throws Problem `invalid_input` if the cursor belongs to another sort order
 */
export function pageOf(tokens: readonly RegistrationToken[], query: TokensQuery): TokensPage {
  const { sort = 'changed', cursor } = query;
  const order = query.order ?? DEFAULT_ORDER[sort];
  const sorting = `${sort} ${order}`;
  const limit = Math.min(Number(query.limit ?? DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE);
  const found = sorted(matching(tokens, query), sort, order);
  const start = cursor === undefined ? 0 : startAfter(found, readCursor(cursor, sorting), sort, order);
  const page = found.slice(start, start + limit);
  const rest = found.length - start - page.length;
  const last = page.at(-1);
  const next = (token: RegistrationToken): Cursor => [
    sorting,
    page.slice(-ANCHORS).map((t) => t.token),
    sortKey(token, sort),
    rest,
  ];
  return {
    tokens: page,
    next_cursor: rest > 0 && last !== undefined ? writeCursor(next(last)) : null,
    total: found.length,
    counts: countByState(tokens),
  };
}

function matching(
  tokens: readonly RegistrationToken[],
  { state, search = '' }: TokensQuery,
): RegistrationToken[] {
  const states = state === undefined ? [] : (state.split(',') as TokenState[]);
  return tokens.filter((token) => matches(token, { states, search }));
}

function sorted(
  tokens: RegistrationToken[],
  sort: TokenSort,
  order: SortOrder,
): readonly RegistrationToken[] {
  // The input is in this order already.
  if (sort === 'changed') return order === 'desc' ? tokens : tokens.reverse();
  return tokens.sort((a, b) => compareTokens(a, b, sort, order));
}

function startAfter(
  tokens: readonly RegistrationToken[],
  [, anchors, key, rest]: Cursor,
  sort: TokenSort,
  order: SortOrder,
): number {
  if (sort === 'changed') return startAfterPlace(tokens, anchors, rest, order);
  const last = anchors.at(-1) ?? '';
  const next = tokens.findIndex((t) => compareKeys([sortKey(t, sort), t.token], [key, last], order) > 0);
  return next < 0 ? tokens.length : next;
}

/**
 * Tokens that changed since have moved to the newest end, others were deleted. Usually one of the last few tokens of the
 * page is still in its place; if none is left, count from the end of the list.
 */
function startAfterPlace(
  tokens: readonly RegistrationToken[],
  anchors: readonly string[],
  rest: number,
  order: SortOrder,
): number {
  const places = anchors
    .map((anchor) => tokens.findIndex(({ token }) => token === anchor) + 1)
    .filter((place) => place > 0);
  const [last, beforeLast] = [places.at(-1), places.at(-2)];
  if (last === undefined) return Math.max(0, tokens.length - rest);
  if (beforeLast === undefined || last === beforeLast + 1) return last;
  return order === 'desc' ? Math.max(...places) : Math.min(...places);
}

function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function readCursor(text: string, sorting: string): Cursor {
  const read = cursorSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString('utf8')));
  if (!read.success || read.data[0] !== sorting) {
    throw problem('cursor_foreign');
  }
  return read.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
