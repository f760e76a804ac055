// Makes the configuration from the file and the environment.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config, Path, ValueAt } from './config.ts';
import { type Environment, readEnvironment, splitList, valueIfSet } from './environment.ts';
import { type ConfigProblem, type ConfigWarning, type Origin, quoted } from './findings.ts';
import { fileTrouble, type Given, type ReadFile } from './given.ts';
import { FOUND, HINTS } from './messages.ts';
import { checkTogether, type Draft } from './rules.ts';
import { nest, PATHS, settingOf, variableOf } from './schema.ts';
import type { Reading } from './valueKinds.ts';
import { type FileReader, readConfigFile } from './yamlFile.ts';

export const DEFAULT_CONFIG_FILE = 'config.yml';

export interface ConfigSources {
  /** Absolute path of the working directory. */
  readonly cwd: string;
  readonly env: Environment;
  /** The argument of `--config`; relative to `cwd`. */
  readonly configPath?: string | undefined;
  /** Default: `readFileSync` as UTF-8. */
  readonly readFile?: ReadFile;
}

export type LoadedConfig =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly ConfigWarning[];
      /** Absolute path of the file that was read; undefined: there was none. */
      readonly file: string | undefined;
    }
  | {
      readonly ok: false;
      readonly problems: readonly ConfigProblem[];
      readonly warnings: readonly ConfigWarning[];
    };

/** Reads and checks the configuration. What is wrong with it is all returned at once; nothing is thrown. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const { cwd, env, readFile = (path) => readFileSync(path, 'utf8') } = sources;
  const named = configFile(sources);
  const file = openConfigFile(named, readFile);
  const environment = readEnvironment(env, cwd, readFile);

  const problems = [...file.problems, ...environment.problems];
  const warnings = [...file.warnings, ...environment.warnings];
  const values = new Map<Path, unknown>();
  const origins = new Map<Path, Origin>();
  const wrong = new Set<Path>();

  for (const path of PATHS) {
    const inEnvironment = environment.given.get(path);
    const unreadable = environment.wrong.get(path) ?? (inEnvironment ? undefined : file.wrong.get(path));
    const given = unreadable ? undefined : (inEnvironment ?? file.given.get(path));
    const where = unreadable ?? given?.where;
    if (where) origins.set(path, where);
    const reading = unreadable ? undefined : given ? readGiven(path, given) : readFallback(path);
    if (reading?.ok) {
      values.set(path, reading.value);
    } else if (where) {
      wrong.add(path);
      if (reading && given) problems.push(...refusals(path, given, reading));
    }
  }

  const draft: Draft = {
    state: (path) => (wrong.has(path) ? 'wrong' : origins.has(path) ? 'given' : 'absent'),
    // `values` holds under each path what that path's own setting has read.
    value: <P extends Path>(path: P) => values.get(path) as ValueAt<P> | undefined,
    where: (path) =>
      origins.get(path) ?? {
        kind: 'nowhere',
        file: named.file,
        fileFound: file.found,
        variable: variableOf(path),
      },
  };
  // Without the file's contents, whatever is in it would seem to be missing.
  if (!file.broken) {
    const together = checkTogether(draft);
    problems.push(...together.problems);
    warnings.push(...together.warnings);
  }
  if (problems.length > 0) return { ok: false, problems, warnings };

  const config = complete(values);
  config.bot.data_dir = resolve(file.found ? dirname(named.file) : cwd, config.bot.data_dir);
  return { ok: true, config, warnings, file: file.found ? named.file : undefined };
}

/** Which file to read; `by` is absent for the default, which need not exist. */
function configFile({ cwd, env, configPath }: ConfigSources): { file: string; by?: Origin } {
  if (configPath !== undefined) {
    return { file: resolve(cwd, configPath), by: { kind: 'option', option: '--config' } };
  }
  const variable = 'CONFIG_PATH';
  const fromEnv = valueIfSet(env, variable);
  return fromEnv === undefined
    ? { file: resolve(cwd, DEFAULT_CONFIG_FILE) }
    : { file: resolve(cwd, fromEnv), by: { kind: 'variable', variable } };
}

function openConfigFile(
  { file, by }: { file: string; by?: Origin },
  readFile: ReadFile,
): FileReader & { found: boolean } {
  let content: string;
  try {
    content = readFile(file);
  } catch (error) {
    const nothing = { given: new Map(), wrong: new Map(), warnings: [], found: false };
    const { missing, found } = fileTrouble(error);
    if (missing && !by) return { ...nothing, problems: [], broken: false };
    const problem: ConfigProblem = {
      key: 'configuration file',
      found,
      wanted: `a readable YAML file at ${file}`,
      hint: found === FOUND.folder ? HINTS.docker_folder : undefined,
      where: by ?? { kind: 'file', file },
    };
    return { ...nothing, problems: [problem], broken: true };
  }
  return { ...readConfigFile(content, file), found: true };
}

function readGiven<P extends Path>(path: P, given: Given): Reading<unknown> {
  return settingOf(path).kind.read(given.pieces.map(({ text }) => text));
}

function readFallback(path: Path): Reading<unknown> | undefined {
  const { fallback, kind } = settingOf(path);
  return fallback === undefined ? undefined : kind.read(kind.list ? splitList(fallback) : [fallback]);
}

function refusals(
  path: Path,
  given: Given,
  reading: Extract<Reading<unknown>, { ok: false }>,
): ConfigProblem[] {
  const { kind, secret = false } = settingOf(path);
  return reading.refusals.map(({ index, hint }) => {
    const piece = given.pieces[index];
    return {
      key: path,
      found: piece ? quoted(piece.text, secret) : FOUND.empty_list,
      wanted: kind.wanted,
      hint,
      where: piece?.where ?? given.where,
    };
  });
}

/** With the values that are taken from other keys; undefined where there is none. */
function complete(values: ReadonlyMap<Path, unknown>): Config {
  const source = (path: Path) => (values.has(path) ? path : (settingOf(path).sameAs ?? path));
  return nest(new Map(PATHS.map((path) => [path, values.get(source(path))])));
}
