// Where the files are that belong to the bot but are no code. Compiled for the npm package, a module lies somewhere else
// than its source; the package's own folder is what both have above them.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that holds package.json. */
export const PACKAGE_ROOT = findRoot(import.meta.dirname);

/** @param path from the project's root, with slashes: `widget/dist` */
export function packageFile(path: string): string {
  return join(PACKAGE_ROOT, ...path.split('/'));
}

/** As package.json says. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;
}

function findRoot(folder: string): string {
  const parent = dirname(folder);
  return existsSync(join(folder, 'package.json')) || parent === folder ? folder : findRoot(parent);
}
