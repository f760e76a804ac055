import type { LOGIN_PROBLEMS } from '../login.ts';
import type { Translated } from './translated.ts';

const refused = (server: string, what: string) => `Der Homeserver unter ${server} nimmt ${what} nicht an.`;
const mismatch = ({ userId, username }: { userId: string; username: string }, section: string) =>
  `${section}.access_token gehört zu ${userId}, aber ${section}.username sagt ${username}.`;
const checkPassword = (section: string) =>
  `Prüfe ${section}.username und ${section}.password, und ob das Konto besteht und nicht deaktiviert ist.`;
const newToken = (key: string) =>
  `Trage unter ${key} einen gültigen Zugangstoken oder Benutzername und Passwort ein, und starte den Bot neu.`;
const CORRECT_ONE = 'Berichtige eines von beiden, oder lass den Benutzernamen weg.';

export const LOGIN: Translated<keyof typeof LOGIN_PROBLEMS> = {
  bot_password_refused: {
    cause: ({ server, username }) => refused(server, `bot.password von ${username}`),
    remedy: checkPassword('bot'),
  },
  bot_token_refused: {
    cause: ({ server }) => refused(server, 'bot.access_token'),
    remedy: newToken('bot.access_token'),
  },
  bot_login_mismatch: { cause: (params) => mismatch(params, 'bot'), remedy: CORRECT_ONE },
  admin_password_refused: {
    cause: ({ server, username }) => refused(server, `api.password von ${username}`),
    remedy: checkPassword('api'),
  },
  admin_token_refused: {
    cause: ({ server }) => refused(server, 'api.token'),
    remedy: newToken('api.token'),
  },
  admin_login_mismatch: { cause: (params) => mismatch(params, 'api'), remedy: CORRECT_ONE },
};
