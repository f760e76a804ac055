// A server admin's login, the way to Synapse's admin API, and what is done there with the bot's account.
import { Problem } from '../../../common/problems/problem.ts';
import { RequestFailed } from '../../matrix/errors.ts';
import type { Account, Session } from '../../matrix/signIn.ts';
import { backendFor } from '../../tokens/backends/accounts.ts';
import { AdminApi } from '../../tokens/backends/synapse/adminApi.ts';
import { tokenCredential } from '../../tokens/backends/synapse/credentials.ts';
import { answerProblem } from './answer.ts';
import type { Dialog } from './dialog.ts';
import { required, type Setting, settle } from './settle.ts';

export interface Admin {
  readonly account: Account;
  readonly session: Session;
  readonly api: AdminApi;
}

/** @throws Problem */
export async function adminLogin(setting: Setting, server: string): Promise<Admin> {
  const { given, dialog, logins } = setting;
  const answers = accountIn(given.answers);
  return await settle(dialog, answers, askForAdmin, async (credentials) => {
    const account: Account = { section: 'api', server: apiAddress(setting) ?? server, ...credentials };
    const session = await logins.signIn(account);
    const api = await reachTokenApi(setting, server, session);
    dialog?.good(`${session.userId} is a server admin.`);
    return { account: { ...account, server: api.baseUrl }, session, api };
  });
}

type Credentials = Pick<Account, 'username' | 'password' | 'accessToken'>;

function accountIn(answers: Setting['given']['answers']): Credentials | undefined {
  const text = (path: 'api.token' | 'api.username' | 'api.password') => answers.get(path)?.toString();
  const [accessToken, username, password] = [text('api.token'), text('api.username'), text('api.password')];
  if (accessToken !== undefined) return { accessToken, username: undefined, password: undefined };
  if (username === undefined || password === undefined) return undefined;
  return { accessToken, username, password };
}

async function askForAdmin(dialog: Dialog): Promise<Credentials> {
  const way = await dialog.choose('How does a server admin sign in?', [
    { value: 'password', label: 'with user name and password' },
    { value: 'token', label: 'with an access token' },
  ]);
  if (way === 'token') {
    const accessToken = (await dialog.secret('Access token of a server admin')).trim();
    return { accessToken, username: undefined, password: undefined };
  }
  const username = await dialog.text('User name of a server admin', {
    check: (answer) => answerProblem('api.username', answer),
  });
  return { accessToken: undefined, username, password: await dialog.secret(`Password of ${username}`) };
}

/**
 * The admin API, at the homeserver's address or another one.
 * @throws Problem `admin_rights_missing` and others of the token API
 */
export async function reachTokenApi(setting: Setting, server: string, session: Session): Promise<AdminApi> {
  const credential = tokenCredential(session.accessToken);
  const { signal } = new AbortController();
  const ask = (dialog: Dialog) =>
    dialog.text('Where is Synapse’s admin API reached?', {
      placeholder: 'http://synapse:8008',
      check: (answer) => answerProblem('api.base_url', answer),
    });
  let baseUrl = apiAddress(setting) ?? server;
  for (;;) {
    const api = new AdminApi({ baseUrl, credential, signal });
    try {
      await backendFor('auto', api, setting.log).check();
      return api;
    } catch (error) {
      const elsewhere = error instanceof Problem && error.kind === 'token_api_missing';
      if (!elsewhere || setting.dialog === undefined) throw error;
      setting.dialog.bad(error.sentence);
      baseUrl = await ask(required(setting.dialog));
    }
  }
}

function apiAddress({ given }: Setting): string | undefined {
  return given.answers.get('api.base_url')?.toString().replace(/\/+$/, '');
}

/** @throws RequestFailed */
export async function accountExists(api: AdminApi, userId: string): Promise<boolean> {
  try {
    await api.request('GET', pathOf(userId));
    return true;
  } catch (error) {
    if (error instanceof RequestFailed && error.errcode === 'M_NOT_FOUND') return false;
    throw error;
  }
}

/** Makes the account, or changes it. @throws RequestFailed */
export async function putAccount(
  api: AdminApi,
  userId: string,
  facts: { readonly password?: string; readonly admin?: boolean },
): Promise<void> {
  await api.request('PUT', pathOf(userId), facts);
}

function pathOf(userId: string): string {
  return `/_synapse/admin/v2/users/${encodeURIComponent(userId)}`;
}
