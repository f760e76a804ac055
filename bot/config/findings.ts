// What is wrong or doubtful in a configuration, and how it is reported. Nothing here holds a secret: `found` is
// made by `quoted`, which knows which keys are secret.
import { count } from '../../common/duration.ts';

/** Where a value was read from, or looked for. */
export type Origin =
  /** `line` and `column` count from 1. */
  | { readonly kind: 'file'; readonly file: string; readonly line?: number; readonly column?: number }
  | { readonly kind: 'variable'; readonly variable: string }
  /** A file that an environment variable ending in `_FILE` names. */
  | { readonly kind: 'secret file'; readonly variable: string; readonly file: string }
  | { readonly kind: 'option'; readonly option: string }
  /** Not given. `file`: the configuration file; `fileFound`: whether there was one. */
  | {
      readonly kind: 'nowhere';
      readonly file: string;
      readonly fileFound: boolean;
      readonly variable: string;
    };

export interface ConfigProblem {
  /** The key (`bot.server`) or what else is wrong (`configuration file`). */
  readonly key: string;
  /** What it was, to be read after "KEY is": `"five"`, `«hidden»`, `missing`, `a list`. */
  readonly found: string;
  readonly wanted: string;
  /** What to do about this very value; a full sentence. */
  readonly hint?: string | undefined;
  readonly where: Origin;
}

export interface ConfigWarning {
  readonly key: string;
  /** One or two full sentences. */
  readonly message: string;
  readonly where: Origin;
}

const HIDDEN = '«hidden»';
const LONGEST_SHOWN = 120;
/** What stands before the last @ in an address, also in one that is not valid. User IDs start with their @. */
const CREDENTIALS = /^(?:([a-z][a-z\d+.-]*:\/\/).*@|[^@:]+:.*@)/is;

/** A value as messages may show it: on one line, not too long, without secrets. */
export function quoted(text: string, secret: boolean): string {
  if (secret) return HIDDEN;
  // An address may carry a password as well: https://user:password@host.
  const harmless = text.replace(CREDENTIALS, (_, scheme = '') => `${scheme}${HIDDEN}@`);
  return JSON.stringify(harmless.length > LONGEST_SHOWN ? `${harmless.slice(0, LONGEST_SHOWN)}…` : harmless);
}

function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return (
        origin.file +
        (origin.line === undefined ? '' : `, line ${origin.line}`) +
        (origin.column === undefined ? '' : `, column ${origin.column}`)
      );
    case 'variable':
      return `environment variable ${origin.variable}`;
    case 'secret file':
      return `file ${origin.file}, named by environment variable ${origin.variable}`;
    case 'option':
      return `option ${origin.option}`;
    case 'nowhere':
      return `${origin.fileFound ? `not in ${origin.file}` : `there is no ${origin.file}`}, and environment variable ${origin.variable} is not set`;
  }
}

/** All problems as one message for standard error; ends in a line break. */
export function renderConfigProblems(problems: readonly ConfigProblem[]): string {
  const blocks = problems.map(({ key, found, wanted, hint, where }) => {
    const lines = [`  ${key} is ${found}`, `    wanted: ${wanted}`];
    if (hint !== undefined) lines.push(`    hint:   ${hint}`);
    lines.push(`    where:  ${describeOrigin(where)}`);
    return lines.join('\n');
  });
  return `The configuration has ${count(problems.length, 'problem')}:\n\n${blocks.join('\n\n')}\n`;
}

/** A warning as one line, without a line break. */
export function renderConfigWarning({ message, where }: ConfigWarning): string {
  return `${message} (${describeOrigin(where)})`;
}
