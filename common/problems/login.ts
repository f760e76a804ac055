// About the bot's own login, and the one for the admin API.
import type { Entry } from './entry.ts';

interface Login {
  server: string;
  username: string;
}
interface Mismatch {
  userId: string;
  username: string;
}

const passwordRefused = ({ server, username }: Login, section: string) =>
  `The homeserver at ${server} does not accept ${section}.password of ${username}.`;
const tokenRefused = ({ server }: { server: string }, key: string) =>
  `The homeserver at ${server} does not accept ${key}.`;
const mismatch = ({ userId, username }: Mismatch, section: string) =>
  `${section}.access_token belongs to ${userId}, but ${section}.username says ${username}.`;
const checkPassword = (section: string) =>
  `Check ${section}.username and ${section}.password, and that the account exists and is not deactivated.`;
const newToken = (key: string) =>
  `Put a valid access token under ${key}, or a user name and password, and restart the bot.`;
const CORRECT_ONE = 'Correct one of the two, or leave out the user name.';

export const LOGIN_PROBLEMS = {
  bot_password_refused: {
    kind: 'bot_credential_refused',
    cause: (login: Login) => passwordRefused(login, 'bot'),
    remedy: checkPassword('bot'),
  },
  bot_token_refused: {
    kind: 'bot_credential_refused',
    cause: (login: { server: string }) => tokenRefused(login, 'bot.access_token'),
    remedy: newToken('bot.access_token'),
  },
  bot_login_mismatch: {
    kind: 'bot_credential_refused',
    cause: (params: Mismatch) => mismatch(params, 'bot'),
    remedy: CORRECT_ONE,
  },
  admin_password_refused: {
    kind: 'admin_credential_refused',
    cause: (login: Login) => passwordRefused(login, 'api'),
    remedy: checkPassword('api'),
  },
  admin_token_refused: {
    kind: 'admin_credential_refused',
    cause: (login: { server: string }) => tokenRefused(login, 'api.token'),
    remedy: newToken('api.token'),
  },
  admin_login_mismatch: {
    kind: 'admin_credential_refused',
    cause: (params: Mismatch) => mismatch(params, 'api'),
    remedy: CORRECT_ONE,
  },
} as const satisfies Record<string, Entry>;
