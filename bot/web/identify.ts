// Who somebody is, by the OpenID token that their client got from the homeserver for the widget:
// https://spec.matrix.org/v1.16/client-server-api/#openid. It is checked at the one address of the configuration,
// never at one that the token names: so nobody can make the bot send requests elsewhere.
import type { OpenIdToken } from '../../common/api.ts';
import { serverNameOf } from '../../common/userId.ts';
import { type OpenIdOptions, openIdUser } from '../matrix/openId.ts';
import { identityRefused } from './httpErrors.ts';

export interface IdentityOptions extends OpenIdOptions {
  /** The bot's own. */
  readonly serverName: string;
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
  const user = await openIdUser(token.access_token, options);
  if (user === undefined) {
    throw identityRefused(
      'The homeserver does not accept the proof of who you are: it has expired, or was used elsewhere.',
      'Try again; your client then asks for a new one.',
    );
  }
  const { sub } = user;
  if (typeof sub !== 'string' || serverNameOf(sub) !== serverName) {
    throw identityRefused(
      `The homeserver did not name a user of ${serverName}.`,
      'Check that widget.openid_url in the bot’s configuration leads to the bot’s own homeserver.',
    );
  }
  return sub;
}
