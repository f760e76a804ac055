// The steps of `init`, in the order in which they build on each other. Nothing is changed on the homeserver and nothing is
// written before all answers are there.
import { dirname, resolve } from 'node:path';
import { Problem } from '../../../common/problems/problem.ts';
import type { Path } from '../../config/config.ts';
import { renderConfigProblems, renderConfigWarning } from '../../config/findings.ts';
import { loadConfig } from '../../config/load.ts';
import { FINDING_MARKS, findingText, type StatusReport } from '../../status/finding.ts';
import { liftRateLimits } from '../../tokens/backends/synapse/rateLimits.ts';
import { checkServers } from '../check.ts';
import { type Answer, answerProblem } from './answer.ts';
import { makeDataDir, requireWritable, writeConfig } from './files.ts';
import { findHomeserver } from './findHomeserver.ts';
import { leftToDo } from './leftToDo.ts';
import { DEFAULT_DATA_DIR, NO_WIDGET, WHOLE_HOMESERVER } from './options.ts';
import { type Setting, settle } from './settle.ts';
import { type Accounts, settleAccounts } from './settleAccounts.ts';

/** Returns what the check of the written configuration found. @throws Problem, Cancelled */
export async function setUp(setting: Setting): Promise<StatusReport> {
  const { given, dialog } = setting;
  const file = resolve(given.file);
  requireWritable(file, given.force);

  const server = await settle(
    dialog,
    given.answers.get('bot.server')?.toString(),
    (asked) => asked.text('Your homeserver', { placeholder: 'example.org, or https://matrix.example.org' }),
    findHomeserver,
  );
  dialog?.good(`The homeserver answers at ${server}.`);
  const accounts = await settleAccounts(setting, server);
  const answers = new Map(given.answers);
  await settleAllowed(setting, accounts, answers);
  await settleWidget(setting, answers);
  await settle(
    dialog,
    given.answers.get('bot.data_dir')?.toString() ?? (dialog ? undefined : DEFAULT_DATA_DIR),
    (asked) =>
      asked.text('Folder for the bot’s state', {
        initial: DEFAULT_DATA_DIR,
        check: (text) => answerProblem('bot.data_dir', text),
      }),
    async (folder) => {
      makeDataDir(resolve(dirname(file), folder));
      answers.set('bot.data_dir', folder);
    },
  );
  putAccounts(answers, server, accounts);

  await accounts.change?.apply();
  if (accounts.change !== undefined) print(accounts.change.done);
  await freeOfLimits(accounts);
  writeConfig(file, answers);
  print(`Wrote ${file}, readable for you alone.`);
  const findings = await check(setting, file);
  const publicUrl = answers.get('widget.public_url')?.toString();
  print(leftToDo({ file, findings, accounts, publicUrl, listen: answers.get('widget.listen')?.toString() }));
  return findings;
}

/** Otherwise whoever makes the bot answer keeps everybody else waiting. */
async function freeOfLimits({ adminApi, botUserId }: Accounts): Promise<void> {
  try {
    await liftRateLimits(adminApi, botUserId);
    print(`Lifted the homeserver’s rate limits for ${botUserId}, so that it answers at once.`);
  } catch (error) {
    // The bot works without: the check says what to do.
    if (!(error instanceof Problem)) throw error;
  }
}

async function settleAllowed(
  { given, dialog }: Setting,
  { adminUserId, botUserId }: Accounts,
  answers: Map<Path, Answer>,
): Promise<void> {
  const server = botUserId.slice(botUserId.indexOf(':') + 1);
  const texts = (answer: string) => answer.split(/\s+/).filter((text) => text !== '');
  const asked = async () => {
    const answer = await dialog?.text(
      `Who may manage tokens? User IDs with spaces between them; leave it empty for every user of ${server}`,
      {
        initial: adminUserId,
        check: (text) => (texts(text).length === 0 ? undefined : answerProblem('access.allow', texts(text))),
      },
    );
    return texts(answer ?? '');
  };
  const allowed = given.answers.get('access.allow') ?? (await asked());
  if (allowed.length === 0 || allowed[0] === WHOLE_HOMESERVER) answers.delete('access.allow');
  else answers.set('access.allow', allowed);
}

async function settleWidget({ given, dialog }: Setting, answers: Map<Path, Answer>): Promise<void> {
  const path = 'widget.public_url';
  const asked = () =>
    dialog?.text('Where will browsers reach the bot’s widget? Leave it empty for no widget', {
      placeholder: 'https://regbot.example.org',
      check: (text) => (text === '' ? undefined : answerProblem(path, text)),
    });
  const url = given.answers.get(path)?.toString() ?? (await asked()) ?? '';
  if (url !== '' && url !== NO_WIDGET) {
    answers.set(path, url);
    return;
  }
  // Without the address, the other keys would only be warned about.
  for (const key of [...answers.keys()]) if (key.startsWith('widget.')) answers.delete(key);
}

function putAccounts(answers: Map<Path, Answer>, server: string, accounts: Accounts): void {
  const { bot, api, adminApi, recoveryKey } = accounts;
  const values: Partial<Record<Path, string | undefined>> = {
    'bot.server': server,
    'bot.username': bot.username,
    'bot.password': bot.accessToken === undefined ? bot.password : undefined,
    'bot.access_token': bot.accessToken,
    'bot.recovery_key': answers.get('bot.recovery_key')?.toString() ?? recoveryKey,
    'api.base_url': adminApi.baseUrl === server ? undefined : adminApi.baseUrl,
    'api.token': api?.accessToken,
    'api.username': api?.username,
    'api.password': api?.password,
  };
  for (const [path, value] of Object.entries(values) as [Path, string | undefined][]) {
    if (value === undefined) answers.delete(path);
    else answers.set(path, value);
  }
}

async function check({ logins, log }: Setting, file: string): Promise<StatusReport> {
  const loaded = loadConfig({ cwd: dirname(file), env: {}, configPath: file });
  for (const warning of loaded.warnings) print(renderConfigWarning(warning));
  // Each answer was judged before.
  if (!loaded.ok) throw new Error(renderConfigProblems(loaded.problems));
  const findings = await checkServers(loaded.config, log, logins.stores);
  for (const finding of findings) {
    print(`${FINDING_MARKS[finding.state]} ${finding.about}: ${findingText(finding)}`);
  }
  return findings;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
