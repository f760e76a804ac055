// The programs that the tests of deploy/ need. test/harness/prerequisites.ts installs them.
import { resolve } from 'node:path';
import { findProgram } from '../harness/programs.ts';

export const ROOT = resolve(import.meta.dirname, '..', '..');

/** Where a program is. Throws an `Error` if it is nowhere. */
export function tool(name: string): string {
  const found = findProgram(name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}
