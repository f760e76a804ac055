// All problems, each with its code. Error texts in chat, widget, log, command line, API responses and
// docs/troubleshooting.md come from here.
import { ACCESS_PROBLEMS } from './access.ts';
import { COMMAND_PROBLEMS } from './commands.ts';
import { DATA_FOLDER_PROBLEMS } from './dataFolder.ts';
import { ENCRYPTION_PROBLEMS } from './encryptionKeys.ts';
import { HOMESERVER_PROBLEMS } from './homeserver.ts';
import { INPUT_PROBLEMS } from './input.ts';
import { KEY_PROBLEMS } from './keys.ts';
import { LOGIN_PROBLEMS } from './login.ts';
import { PORT_PROBLEMS } from './ports.ts';
import { TOKEN_PROBLEMS } from './registrationTokens.ts';
import { SET_UP_PROBLEMS } from './setUp.ts';
import { TOKEN_API_PROBLEMS } from './tokenApi.ts';
import { WEB_PROBLEMS } from './web.ts';

/** Problems by file. */
export const FEATURES = {
  tokens: TOKEN_PROBLEMS,
  input: INPUT_PROBLEMS,
  commands: COMMAND_PROBLEMS,
  access: ACCESS_PROBLEMS,
  homeserver: HOMESERVER_PROBLEMS,
  tokenApi: TOKEN_API_PROBLEMS,
  login: LOGIN_PROBLEMS,
  encryption: ENCRYPTION_PROBLEMS,
  keys: KEY_PROBLEMS,
  store: DATA_FOLDER_PROBLEMS,
  web: WEB_PROBLEMS,
  ports: PORT_PROBLEMS,
  setUp: SET_UP_PROBLEMS,
} as const;

export const CATALOGUE = {
  ...TOKEN_PROBLEMS,
  ...INPUT_PROBLEMS,
  ...COMMAND_PROBLEMS,
  ...ACCESS_PROBLEMS,
  ...HOMESERVER_PROBLEMS,
  ...TOKEN_API_PROBLEMS,
  ...LOGIN_PROBLEMS,
  ...ENCRYPTION_PROBLEMS,
  ...KEY_PROBLEMS,
  ...DATA_FOLDER_PROBLEMS,
  ...WEB_PROBLEMS,
  ...PORT_PROBLEMS,
  ...SET_UP_PROBLEMS,
};

type Catalogue = typeof CATALOGUE;
/** The key of an entry. */
export type ProblemCode = keyof Catalogue;

type Wanted<W> = W extends (params: infer P) => string ? P : unknown;
/** The parameters of an entry's texts; `unknown`: none. */
export type ParamsOf<C extends ProblemCode> = Wanted<Catalogue[C]['cause']> & Wanted<Catalogue[C]['remedy']>;
