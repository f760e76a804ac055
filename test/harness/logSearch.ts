// What a bot in this process has logged.
import { expect, vi } from 'vitest';
import type { RestartableBot } from './restartableBot.ts';

export interface LogEntry {
  /** As pino numbers them. */
  readonly level: number;
  readonly msg: string;
  readonly retryInMs?: number;
}

export const WARN = 40;
export const ERROR = 50;

/** What was logged so far, at `level` or above. */
export function logged({ logLines }: Pick<RestartableBot, 'logLines'>, level = 0): LogEntry[] {
  return logLines.map((line) => JSON.parse(line) as LogEntry).filter((entry) => entry.level >= level);
}

/** Resolves once at least `times` new lines of the log match; with them. */
export async function waitForLog(
  bot: Pick<RestartableBot, 'logLines'>,
  pattern: RegExp,
  times = 1,
): Promise<LogEntry[]> {
  const before = bot.logLines.length;
  return await vi.waitFor(
    () => {
      const found = logged(bot)
        .slice(before)
        .filter(({ msg }) => pattern.test(msg));
      if (found.length < times) throw new Error(`Not in the log yet: ${pattern}\n${bot.logLines.join('')}`);
      return found;
    },
    { timeout: 20_000, interval: 20 },
  );
}

/** No line of a log, at whatever level, holds one of these values. */
export function expectNoSecrets(lines: readonly string[], secrets: Iterable<string>): void {
  const given = [...secrets];
  expect(lines.filter((line) => given.some((secret) => line.includes(secret)))).toEqual([]);
}
