// Finds the bot's data files. A module compiled for the npm package is at another path than its source, so files are
// looked up from the folder of package.json.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that holds package.json. */
export const PACKAGE_ROOT = findRoot(import.meta.dirname);

/** @param path from the project's root, with slashes: `widget/dist` */
export function packageFile(path: string): string {
  return join(PACKAGE_ROOT, ...path.split('/'));
}

/** The version in package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;
}

function findRoot(folder: string): string {
  const parent = dirname(folder);
  return existsSync(join(folder, 'package.json')) || parent === folder ? folder : findRoot(parent);
}
