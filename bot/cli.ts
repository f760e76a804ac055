// The command line: reads the configuration, then runs the bot or checks it against the servers.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Problem } from '../common/problem.ts';
import { startBot } from './bot.ts';
import { FINDING_MARKS } from './chat/render/status.ts';
import { checkServers } from './check.ts';
import { renderConfigProblems, renderConfigWarning } from './config/findings.ts';
import { loadConfig } from './config/load.ts';
import { routeSdkLog } from './homeserver/sdkLog.ts';
import { createLog } from './log.ts';

const USAGE = `Usage: matrix-registration-bot [--config FILE] [--check]

  --config FILE  the configuration; else CONFIG_PATH, else config.yml in this folder
  --check        verify the configuration against the servers, say what to fix, and end
  --version      print the version
  --help         print this
`;

/** Exit statuses. 2: the configuration is wrong, starting again does not help. */
const OK = 0;
const FAILED = 1;
const MISCONFIGURED = 2;

/** Runs until SIGINT or SIGTERM. Returns the exit status. */
export async function main(args: string[]): Promise<number> {
  const options = readArguments(args);
  if (options === undefined) return MISCONFIGURED;
  if (options.help) return print(USAGE);
  if (options.version) return print(`${version()}\n`);

  const loaded = loadConfig({ cwd: process.cwd(), env: process.env, configPath: options.config });
  if (!loaded.ok) {
    for (const warning of loaded.warnings) process.stderr.write(`${renderConfigWarning(warning)}\n`);
    process.stderr.write(renderConfigProblems(loaded.problems));
    return MISCONFIGURED;
  }
  const log = await createLog(loaded.config.logging);
  routeSdkLog(log);
  if (options.check) {
    for (const warning of loaded.warnings) process.stderr.write(`${renderConfigWarning(warning)}\n`);
    const findings = await checkServers(loaded.config, log);
    for (const { state, about, text } of findings) print(`${FINDING_MARKS[state]} ${about}: ${text}\n`);
    return findings.some(({ state }) => state === 'problem') ? FAILED : OK;
  }
  for (const warning of loaded.warnings) log.warn(renderConfigWarning(warning));
  try {
    const stopped = stopSignal();
    const bot = await Promise.race([startBot(loaded.config, { log }), stopped]);
    if (bot === undefined) return OK;
    bot.synced.then(() => log.info({ userId: bot.userId, startMs: Math.round(performance.now()) }, 'Ready'));
    const signal = await stopped.then(() => 'stop');
    log.info('Stopping');
    if (signal) await bot.stop();
    return exitWith(OK);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log.error(error.sentence);
    return exitWith(error.code === 'bot_credential_refused' ? MISCONFIGURED : FAILED);
  }
}

/** A long poll may be under way, which would keep the process for half a minute. */
function exitWith(status: number): never {
  process.exit(status);
}

function readArguments(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string' },
        check: { type: 'boolean', default: false },
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

function stopSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(undefined));
  });
}

function print(text: string): number {
  process.stdout.write(text);
  return OK;
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
