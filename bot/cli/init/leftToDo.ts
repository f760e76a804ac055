// The steps that are left to the admin after `init`.

import { packageFile } from '../../lib/packageFiles.ts';
import type { StatusReport } from '../../status/finding.ts';
import { commandName } from '../commandName.ts';
import type { Accounts } from './settleAccounts.ts';

export interface Outcome {
  readonly file: string;
  readonly findings: StatusReport;
  readonly accounts: Accounts;
  readonly publicUrl: string | undefined;
  /** As it was written; undefined: the default. */
  readonly listen: string | undefined;
}

/** Numbered steps, in plain text. */
export function leftToDo({ file, findings, accounts, publicUrl, listen }: Outcome): string {
  const command = commandName();
  const steps: string[] = [];
  const problems = findings.filter(({ state }) => state === 'problem');
  if (problems.length > 0) {
    steps.push(`Mend what is marked with ❌ above; this looks again: ${command} check --config ${file}`);
  }
  if (accounts.recoveryKey !== undefined) {
    steps.push('Keep a copy of bot.recovery_key from the file where you keep your passwords.');
  }
  if (publicUrl !== undefined) {
    const target = listen ?? '127.0.0.1:8080';
    steps.push(
      `Let ${publicUrl} lead to ${target} in your reverse proxy. With Caddy: reverse_proxy ${target}. Others: ${packageFile('docs/deploy.md')}.`,
    );
  }
  steps.push(`Start the bot: ${command} --config ${file}. As a service: ${packageFile('docs/deploy.md')}.`);
  steps.push(
    `Start a direct chat with ${accounts.botUserId} in your client and send help. In Element: + → Start new chat, enter this user ID; or open the bot’s profile → Send message. Element then makes an encrypted room.`,
  );
  return `\nLeft to do:\n${steps.map((step, index) => `${index + 1}. ${step}`).join('\n')}`;
}
