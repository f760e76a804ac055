// The bot's account, and with whose rights it manages tokens.
import { randomBytes } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { Problem, problem } from '../../../common/problems/problem.ts';
import { serverNameOf } from '../../../common/userId.ts';
import { formatRecoveryKey, makeRecoveryKey } from '../../lib/recoveryKey.ts';
import type { Account, Session } from '../../matrix/signIn.ts';
import type { AdminApi } from '../../tokens/backends/synapse/adminApi.ts';
import { hasForeignKeys } from '../deviceKeys.ts';
import { type Admin, accountExists, adminLogin, putAccount, reachTokenApi } from './admin.ts';
import { answerProblem } from './answer.ts';
import type { Dialog } from './dialog.ts';
import { DEFAULT_DATA_DIR } from './options.ts';
import { type Setting, settle } from './settle.ts';

export interface Accounts {
  readonly botUserId: string;
  readonly bot: Account;
  /** Whose login is kept for the token API; undefined: the bot has the rights itself. */
  readonly api: Account | undefined;
  /** With an admin's rights: the bot's own or another's. */
  readonly adminApi: AdminApi;
  /** A server admin among people, if one is known. */
  readonly adminUserId: string | undefined;
  /** For an account that is new: with it the bot keeps its identity should the data folder be lost. */
  readonly recoveryKey?: string;
  /** What has to be done on the homeserver, in words, and how; undefined: nothing. */
  readonly change: { readonly done: string; apply(): Promise<void> } | undefined;
}

type Way = 'create' | 'password' | 'token';

/** @throws Problem */
export async function settleAccounts(setting: Setting, server: string): Promise<Accounts> {
  const way = wayGiven(setting) ?? (await setting.dialog?.choose<Way>('Which account is the bot’s?', WAYS));
  if (way === 'create') return await newAccount(setting, server);
  return await existingAccount(setting, server, way ?? 'password');
}

const WAYS = [
  { value: 'create', label: 'a new one, which a server admin’s login makes now' },
  { value: 'password', label: 'one that is there, with its password' },
  { value: 'token', label: 'one that is there, with an access token' },
] as const;

function wayGiven({ given: { createAccount, answers } }: Setting): Way | undefined {
  if (createAccount) return 'create';
  return answers.has('bot.access_token') ? 'token' : answers.has('bot.password') ? 'password' : undefined;
}

async function newAccount(setting: Setting, server: string): Promise<Accounts> {
  const { given, dialog } = setting;
  const admin = await adminLogin(setting, server);
  const ask = (asked: Dialog) =>
    asked.text('Name of the new account', {
      initial: 'registration-bot',
      check: (answer) => answerProblem('bot.username', answer),
    });
  const [username, botUserId] = await settle(
    dialog,
    given.answers.get('bot.username')?.toString(),
    ask,
    async (name): Promise<[string, string]> => [name, await freeUserId(admin, name)],
  );
  const password = given.answers.get('bot.password')?.toString() ?? randomBytes(24).toString('base64url');
  const makeAdmin = await wantsAdmin(setting);
  return {
    botUserId,
    bot: { section: 'bot', server, username, password, accessToken: undefined },
    api: makeAdmin ? undefined : admin.account,
    adminApi: admin.api,
    adminUserId: admin.session.userId,
    recoveryKey: formatRecoveryKey(makeRecoveryKey()),
    change: {
      done: `Made the account ${botUserId}${makeAdmin ? ', a server admin' : ''}.`,
      apply: () => putAccount(admin.api, botUserId, { password, admin: makeAdmin }),
    },
  };
}

/** @throws Problem if there is such an account */
async function freeUserId({ api, session }: Admin, username: string): Promise<string> {
  const botUserId = username.startsWith('@') ? username : `@${username}:${serverNameOf(session.userId)}`;
  if (!(await accountExists(api, botUserId))) return botUserId;
  throw problem('account_exists', { userId: botUserId });
}

async function existingAccount(
  setting: Setting,
  server: string,
  way: 'password' | 'token',
): Promise<Accounts> {
  const { given, dialog, logins } = setting;
  const [bot, session] = await settle(
    dialog,
    accountGiven(setting, server),
    (asked) => askForAccount(asked, server, way),
    async (account): Promise<[Account, Session]> => {
      const signedIn = await logins.signIn(account);
      if (account.accessToken !== undefined) await requireFreshDevice(setting, signedIn, server);
      return [account, signedIn];
    },
  );
  dialog?.good(`The bot is ${session.userId}.`);
  const common = { botUserId: session.userId, bot };
  const otherGiven = given.answers.has('api.token') || given.answers.has('api.username');
  if (!otherGiven && !given.makeAdmin) {
    const adminApi = await ownRights(setting, server, session);
    if (adminApi !== undefined)
      return { ...common, api: undefined, adminApi, adminUserId: undefined, change: undefined };
  }
  const admin = await adminLogin(setting, server);
  const makeAdmin = await wantsAdmin(setting);
  return {
    ...common,
    api: makeAdmin ? undefined : admin.account,
    adminApi: admin.api,
    adminUserId: admin.session.userId,
    change: makeAdmin
      ? {
          done: `Made ${session.userId} a server admin.`,
          apply: () => putAccount(admin.api, session.userId, { admin: true }),
        }
      : undefined,
  };
}

function accountGiven({ given: { answers } }: Setting, server: string): Account | undefined {
  const text = (path: 'bot.access_token' | 'bot.username' | 'bot.password') => answers.get(path)?.toString();
  const account = {
    section: 'bot',
    server,
    username: text('bot.username'),
    password: text('bot.password'),
    accessToken: text('bot.access_token'),
  } as const;
  const complete = account.accessToken !== undefined || (account.username && account.password);
  return complete ? account : undefined;
}

async function askForAccount(dialog: Dialog, server: string, way: 'password' | 'token'): Promise<Account> {
  const account = {
    section: 'bot',
    server,
    username: undefined,
    password: undefined,
    accessToken: undefined,
  } as const;
  if (way === 'token') {
    return { ...account, accessToken: (await dialog.secret('Access token of the bot’s account')).trim() };
  }
  const username = await dialog.text('User name of the bot’s account', {
    check: (answer) => answerProblem('bot.username', answer),
  });
  return { ...account, username, password: await dialog.secret(`Password of ${username}`) };
}

/** @throws Problem */
async function requireFreshDevice({ given }: Setting, session: Session, server: string): Promise<void> {
  const dataDir = resolve(
    dirname(given.file),
    given.answers.get('bot.data_dir')?.toString() ?? DEFAULT_DATA_DIR,
  );
  if (!(await hasForeignKeys(server, session, dataDir))) return;
  throw problem('device_has_keys', { deviceId: session.deviceId ?? '' });
}

/** With the bot's own rights; undefined: it has none. @throws Problem */
async function ownRights(setting: Setting, server: string, session: Session): Promise<AdminApi | undefined> {
  try {
    const adminApi = await reachTokenApi(setting, server, session);
    setting.dialog?.good(`${session.userId} is a server admin, so it can manage tokens by itself.`);
    return adminApi;
  } catch (error) {
    const notAdmin = error instanceof Problem && error.kind === 'admin_rights_missing';
    if (!notAdmin || setting.dialog === undefined) throw error;
    setting.dialog.bad(`${session.userId} is no server admin. Somebody’s login who is one is needed.`);
    return undefined;
  }
}

async function wantsAdmin({ given, dialog }: Setting): Promise<boolean> {
  const question =
    'Make the bot’s account a server admin? Then no login of another admin has to be kept in the file.';
  return given.makeAdmin || ((await dialog?.confirm(question)) ?? false);
}
