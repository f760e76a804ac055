// The programs that the tests of deploy/ need. Without them they fail, and say what to install.
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..', '..');

/** Debian keeps servers where only root has them in the PATH. */
const ALSO = ['/usr/sbin', '/usr/local/sbin'];

/** Where a program is. Throws an `Error` that names Debian's package for it. */
export function tool(name: string, debianPackage: string): string {
  const found = findTool(name);
  if (found === undefined) {
    throw new Error(`The tests of deploy/ need ${name}. Install it: apt-get install ${debianPackage}`);
  }
  return found;
}

export function findTool(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ALSO];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
