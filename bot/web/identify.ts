// Who somebody is, by the OpenID token that their client got from the homeserver for the widget:
// https://spec.matrix.org/v1.16/client-server-api/#openid. It is checked at the one address of the configuration,
// never at one that the token names: so nobody can make the bot send requests elsewhere.

import type { OpenIdToken } from '../../common/api.ts';
import { problem } from '../../common/problems/problem.ts';
import { serverNameOf } from '../../common/userId.ts';
import { type OpenIdOptions, openIdUser } from '../matrix/openId.ts';

export interface IdentityOptions extends OpenIdOptions {
  /** The bot's own. */
  readonly serverName: string;
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
  const user = await openIdUser(token.access_token, options);
  if (user === undefined) {
    throw problem('identity_not_proved');
  }
  const { sub } = user;
  if (typeof sub !== 'string' || serverNameOf(sub) !== serverName) {
    throw problem('identity_not_named', { serverName });
  }
  return sub;
}
