// Verifies a person's user ID by the OpenID token that their client got from the homeserver for the widget:
// https://spec.matrix.org/v1.16/client-server-api/#openid. The token is checked at the configured address only, never
// at one that it names, which prevents server-side request forgery.

import type { OpenIdToken } from '../../common/api.ts';
import { problem } from '../../common/problems/problem.ts';
import { serverNameOf } from '../../common/userId.ts';
import { type OpenIdOptions, openIdUser } from '../matrix/openId.ts';

export interface IdentityOptions extends OpenIdOptions {
  /** The bot's own. */
  readonly serverName: string;
}

/**
 * Returns the user ID of the token.
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
