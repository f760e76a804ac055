import { tokensQuerySchema } from '../../common/api.ts';
import type { TokensPage } from '../../common/apiResponses.ts';
import { readInput } from '../../common/readInput.ts';
import type { RegistrationToken, TokenFacts } from '../../common/token.ts';
import { retryTransient, type TokenRequest } from './request.ts';
import { pageOf } from './tokenPages.ts';
import { type Tokens, withState } from './tokens.ts';
import type { TokenWatch } from './watch/tokenWatch.ts';

/** Following pages of a list may be this old: each would ask the homeserver for all its tokens again (ms). */
const PAGE_MAX_AGE_MS = 5_000;

/** Newest information first: those last changed through the bot, then in the homeserver's order backwards. */
export async function listTokens(tokens: Tokens, { retries }: TokenRequest): Promise<RegistrationToken[]> {
  return await retryTransient(() => currentTokens(tokens), retries);
}

/**
 * Part of that list.
 * @param query as `tokensQuerySchema`
 * @throws Problem `invalid_input`
 */
export async function listPage(
  watch: TokenWatch,
  { retries }: TokenRequest,
  query: unknown,
): Promise<TokensPage> {
  const wanted = readInput(tokensQuerySchema, query);
  const maxAgeMs = wanted.cursor === undefined ? 0 : PAGE_MAX_AGE_MS;
  return pageOf(await retryTransient(() => watch.list(maxAgeMs), retries), wanted);
}

/** Like `listTokens`, for the bot itself: without a person who asks, and without retries. */
export async function currentTokens({ backend, audit, clock }: Tokens): Promise<RegistrationToken[]> {
  const tokens = (await backend.list()).reverse();
  // Read after the homeserver has answered: what it has told may have been changed while it did.
  const changes = audit.lastChanges();
  const changedAt = (token: TokenFacts) => changes.get(token.token) ?? 0;
  return tokens.sort((a, b) => changedAt(b) - changedAt(a)).map((token) => withState(token, clock()));
}
