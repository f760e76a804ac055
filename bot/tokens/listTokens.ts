import { tokensQuerySchema } from '../../common/api.ts';
import type { TokensPage } from '../../common/apiResponses.ts';
import { readInput } from '../../common/readInput.ts';
import type { RegistrationToken, TokenFacts } from '../../common/token.ts';
import { retryTransient, type TokenRequest } from './request.ts';
import { pageOf } from './tokenPages.ts';
import { type Tokens, withState } from './tokens.ts';
import type { TokenWatch } from './watch/tokenWatch.ts';

/** Later pages may come from a list this old (ms), so that not each requests all tokens from the homeserver again. */
const PAGE_MAX_AGE_MS = 5_000;

/** Latest change first: tokens changed through the bot, then the others in reverse order of the homeserver. */
export async function listTokens(tokens: Tokens, { retries }: TokenRequest): Promise<RegistrationToken[]> {
  return await retryTransient(() => currentTokens(tokens), retries);
}

/**
 * One page of the list.
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

/** Like `listTokens`, for the bot itself: without a request and without retries. */
export async function currentTokens({ backend, audit, clock }: Tokens): Promise<RegistrationToken[]> {
  const tokens = (await backend.list()).reverse();
  // Read after the answer, to include changes made while waiting for it.
  const changes = new Map(tokens.map(({ token }) => [token, audit.lastChange(token) ?? 0]));
  const changedAt = ({ token }: TokenFacts) => changes.get(token) ?? 0;
  return tokens.sort((a, b) => changedAt(b) - changedAt(a)).map((token) => withState(token, clock()));
}
