// The command line: its arguments, and the configuration that `run` and `check` need.
import { parseArgs } from 'node:util';
import { Problem } from '../../common/problems/problem.ts';
import { renderConfigProblems, renderConfigWarning } from '../config/findings.ts';
import { loadConfig } from '../config/load.ts';
import { packageVersion } from '../lib/packageFiles.ts';
import { formatRecoveryKey, makeRecoveryKey } from '../lib/recoveryKey.ts';
import { routeSdkLog } from '../matrix/sdkLog.ts';
import { createLog, type Log } from '../observability/log.ts';
import { commandName } from './commandName.ts';
import { EXIT } from './exit.ts';

const USAGE = `Usage: matrix-registration-bot [COMMAND] [--config FILE]

  (no command)   run the bot
  init           ask what is needed, write the configuration, and check it
  check          verify the configuration against the servers, say what to fix, and end
  migrate        take over what the Python bot has left

  --config FILE  the configuration; else CONFIG_PATH, else config.yml in this folder
  --check        the same as check
  --recovery-key print a new recovery key, for bot.recovery_key
  --version      print the version
  --help         print this; after init or migrate: their options

Exit status: 0 stopped or all well, 1 failed, 2 the configuration is wrong or its
credentials are refused, 3 the encryption keys don't fit the account's device. After
2 and 3 starting again does not help.
`;

const { ok: OK, failed: FAILED, misconfigured: MISCONFIGURED, keysUnusable: KEYS_UNUSABLE } = EXIT;

/** Does what the arguments say; runs the bot until SIGINT or SIGTERM. Returns the exit status, never throws. */
export async function main(args: string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'init' || command === 'migrate') {
    return await withoutLog(async () =>
      command === 'init'
        ? await (await import('./init/init.ts')).init(rest)
        : await (await import('./migrate/migrate.ts')).migrate(rest),
    );
  }
  const options = readArguments(command === 'check' ? [...rest, '--check'] : args);
  if (options === undefined) return MISCONFIGURED;
  if (options.help) return print(USAGE);
  if (options['recovery-key']) return print(`${formatRecoveryKey(makeRecoveryKey())}\n`);
  if (options.version) return print(`${packageVersion()}\n`);

  const loaded = loadConfig({ cwd: process.cwd(), env: process.env, configPath: options.config });
  if (!loaded.ok || options.check) {
    for (const warning of loaded.warnings) process.stderr.write(`${renderConfigWarning(warning)}\n`);
  }
  if (!loaded.ok) {
    process.stderr.write(renderConfigProblems(loaded.problems));
    if (loaded.problems.some(({ where }) => where.kind === 'nowhere' && !where.fileFound))
      process.stderr.write(`\nThis asks for all of it and writes the file: ${commandName()} init\n`);
    return MISCONFIGURED;
  }
  const { config } = loaded;
  // The findings are printed; at level info the log would repeat them.
  const level = options.check && config.logging.level === 'info' ? 'warn' : config.logging.level;
  const log = await createLog({ ...config.logging, level });
  routeSdkLog(log);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => process.exit(failure(error, log)));
  }
  if (!options.check) for (const warning of loaded.warnings) log.warn(renderConfigWarning(warning));
  try {
    if (options.check) return await (await import('./check.ts')).check(config, log);
    return await (await import('./run.ts')).run(config, log);
  } catch (error) {
    return failure(error, log);
  }
}

/** Prints an unexpected error to standard error: `init` and `migrate` have no log. */
async function withoutLog(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    process.stderr.write(`This ended through a fault of the program’s own: ${what}\n`);
    return FAILED;
  }
}

/** Says in one line what ended the bot, and returns the exit status. */
function failure(error: unknown, log: Log): number {
  if (error instanceof Problem) {
    log.error(error.sentence);
    if (error.kind === 'encryption_keys_unusable') return KEYS_UNUSABLE;
    return error.kind === 'bot_credential_refused' ? MISCONFIGURED : FAILED;
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  log.error(`The bot ended through a fault of its own: ${what}. At logging.level debug it says where.`);
  log.debug({ err: error }, 'Where it happened');
  return FAILED;
}

function readArguments(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string' },
        check: { type: 'boolean', default: false },
        'recovery-key': { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return undefined;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return OK;
}
