// Verifies a person's user ID by the OpenID token that their client got from the homeserver for the widget:
// https://spec.matrix.org/v1.16/client-server-api/#openid. The token is checked at the configured address only, never
// at one that it names, which prevents server-side request forgery.

import type { OpenIdToken } from '../../common/api.ts';
import { Problem, problem } from '../../common/problems/problem.ts';
import { serverNameOf } from '../../common/userId.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { type OpenIdOptions, openIdUser } from '../matrix/openId.ts';

export interface IdentityOptions extends OpenIdOptions {
  /** The bot's own. */
  readonly serverName: string;
}

/**
 * Returns the user ID of the token.
 * @throws Problem `identity_refused`, or that the homeserver can't say; its cause is the reason, with addresses
 */
export async function identify(token: OpenIdToken, options: IdentityOptions): Promise<string> {
  const { serverName } = options;
  if (token.matrix_server_name !== serverName) {
    throw problem('identity_elsewhere', { serverName });
  }
  const user = await openIdUser(token.access_token, options).catch((error: unknown) => {
    throw withoutAddresses(error);
  });
  if (user === undefined) {
    throw problem('identity_not_proved');
  }
  const { sub } = user;
  if (typeof sub !== 'string' || serverNameOf(sub) !== serverName) {
    throw problem('identity_not_named', { serverName });
  }
  return sub;
}

/** Whoever asks is not known yet: where the bot finds its homeserver is not their business. */
function withoutAddresses(error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  const options = { cause: error };
  switch (error.kind) {
    case 'homeserver_unreachable':
      return problem('sign_in_unreachable', undefined, options);
    case 'rate_limited': {
      const retryAfterMs = error instanceof RequestFailed ? error.retryAfterMs : undefined;
      return problem('sign_in_limited', { retryAfterMs: retryAfterMs ?? 5_000 }, options);
    }
    default:
      return problem('sign_in_failed', undefined, options);
  }
}
