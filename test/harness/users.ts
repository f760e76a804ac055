// Accounts: made by the server's owner, or by people with a registration token, as a client does it.
import { createHmac, randomBytes } from 'node:crypto';
import { MatrixHttpError, requestJson } from './matrixHttp.ts';

export interface Credentials {
  userId: string;
  accessToken: string;
  deviceId: string;
}

export interface RegisteredUser extends Credentials {
  localpart: string;
  password: string;
}

interface LoginAnswer {
  user_id: string;
  access_token: string;
  device_id: string;
}

/**
 * Creates a user by the `registration_shared_secret`; without a password, a random one.
 * Throws `MatrixHttpError`, `M_USER_IN_USE` among others.
 */
export async function registerUser(
  server: { baseUrl: string; sharedSecret: string },
  user: { localpart: string; password?: string | undefined; admin?: boolean },
): Promise<RegisteredUser> {
  const path = '/_synapse/admin/v1/register';
  const { nonce } = await requestJson<{ nonce: string }>(server.baseUrl, 'GET', path);
  const { localpart, password = randomBytes(12).toString('base64url'), admin = false } = user;
  const mac = createHmac('sha1', server.sharedSecret)
    .update([nonce, localpart, password, admin ? 'admin' : 'notadmin'].join('\0'))
    .digest('hex');
  const body = { nonce, username: localpart, password, admin, mac };
  const answer = await requestJson<LoginAnswer>(server.baseUrl, 'POST', path, { body });
  return { ...credentials(answer), localpart, password };
}

/** A new guest account: it can join rooms that let guests in. The homeserver has to allow guests. */
export async function registerGuest(baseUrl: string): Promise<Credentials> {
  const path = '/_matrix/client/v3/register?kind=guest';
  return credentials(await requestJson<LoginAnswer>(baseUrl, 'POST', path, { body: {} }));
}

/** A new user of an application service, in its namespace, logged in. @param asToken of its registration file */
export async function registerGhost(
  baseUrl: string,
  asToken: string,
  localpart: string,
): Promise<Credentials> {
  const body = { type: 'm.login.application_service', username: localpart };
  const answer = await requestJson<LoginAnswer>(baseUrl, 'POST', '/_matrix/client/v3/register', {
    accessToken: asToken,
    body,
  });
  return credentials(answer);
}

/** Logs in with a password; `user` is a localpart or a user ID. Throws `MatrixHttpError`. */
export async function login(
  baseUrl: string,
  user: string,
  password: string,
  options: { deviceId?: string; displayName?: string } = {},
): Promise<Credentials> {
  const answer = await requestJson<LoginAnswer>(baseUrl, 'POST', '/_matrix/client/v3/login', {
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user },
      password,
      device_id: options.deviceId,
      initial_device_display_name: options.displayName,
    },
  });
  return credentials(answer);
}

export async function logout(baseUrl: string, accessToken: string): Promise<void> {
  await requestJson(baseUrl, 'POST', '/_matrix/client/v3/logout', { accessToken, body: {} });
}

/** An account's devices, as the homeserver lists them. */
export async function devicesOf(
  baseUrl: string,
  { accessToken }: Pick<Credentials, 'accessToken'>,
): Promise<{ device_id: string }[]> {
  const path = '/_matrix/client/v3/devices';
  const answer = await requestJson<{ devices: { device_id: string }[] }>(baseUrl, 'GET', path, {
    accessToken,
  });
  return answer.devices;
}

/** As if another program had encrypted with this device. */
export async function publishForeignKeys(
  baseUrl: string,
  { userId: user_id, deviceId: device_id, accessToken }: Credentials,
): Promise<void> {
  const keys = { [`curve25519:${device_id}`]: 'a', [`ed25519:${device_id}`]: 'b' };
  const algorithms = ['m.olm.v1.curve25519-aes-sha2'];
  const device_keys = { user_id, device_id, algorithms, keys, signatures: {} };
  const path = '/_matrix/client/v3/keys/upload';
  await requestJson(baseUrl, 'POST', path, { accessToken, body: { device_keys } });
}

export interface TokenRegistration {
  username: string;
  password: string;
  token: string;
}

/** A registration that has taken a use of its token (`pending`), but has no account yet. */
export interface BegunRegistration {
  session: string;
  /** Completes it: one `pending` use becomes a `completed` one. */
  finish(): Promise<Credentials>;
}

interface AuthStage {
  session: string;
  completed?: string[];
  flows: { stages: string[] }[];
}

/**
 * Registers as far as the stage `m.login.registration_token`, and not the one after it.
 * Throws `MatrixHttpError`: `M_UNAUTHORIZED` if the token is not valid, `M_USER_IN_USE` and so on.
 */
export async function beginRegistration(
  baseUrl: string,
  details: TokenRegistration,
): Promise<BegunRegistration> {
  const { username, password, token } = details;
  const register = (auth?: Record<string, string>) => postRegister(baseUrl, { username, password, auth });
  const first = await register();
  if (!('session' in first))
    throw new Error(`The homeserver registered ${username} without asking for a token.`);
  const { session } = first;
  const second = await register({ type: 'm.login.registration_token', token, session });
  if (!('session' in second)) throw new Error('The homeserver asked for nothing after the token.');
  return {
    session,
    async finish() {
      const last = await register({ type: 'm.login.dummy', session });
      if ('session' in last) throw new Error(`The homeserver asks for more: ${JSON.stringify(last.flows)}`);
      return credentials(last);
    },
  };
}

/** Registers with a token, start to finish. Throws like `beginRegistration`. */
export async function registerWithToken(baseUrl: string, details: TokenRegistration): Promise<Credentials> {
  const registration = await beginRegistration(baseUrl, details);
  return await registration.finish();
}

/** The stages to go, or the account. A 401 that names an error is one: that stage was refused. */
async function postRegister(
  baseUrl: string,
  body: Record<string, unknown>,
): Promise<AuthStage | LoginAnswer> {
  try {
    return await requestJson<LoginAnswer>(baseUrl, 'POST', '/_matrix/client/v3/register', { body });
  } catch (error) {
    if (error instanceof MatrixHttpError && error.status === 401 && error.errcode === undefined) {
      return error.body as unknown as AuthStage;
    }
    throw error;
  }
}

function credentials(answer: LoginAnswer): Credentials {
  return { userId: answer.user_id, accessToken: answer.access_token, deviceId: answer.device_id };
}
