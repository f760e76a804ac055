// The bot under test: in this process, where a test moves the clock or looks into the store; or as a process of its
// own, where it is killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BotDependencies, type RunningBot, startBot } from '../../bot/bot.ts';
import type { Config } from '../../bot/config/config.ts';
import { loadConfig } from '../../bot/config/load.ts';
import { routeSdkLog } from '../../bot/matrix/sdkLog.ts';
import { createLog, type Log } from '../../bot/observability/log.ts';
import { endWithUs, npmStartArguments } from './npmStart.ts';
import { testFolder } from './testFolder.ts';

/** Environment variables of the configuration, such as `BOT_PREFIX`. */
export type Settings = Record<string, string>;

export interface TestBot extends RunningBot {
  readonly config: Config;
  readonly dataDir: string;
  /** Everything logged so far, one JSON object a line. */
  readonly logLines: string[];
}

export interface TestBotOptions extends Omit<Partial<BotDependencies>, 'log'> {
  /** Kept at the end; default: a temporary one. */
  dataDir?: string;
  settings?: Settings;
  /** Shorter than the configuration allows (ms). */
  confirmTimeout?: number;
}

/** Starts a bot in this process that logs in as `username` with `password`, and waits for its first sync. */
export async function startTestBot(
  server: string,
  account: { username: string; password: string },
  options: TestBotOptions = {},
): Promise<TestBot> {
  const { dataDir = temporaryDataDir(), settings = {}, confirmTimeout, ...dependencies } = options;
  const env = {
    BOT_SERVER: server,
    BOT_USERNAME: account.username,
    BOT_PASSWORD: account.password,
    BOT_DATA_DIR: dataDir,
  };
  const loaded = loadConfig({ cwd: dataDir, env: { ...env, ...settings } });
  if (!loaded.ok) throw new Error(`The test's configuration is wrong: ${JSON.stringify(loaded.problems)}`);
  const config =
    confirmTimeout === undefined ? loaded.config : { ...loaded.config, confirm_timeout: confirmTimeout };
  const { log, lines } = await collectingLog();
  routeSdkLog(log);
  const bot = await startBot(config, { ...dependencies, log });
  await bot.synced;
  return { ...bot, config, dataDir, logLines: lines };
}

async function collectingLog(): Promise<{ log: Log; lines: string[] }> {
  const lines: string[] = [];
  return {
    lines,
    log: await createLog({ level: 'debug', format: 'json' }, { write: (line) => void lines.push(line) }),
  };
}

const temporaryDirs: string[] = [];

/** A folder that is removed when the test process ends. */
export function temporaryDataDir(): string {
  const dir = mkdtempSync(join(testFolder(), 'regbot-test-'));
  if (temporaryDirs.length === 0) process.once('exit', removeTemporaryDirs);
  temporaryDirs.push(dir);
  return dir;
}

function removeTemporaryDirs(): void {
  for (const dir of temporaryDirs) rmSync(dir, { recursive: true, force: true });
}

export interface BotProcess {
  readonly child: ChildProcess;
  /** Standard output and standard error so far. */
  output(): string;
  /** Resolves once the output matches; rejects if the process ends before. */
  waitForOutput(pattern: RegExp): Promise<void>;
  /** Resolves with the exit status (null after a signal). */
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Runs the bot's command line as its own process with nothing but `settings` in its configuration. Ended with this process.
 * @param program what `node` is given before the arguments
 */
export function spawnBot(
  settings: Settings,
  args: readonly string[] = [],
  cwd = temporaryDataDir(),
  program: readonly string[] = npmStartArguments(),
): BotProcess {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [...program, ...args], {
    cwd,
    env: { PATH, LOGGING_FORMAT: 'json', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (status) => resolve(status));
  });
  return {
    child,
    exited,
    output: () => text,
    kill: (signal) => child.kill(signal),
    waitForOutput: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        exited.then((status) =>
          reject(new Error(`The bot ended (${status}) before its output matched ${pattern}:\n${text}`)),
        );
      }),
  };
}
