import type { RegistrationToken } from '../../common/token.ts';
import { retryTransient, type TokenRequest } from './request.ts';
import { findToken, type Tokens } from './tokens.ts';

/** In the order asked for; null where there is no such token. */
export async function showTokens(
  tokens: Tokens,
  { retries }: TokenRequest,
  names: readonly string[],
): Promise<(RegistrationToken | null)[]> {
  return await retryTransient(() => Promise.all(names.map((name) => findToken(tokens, name))), retries);
}
