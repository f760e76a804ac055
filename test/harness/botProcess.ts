// The bot as a process of its own, with nothing but what a test gives it, and folders for its data.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endWithUs, npmStartArguments } from './npmStart.ts';
import { testFolder } from './testFolder.ts';

/** Environment variables of the configuration, such as `BOT_PREFIX`. */
export type Settings = Record<string, string>;

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
