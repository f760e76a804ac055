// An entry of the Python bot's allow list, as one of ours.
import { Problem } from '../../../common/problems/problem.ts';
import { compilePattern, isPlainUserId } from '../../access/patterns.ts';

export type Translation =
  /** `entry`: the intended pattern, without the wrapper of `WRAPPED`. */
  | { readonly ok: true; readonly pattern: string; readonly entry: string }
  | { readonly ok: false; readonly why: string };

/** How versions of its library from 2022 to 2023 wrote a pattern into the file: such an entry matches no user ID. */
const WRAPPED = /^re\.compile\((['"])(.*)\1(?:, re\.[A-Z.|re]+)?\)$/s;

/** The old bot matched whole user IDs as well, so what marks their ends says nothing. */
export function translate(written: string): Translation {
  const entry = unwrapped(written);
  if (entry.startsWith('re.compile(')) {
    return { ok: false, why: 'The old bot cut it off when it wrote the file (it kept 200 characters).' };
  }
  const whole = entry.replace(/^\^/, '').replace(/(?<!\\)\$$|\\Z$/, '');
  const literal = whole.replace(/\\([.@:_=/+-])/g, '$1');
  const pattern = isPlainUserId(literal) ? literal : whole;
  try {
    compilePattern(pattern);
    return { ok: true, pattern, entry };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, why: error.sentence };
    throw error;
  }
}

/** Whether an entry was written in the form that locked everybody out. */
export function isWrapped(written: string): boolean {
  return WRAPPED.test(written);
}

function unwrapped(written: string): string {
  let text = written;
  for (let inner = WRAPPED.exec(text); inner !== null; inner = WRAPPED.exec(text)) text = inner[2] ?? '';
  return text;
}
