// The command line as an admin uses it: run to its end, with what it printed and its exit status.
import { expect } from 'vitest';
import { type Settings, spawnBot } from '../harness/botProcess.ts';

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export async function runCli(
  args: readonly string[],
  { settings = {}, cwd, program }: { settings?: Settings; cwd?: string; program?: readonly string[] } = {},
): Promise<Ended> {
  const bot = spawnBot(settings, args, cwd, program);
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    bot.child[stream]?.on('data', (chunk: string) => {
      printed[stream] += chunk;
    });
  }
  const ended = { status: await bot.exited, ...printed };
  // Never a stack trace, whatever goes wrong.
  expect(ended.stdout + ended.stderr).not.toMatch(/^\s+at .*:\d+/m);
  return ended;
}

/** The one line that JSON logs hold at a level. */
export function messagesAt(level: number, { stdout }: Pick<Ended, 'stdout'>): string[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { level: number; msg: string })
    .filter((entry) => entry.level === level)
    .map(({ msg }) => msg);
}
