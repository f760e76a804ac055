// Whose an OpenID token is, which a client gets from the homeserver for a widget:
// https://spec.matrix.org/v1.16/server-server-api/#openid
import { type Problem, problem } from '../../common/problems/problem.ts';
import { HomeserverClient } from './client.ts';
import { RequestFailed } from './errors.ts';

const PATH = '/_matrix/federation/v1/openid/userinfo';
const TIMEOUT_MS = 15_000;

export interface OpenIdOptions {
  /** Where the homeserver tells whose an OpenID token is (`widget.openid_url`). */
  readonly openIdUrl: string;
  readonly signal: AbortSignal;
}

/**
 * What the homeserver names as the token's user: it may be anything. undefined: it does not know the token (any more).
 * @throws Problem if it can't say
 */
export async function openIdUser(
  accessToken: string,
  { openIdUrl, signal }: OpenIdOptions,
): Promise<{ readonly sub: unknown } | undefined> {
  const query = { access_token: accessToken };
  const limits = { query, timeoutMs: TIMEOUT_MS, patienceMs: 0 };
  try {
    const answer = await new HomeserverClient(openIdUrl, '', signal).request('GET', PATH, undefined, limits);
    return { sub: (answer as { sub?: unknown }).sub };
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    if (error.accessTokenRefused) return undefined;
    throw explain(error, openIdUrl);
  }
}

function explain(error: RequestFailed, openIdUrl: string): Problem {
  // A homeserver that does not serve the address, or a proxy that does not pass it on.
  if (error.status !== undefined && error.status >= 400 && error.status < 500 && error.status !== 429) {
    return problem('identity_untold', { openIdUrl, path: PATH, status: error.status }, { cause: error });
  }
  return error;
}
