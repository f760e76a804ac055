// Who somebody is, by the OpenID token that their client got from the homeserver for the widget:
// https://spec.matrix.org/v1.16/client-server-api/#openid. It is checked at the one address of the configuration,
// never at one that the token names: so nobody can make the bot send requests elsewhere.
import type { OpenIdToken } from '../../common/api.ts';
import { Problem } from '../../common/problem.ts';
import { serverNameOf } from '../../common/userId.ts';
import { HomeserverClient } from '../matrix/client.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { HttpError, identityRefused } from './errors.ts';

const PATH = '/_matrix/federation/v1/openid/userinfo';
const TIMEOUT_MS = 15_000;

export interface IdentityOptions {
  /** Where the homeserver tells whose an OpenID token is (`widget.openid_url`). */
  readonly openIdUrl: string;
  /** The bot's own. */
  readonly serverName: string;
  readonly signal: AbortSignal;
}

/**
 * The user ID that the token stands for.
 * @throws HttpError `identity_refused`; Problem if the homeserver can't say
 */
export async function identify(token: OpenIdToken, options: IdentityOptions): Promise<string> {
  const { serverName } = options;
  if (token.matrix_server_name !== serverName) {
    throw identityRefused(
      `Only accounts of ${serverName} can use this, and yours is on another homeserver.`,
      `Sign in to your client with an account of ${serverName}.`,
    );
  }
  const answer = await askUserInfo(token.access_token, options);
  const { sub } = answer as { sub?: unknown };
  if (typeof sub !== 'string' || serverNameOf(sub) !== serverName) {
    throw identityRefused(
      `The homeserver did not name a user of ${serverName}.`,
      'Check that widget.openid_url in the bot’s configuration leads to the bot’s own homeserver.',
    );
  }
  return sub;
}

/** Why nobody could sign in to the widget at all; undefined: the homeserver tells there whose a token is. */
export async function identityProblem(
  options: Pick<IdentityOptions, 'openIdUrl' | 'signal'>,
): Promise<Problem | undefined> {
  try {
    await askUserInfo('nobody', options);
  } catch (error) {
    if (error instanceof Problem) return error;
    // To say that it does not know this token, it had to look.
    if (!(error instanceof HttpError)) throw error;
  }
  return undefined;
}

/** @throws HttpError `identity_refused` if it does not know the token; Problem */
async function askUserInfo(
  accessToken: string,
  { openIdUrl, signal }: Pick<IdentityOptions, 'openIdUrl' | 'signal'>,
): Promise<unknown> {
  const query = { access_token: accessToken };
  try {
    return await new HomeserverClient(openIdUrl, '', signal).request('GET', PATH, undefined, {
      query,
      timeoutMs: TIMEOUT_MS,
      patienceMs: 0,
    });
  } catch (error) {
    throw error instanceof RequestFailed ? explain(error, openIdUrl) : error;
  }
}

function explain(error: RequestFailed, openIdUrl: string): Error {
  if (error.accessTokenRefused) {
    return identityRefused(
      'The homeserver does not accept the proof of who you are: it has expired, or was used elsewhere.',
      'Try again; your client then asks for a new one.',
    );
  }
  // A homeserver that does not serve the address, or a proxy that does not pass it on.
  if (error.status !== undefined && error.status >= 400 && error.status < 500 && error.status !== 429) {
    return new Problem(
      'homeserver_error',
      `The homeserver does not tell at ${openIdUrl} who you are (HTTP ${error.status}).`,
      `Let ${openIdUrl}${PATH} lead to it: a listener of Synapse with the resource openid or federation (widget.openid_url).`,
      { cause: error },
    );
  }
  return error;
}
