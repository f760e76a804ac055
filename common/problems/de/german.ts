// The catalogue of problems in German. A missing entry does not compile.
import type { ProblemCode } from '../catalogue.ts';
import { type NestedProblem, type Translation, wordsOf } from '../entry.ts';
import type { Problem } from '../problem.ts';
import { ACCESS } from './access.ts';
import { COMMANDS } from './commands.ts';
import { DATA_FOLDER } from './dataFolder.ts';
import { ENCRYPTION } from './encryptionKeys.ts';
import { HOMESERVER } from './homeserver.ts';
import { INPUT } from './input.ts';
import { KEYS } from './keys.ts';
import { LOGIN } from './login.ts';
import { PORTS } from './ports.ts';
import { TOKENS } from './registrationTokens.ts';
import { SET_UP } from './setUp.ts';
import { TOKEN_API } from './tokenApi.ts';
import type { Translated } from './translated.ts';
import { WEB } from './web.ts';

const GERMAN: Translated<ProblemCode> = {
  ...TOKENS,
  ...INPUT,
  ...COMMANDS,
  ...ACCESS,
  ...HOMESERVER,
  ...TOKEN_API,
  ...LOGIN,
  ...ENCRYPTION,
  ...KEYS,
  ...DATA_FOLDER,
  ...WEB,
  ...PORTS,
  ...SET_UP,
};

/** Without the remedy. */
export function causeInGerman({ code, params }: Pick<Problem, 'code' | 'params'>): string {
  const { cause }: Translation = GERMAN[code];
  return wordsOf(cause, params);
}

/** Cause and remedy, to show to a person. */
export function inGerman({ code, params }: Pick<Problem, 'code' | 'params'>): string {
  if (code === 'several_problems')
    return (params.problems as readonly NestedProblem[]).map(nestedInGerman).join(' ');
  const { cause, remedy }: Translation = GERMAN[code];
  return [wordsOf(cause, params), wordsOf(remedy, params)].filter((words) => words !== '').join(' ');
}

function nestedInGerman({ problem, params }: NestedProblem): string {
  return inGerman({ code: problem as ProblemCode, params });
}
