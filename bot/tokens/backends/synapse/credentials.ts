// With whose rights the bot asks the admin API.
import type { MatrixSession } from '../../../matrix/session.ts';
import { type Account, type Session, type SessionStore, signIn } from '../../../matrix/signIn.ts';
import type { Log } from '../../../observability/log.ts';
import type { AdminCredential } from './adminApi.ts';

/** `api.token`: when it is refused, only the admin can put another in its place. */
export function tokenCredential(accessToken: string): AdminCredential {
  return { accessToken: async () => accessToken, renew: async () => false };
}

/** `api.username` and `api.password`: a session of its own, kept like the bot's. */
export function passwordCredential(
  account: Account,
  kept: SessionStore,
  log: Log,
  signal: AbortSignal,
): AdminCredential {
  let session: Promise<Session> | undefined;
  const current = (): Promise<Session> => {
    session ??= signIn(account, kept, log, signal).catch((error: unknown) => {
      session = undefined;
      throw error;
    });
    return session;
  };
  return {
    accessToken: async () => (await current()).accessToken,
    renew: async (refused) => {
      if ((await current()).accessToken === refused) session = undefined;
      return (await current()).accessToken !== refused;
    },
  };
}

/** The bot's own account, where `api` names no other. */
export function botCredential(homeserver: MatrixSession): AdminCredential {
  return {
    accessToken: async () => homeserver.accessToken,
    renew: async (refused) => {
      // Whatever the bot asks, it logs in again if its session was ended.
      await homeserver.request('GET', '/_matrix/client/v3/account/whoami');
      return homeserver.accessToken !== refused;
    },
  };
}
