// An answer judged like the value of its key in a configuration file.
import { stringify } from 'yaml';
import type { Path } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';

export type Answer = string | readonly string[];

/** What is wrong with an answer, in one line; undefined: nothing. */
export function answerProblem(path: Path, answer: Answer): string | undefined {
  // In a file, it would count as not given.
  if (answer.length === 0 || (typeof answer === 'string' && answer.trim() === '')) return 'It is empty.';
  const needed = { bot: { server: 'https://example.org', access_token: 'x' } };
  const [section = '', key = ''] = path.split('.');
  const document = { ...needed, [section]: { ...(section === 'bot' ? needed.bot : {}), [key]: answer } };
  const loaded = loadConfig({ cwd: '/', env: {}, readFile: () => stringify(document) });
  const problem = loaded.ok ? undefined : loaded.problems.find((one) => one.key === path);
  if (problem === undefined) return undefined;
  const { found, wanted, hint } = problem;
  return `${found} will not do; wanted: ${wanted}.${hint === undefined ? '' : ` ${hint}`}`;
}
