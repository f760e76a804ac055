// Makes `npm run …` work from a fresh clone: installs the dependencies when they are missing or older than the
// lockfile. Plain JavaScript, because it runs on whatever Node the machine has, before Node 24 is there.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingNode } from './missing-node.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lockfile = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');

function upToDate() {
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs;
}

const fresh = !upToDate();
if (fresh) {
  process.stderr.write('Installing the dependencies (npm ci) …\n');
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  try {
    execFileSync(command, [...first, 'ci', '--no-audit', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
  } catch (error) {
    process.stderr.write(
      `npm ci failed (${error.message}). Look at its output above, then run this again.\n`,
    );
    process.exit(1);
  }
}

const brought = ['node', 'node.cmd'].some((name) => existsSync(join(root, 'node_modules', '.bin', name)));
const { platform, arch, versions } = process;
const message = missingNode({ version: versions.node, brought, system: `${platform} ${arch}` });
if (message !== undefined) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
if (fresh) await import('./warm-compile-cache.mjs');
