// The accounts in the configuration: the bot's own, and the one used for the token API.
import { problem } from '../../../common/problems/problem.ts';
import type { Config } from '../../config/config.ts';
import type { MatrixSession } from '../../matrix/session.ts';
import type { Account, SessionStore } from '../../matrix/signIn.ts';
import type { Log } from '../../observability/log.ts';
import type { MetaKey } from '../../store/meta.ts';
import type { Store } from '../../store/store.ts';
import type { RegistrationBackend } from './backend.ts';
import type { AdminApi, AdminCredential } from './synapse/adminApi.ts';
import { botCredential, passwordCredential, tokenCredential } from './synapse/credentials.ts';
import { SynapseBackend } from './synapse/synapseBackend.ts';

export function botAccount({ bot }: Config): Account {
  return {
    section: 'bot',
    server: bot.server,
    username: bot.username,
    password: bot.password,
    accessToken: bot.access_token,
  };
}

/** The account under `api`; undefined: none is configured, use the bot's own. */
export function apiAccount({ api }: Config): Account | undefined {
  if (api.token === undefined && api.username === undefined) return undefined;
  return {
    section: 'api',
    server: api.base_url,
    username: api.username,
    password: api.password,
    accessToken: api.token,
  };
}

/** `auto` means Synapse. With MAS in charge of accounts, the first call fails with `mas_in_charge`. */
export function backendFor(backend: Config['api']['backend'], api: AdminApi, log: Log): RegistrationBackend {
  return backend === 'mas' ? unsupportedBackend('mas') : new SynapseBackend(api, log);
}

export function adminCredential(
  config: Config,
  homeserver: MatrixSession,
  store: Store,
  log: Log,
  signal: AbortSignal,
): AdminCredential {
  const account = apiAccount(config);
  if (account === undefined) return botCredential(homeserver);
  if (account.accessToken !== undefined) return tokenCredential(account.accessToken);
  return passwordCredential(account, sessionStore(store, 'api_session'), log, signal);
}

export function sessionStore({ meta }: Store, key: MetaKey): SessionStore {
  return {
    load: () => meta.get(key),
    save: (session) => meta.set(key, session),
    forget: () => meta.delete(key),
  };
}

/** Fails every request: the configured backend does not exist in this version. */
function unsupportedBackend(name: string): RegistrationBackend {
  const refuse = async (): Promise<never> => {
    throw problem('backend_unsupported', { backend: name });
  };
  return {
    name,
    capabilities: { removal: 'revokes', knowsPending: false },
    check: refuse,
    list: refuse,
    get: refuse,
    create: refuse,
    update: refuse,
    delete: refuse,
    restore: refuse,
  };
}
