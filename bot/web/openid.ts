// Who somebody is, by the OpenID token that their client got from the homeserver for the widget:
// https://spec.matrix.org/v1.16/client-server-api/#openid. It is checked at the one address of the configuration,
// never at one that the token names: so nobody can make the bot send requests elsewhere.
import type { OpenIdToken } from '../../common/api.ts';
import { Problem, problem } from '../../common/problems/problem.ts';
import { serverNameOf } from '../../common/userId.ts';
import { MatrixConnection } from '../matrix/client.ts';
import { RequestFailed } from '../matrix/errors.ts';

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
 * @throws Problem `identity_refused`, or why the homeserver can't say
 */
export async function identify(token: OpenIdToken, options: IdentityOptions): Promise<string> {
  const { serverName } = options;
  if (token.matrix_server_name !== serverName) {
    throw problem('identity_elsewhere', { serverName });
  }
  const answer = await askUserInfo(token.access_token, options);
  const { sub } = answer as { sub?: unknown };
  if (typeof sub !== 'string' || serverNameOf(sub) !== serverName) {
    throw problem('identity_not_named', { serverName });
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
    if (!(error instanceof Problem)) throw error;
    // To say that it does not know this token, it had to look.
    return error.code === 'identity_not_proved' ? undefined : error;
  }
  return undefined;
}

/** @throws Problem, `identity_not_proved` if it does not know the token */
async function askUserInfo(
  accessToken: string,
  { openIdUrl, signal }: Pick<IdentityOptions, 'openIdUrl' | 'signal'>,
): Promise<unknown> {
  const query = { access_token: accessToken };
  try {
    return await new MatrixConnection(openIdUrl, '', signal).request('GET', PATH, undefined, {
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
    return problem('identity_not_proved');
  }
  // A homeserver that does not serve the address, or a proxy that does not pass it on.
  if (error.status !== undefined && error.status >= 400 && error.status < 500 && error.status !== 429) {
    return problem('identity_untold', { openIdUrl, path: PATH, status: error.status }, { cause: error });
  }
  return error;
}
