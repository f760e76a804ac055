// What the demo keeps in its folder: passwords, made up once, and the bot's configuration.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Credentials } from '../harness/users.ts';

export interface Account {
  localpart: string;
  password: string;
}

export interface Accounts {
  admin: Account;
  bot: Account;
  /** The admin's login in the demo's terminal, used again by the next run. */
  terminal?: Credentials;
}

/** Only its owner may read what lies in here. */
export function openFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** The accounts of an earlier run, or new ones with random passwords. */
export function loadAccounts(folder: string): Accounts {
  const file = accountsFile(folder);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Accounts;
  const accounts: Accounts = {
    admin: { localpart: 'admin', password: password() },
    bot: { localpart: 'registration-bot', password: password() },
  };
  saveAccounts(folder, accounts);
  return accounts;
}

export function saveAccounts(folder: string, accounts: Accounts): void {
  writeFileSync(accountsFile(folder), `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
}

/** Writes the bot's configuration, as one writes it for a server of one's own. Returns the file. */
export function writeBotConfig(folder: string, server: string, bot: Account, widgetPort: number): string {
  const file = join(folder, 'config.yml');
  const config = {
    bot: { server, username: bot.localpart, password: bot.password, data_dir: './bot' },
    widget: { listen: `127.0.0.1:${widgetPort}`, public_url: `http://localhost:${widgetPort}` },
  };
  const comment = '# Written by `npm run demo` at each start.\n';
  writeFileSync(file, comment + stringify(config), { mode: 0o600 });
  return file;
}

function accountsFile(folder: string): string {
  return join(folder, 'accounts.json');
}

function password(): string {
  return randomBytes(8).toString('hex');
}
