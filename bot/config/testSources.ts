// For the tests of this folder: configurations from files that exist in memory only.
import type { Config } from './config.ts';
import { type ConfigProblem, type ConfigWarning, renderConfigProblems } from './findings.ts';
import { type LoadedConfig, loadConfig } from './load.ts';

export interface TestSources {
  /** Content of /srv/bot/config.yml. */
  readonly yaml?: string;
  readonly env?: Record<string, string>;
  /** Other files by absolute path; an Error is thrown when the file is read. */
  readonly files?: Record<string, string | Error>;
  readonly configPath?: string;
}

/** Enough for a bot, so that a test can name only what it is about. */
export const MINIMUM = { BOT_SERVER: 'https://matrix.example.org', BOT_ACCESS_TOKEN: 'syt_bot' };

export function load({ yaml, env = MINIMUM, files = {}, configPath }: TestSources): LoadedConfig {
  const all: Record<string, string | Error> = { ...files };
  if (yaml !== undefined) all['/srv/bot/config.yml'] = yaml;
  return loadConfig({
    cwd: '/srv/bot',
    env,
    configPath,
    readFile(path) {
      const content = all[path] ?? fileError('ENOENT');
      if (content instanceof Error) throw content;
      return content;
    },
  });
}

/** The configuration; throws if there are problems. */
export function loaded(sources: TestSources): { config: Config; warnings: readonly ConfigWarning[] } {
  const result = load(sources);
  if (!result.ok) throw new Error(renderConfigProblems(result.problems));
  return result;
}

/** The problems; throws if there are none. */
export function problemsOf(sources: TestSources): readonly ConfigProblem[] {
  const result = load(sources);
  if (result.ok) throw new Error('The configuration has no problem.');
  return result.problems;
}

/** `MINIMUM` with other variables. */
export function withEnv(env: Record<string, string>): TestSources {
  return { env: { ...MINIMUM, ...env } };
}

export function fileError(code: string): Error {
  return Object.assign(new Error(`${code}: of the test`), { code });
}
