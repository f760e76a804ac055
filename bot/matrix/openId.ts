// Resolves an OpenID token, which a client gets from the homeserver for a widget, to its user:
// https://spec.matrix.org/v1.16/server-server-api/#openid
import { type Problem, problem } from '../../common/problems/problem.ts';
import { HomeserverClient } from './client.ts';
import { RequestFailed } from './errors.ts';

const PATH = '/_matrix/federation/v1/openid/userinfo';
const TIMEOUT_MS = 15_000;

export interface OpenIdOptions {
  /** Base URL of the server that resolves OpenID tokens (`widget.openid_url`). */
  readonly openIdUrl: string;
  readonly signal: AbortSignal;
}

/**
 * The token's user as the homeserver reports it, not validated; undefined: the token is unknown or expired.
 * @throws Problem if the homeserver can't be asked
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
  // The homeserver does not serve the endpoint, or a proxy does not forward it.
  if (error.status !== undefined && error.status >= 400 && error.status < 500 && error.status !== 429) {
    return problem('identity_untold', { openIdUrl, path: PATH, status: error.status }, { cause: error });
  }
  return error;
}
