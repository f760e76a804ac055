// The bot's own login: an access token from the configuration, or a session created with the password, stored in
// the state file and reused at every start.

import * as z from 'zod/mini';
import { type Problem, problem } from '../../common/problems/problem.ts';
import { serverNameOf } from '../../common/userId.ts';
import type { Log } from '../observability/log.ts';
import { HomeserverClient } from './client.ts';
import { RequestFailed } from './errors.ts';

const DEVICE_NAME = 'Matrix Registration Bot';

export interface Session {
  readonly userId: string;
  /** undefined: accounts of application services have none. */
  readonly deviceId: string | undefined;
  readonly accessToken: string;
}

export interface Account {
  /** Base URL. */
  readonly server: string;
  /** Localpart or user ID. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly accessToken: string | undefined;
  /** The configuration section with these settings, for messages: `bot` or `api`. */
  readonly section: 'bot' | 'api';
}

/** Where a session from a password login is kept. */
export interface SessionStore {
  load(): string | undefined;
  save(session: string): void;
  forget(): void;
}

const sessionSchema = z.object({
  server: z.string(),
  username: z.string(),
  userId: z.string(),
  deviceId: z.optional(z.string()),
  accessToken: z.string(),
});

/**
 * @param deviceId the device that the crypto store has keys of; a new login reuses it
 * @throws RequestFailed while the homeserver is unavailable; Problem `bot_credential_refused` or
 *   `admin_credential_refused` when the homeserver rejects the configured credentials.
 */
export async function signIn(
  account: Account,
  kept: SessionStore,
  log: Log,
  signal?: AbortSignal,
  deviceId?: string,
): Promise<Session> {
  if (account.accessToken !== undefined) {
    const session = await whoAmI(account, account.accessToken, signal);
    if (session === undefined) throw refused(account, 'access_token');
    requireSameUser(account, session.userId);
    return session;
  }
  const stored = readStored(account, kept.load());
  if (stored !== undefined) {
    const session = await whoAmI(account, stored.accessToken, signal);
    if (session !== undefined) return session;
    log.warn(`The stored session of ${stored.userId} was ended on the homeserver: logging in again.`);
    kept.forget();
  }
  const session = await passwordLogin(account, signal, deviceId ?? stored?.deviceId);
  const { server, username } = account;
  kept.save(JSON.stringify({ server, username, ...session }));
  log.info({ userId: session.userId, deviceId: session.deviceId }, 'Logged in with the password');
  return session;
}

/** @throws as `signIn` does */
async function passwordLogin(account: Account, signal?: AbortSignal, deviceId?: string): Promise<Session> {
  const { username, password } = account;
  if (username === undefined || password === undefined) throw refused(account, 'password');
  try {
    const answer = await new HomeserverClient(account.server, '', signal).request(
      'POST',
      '/_matrix/client/v3/login',
      {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: username },
        password,
        initial_device_display_name: DEVICE_NAME,
        ...(deviceId === undefined ? {} : { device_id: deviceId }),
      },
    );
    const { user_id, device_id, access_token } = loginSchema.parse(answer);
    return { userId: user_id, deviceId: device_id, accessToken: access_token };
  } catch (error) {
    // A 403 without errcode comes from a proxy: the password may be right.
    if (error instanceof RequestFailed && error.status === 403 && error.errcode !== undefined)
      throw refused(account, 'password', error);
    throw error;
  }
}

const loginSchema = z.object({ user_id: z.string(), device_id: z.string(), access_token: z.string() });
const whoAmISchema = z.object({ user_id: z.string(), device_id: z.optional(z.string()) });

/** User and device of the access token; undefined: it is unknown to the homeserver, or no longer valid. */
export async function whoAmI(
  account: Account,
  accessToken: string,
  signal?: AbortSignal,
): Promise<Session | undefined> {
  try {
    const client = new HomeserverClient(account.server, accessToken, signal);
    const answer = whoAmISchema.parse(await client.request('GET', '/_matrix/client/v3/account/whoami'));
    return { userId: answer.user_id, deviceId: answer.device_id, accessToken };
  } catch (error) {
    if (error instanceof RequestFailed && error.accessTokenRefused) return undefined;
    throw error;
  }
}

function readStored(account: Account, json: string | undefined): Session | undefined {
  if (json === undefined) return undefined;
  const { data } = sessionSchema.safeParse(JSON.parse(json));
  // The configured server or user has changed: the stored session belongs to another account.
  if (data?.server !== account.server || data.username !== account.username) return undefined;
  return { userId: data.userId, deviceId: data.deviceId, accessToken: data.accessToken };
}

function requireSameUser(account: Account, userId: string): void {
  const { username, section } = account;
  if (username === undefined) return;
  const same =
    serverNameOf(username) === undefined ? userId.startsWith(`@${username}:`) : userId === username;
  if (same) return;
  throw problem(`${LOGINS[section]}_login_mismatch`, { userId, username });
}

function refused(account: Account, key: 'access_token' | 'password', cause?: Problem): Problem {
  const { section, server, username = '' } = account;
  const options = cause === undefined ? undefined : { cause };
  const login = LOGINS[section];
  return key === 'password'
    ? problem(`${login}_password_refused`, { server, username }, options)
    : problem(`${login}_token_refused`, { server }, options);
}

const LOGINS = { bot: 'bot', api: 'admin' } as const;
