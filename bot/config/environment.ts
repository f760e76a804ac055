// The environment variables that set keys.

import { resolve } from 'node:path';
import type { Path } from './config.ts';
import type { ConfigProblem, ConfigWarning, Origin } from './findings.ts';
import { fileTrouble, type Given, type Reader, type ReadFile } from './given.ts';
import { FOUND, WARNINGS } from './messages.ts';
import { nearest } from './nearest.ts';
import { PATHS, SECTIONS, secretFileVariableOf, settingOf, variableOf } from './schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** @param cwd what relative paths of secret files start at */
export function readEnvironment(env: Environment, cwd: string, readFile: ReadFile): Reader {
  const given = new Map<Path, Given>();
  const wrong = new Map<Path, Origin>();
  const problems: ConfigProblem[] = [];

  for (const path of PATHS) {
    const variable = variableOf(path);
    const fileVariable = secretFileVariableOf(path);
    const direct = valueIfSet(env, variable);
    const secretFile = fileVariable === undefined ? undefined : valueIfSet(env, fileVariable);
    const refuse = (found: string, wanted: string, where: Origin) => {
      wrong.set(path, where);
      problems.push({ key: path, found, wanted, where });
    };

    if (fileVariable === undefined || secretFile === undefined) {
      if (direct !== undefined) given.set(path, fromVariable(path, direct, variable));
    } else if (direct !== undefined) {
      const where: Origin = { kind: 'variable', variable: fileVariable };
      refuse(FOUND.given_by_both({ variable, fileVariable }), 'only one of the two', where);
    } else {
      const file = resolve(cwd, secretFile.trim());
      const where: Origin = { kind: 'secret file', variable: fileVariable, file };
      const content = readSecret(file, readFile);
      if (content.ok) given.set(path, { where, pieces: [{ text: content.text, where }] });
      else refuse(content.found, 'a readable file that holds the secret and nothing else', where);
    }
  }
  return { given, wrong, problems, warnings: misspelt(env) };
}

/** The value of a variable; empty counts as not set. */
export function valueIfSet(env: Environment, variable: string): string | undefined {
  const value = env[variable];
  return value === undefined || value.trim() === '' ? undefined : value;
}

function fromVariable(path: Path, value: string, variable: string): Given {
  const where: Origin = { kind: 'variable', variable };
  const texts = settingOf(path).kind.list ? splitList(value) : [value];
  return { where, pieces: texts.map((text) => ({ text, where })) };
}

/** The entries of a list in a single text: separated by commas, empty ones left out. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function readSecret(
  file: string,
  readFile: ReadFile,
): { ok: true; text: string } | { ok: false; found: string } {
  try {
    const text = readFile(file).replace(/[\r\n]+$/, '');
    return text === '' ? { ok: false, found: FOUND.empty_secret } : { ok: true, text };
  } catch (error) {
    return { ok: false, found: FOUND.unusable_secret(fileTrouble(error)) };
  }
}

/** Variables that differ so little from a known one that they are not another program's. */
function misspelt(env: Environment): ConfigWarning[] {
  const known = PATHS.flatMap((path) => [variableOf(path), secretFileVariableOf(path) ?? []].flat());
  const prefixes = Object.keys(SECTIONS).map((section) => `${section.toUpperCase()}_`);
  const warnings: ConfigWarning[] = [];
  for (const variable of Object.keys(env)) {
    if (valueIfSet(env, variable) === undefined || known.includes(variable)) continue;
    if (!prefixes.some((prefix) => variable.startsWith(prefix))) continue;
    const guess = nearest(variable, known, 2);
    if (guess === undefined) continue;
    warnings.push({
      key: variable,
      message: WARNINGS.unknown_variable({ variable, guess }),
      where: { kind: 'variable', variable },
    });
  }
  return warnings;
}
