// What `init` makes on the disk.

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Problem, problem } from '../../../common/problems/problem.ts';
import { type Answers, fillTemplate } from '../../config/template.ts';
import { packageFile } from '../../lib/packageFiles.ts';

/**
 * Asked before any question, so that no answer is lost at the end.
 * @throws Problem if the file is there already, or can't be written
 */
export function requireWritable(file: string, force: boolean): void {
  if (!force && existsSync(file)) {
    throw problem('config_exists', { file });
  }
  requireFolder(dirname(file), 'The folder of the configuration');
}

/** Made if it is not there (0700). @throws Problem */
export function makeDataDir(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable('The data folder', folder, error);
  }
  requireFolder(folder, 'The data folder');
}

/** Readable for its owner only, and never half written. */
export function writeConfig(file: string, answers: Answers): void {
  const text = fillTemplate(readFileSync(packageFile('config.example.yml'), 'utf8'), answers);
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  renameSync(draft, file);
}

function requireFolder(folder: string, what: string): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(what, folder, error);
  }
}

function unusable(what: string, folder: string, error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error);
  return problem('folder_unusable', { what, folder, reason }, { cause: error });
}
