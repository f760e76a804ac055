// The bot as `npm start` runs it: the same Node options, read from package.json, and a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** What `node` is given by `npm start`, with the script as an absolute path. */
export function npmStartArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const command = scripts.start.split('&&').at(-1) ?? '';
  const words = command
    .trim()
    .replace(/^exec\s+/, '')
    .split(/\s+/);
  const script = words.at(-1);
  if (words[0] !== 'node' || script === undefined)
    throw new Error(`“${scripts.start}” does not end in node … SCRIPT.`);
  return [...words.slice(1, -1), join(ROOT, script)];
}

export interface BotProcessOptions {
  args: readonly string[];
  cwd: string;
  /** Default: inherited. */
  env?: NodeJS.ProcessEnv;
  /** A file descriptor, or `pipe`. Standard error goes to the same place. */
  output: number | 'pipe';
}

/** Starts the bot. It does not hear the terminal's Ctrl-C, and it ends with this process, however that ends. */
export function spawnLikeNpmStart({ args, cwd, env = process.env, output }: BotProcessOptions): ChildProcess {
  const child = spawn(process.execPath, [...npmStartArguments(), ...args], {
    cwd,
    env,
    stdio: ['ignore', output, output],
    detached: true,
  });
  endWithUs(child);
  return child;
}

/**
 * A shell that waits for the end of this process, which closes its standard input (after a kill -9 as well), and then
 * ends the child. So nothing has to be added to the child's own command line.
 */
export function endWithUs(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  const guard = spawn('sh', ['-c', 'cat > /dev/null; kill -TERM "$0" 2> /dev/null', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.stdin.on('error', () => undefined);
  guard.unref();
  child.once('exit', () => guard.kill('SIGKILL'));
}

/** Lets a child end in good order. Resolves once it has ended. */
export async function endChild(child: ChildProcess, graceMs = 10_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(timer);
}
