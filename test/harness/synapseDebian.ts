// Synapse from Debian, for machines that reach a Debian mirror but not PyPI: Debian sid in a directory of its own.
//
// Its Python is run with its own loader and libraries, without chroot: that needs no root once it is installed, and
// the server's data can lie anywhere.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { installPackages } from './debianPackages.ts';
import type { OnProgress, SynapseProgram } from './synapseProgram.ts';

const SUITE = 'sid';
export const DEBIAN_RECIPE = `${SUITE} 1`;
const APT_ENV = { DEBIAN_FRONTEND: 'noninteractive' };

/** Throws an `Error` that says why Debian's package can't be had here. */
export async function installFromDebian(directory: string, onProgress: OnProgress): Promise<SynapseProgram> {
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) {
    throw new Error('this way needs Debian or one of its relatives.');
  }
  if (process.getuid?.() !== 0) throw new Error('this way needs root, for debootstrap.');
  await ensureDebootstrap(onProgress);
  const root = join(directory, 'root');
  onProgress(`Installing Synapse from Debian ${SUITE} into ${root} (700 MB); this happens once …`);
  onProgress('  debootstrap …');
  await runCommand('debootstrap', ['--variant=minbase', SUITE, root]);
  // A mirror that lags behind has a Release file past its validity date.
  writeFileSync(join(root, 'etc/apt/apt.conf.d/99stale-mirror'), 'Acquire::Check-Valid-Until "false";\n');
  // The package would start Synapse as a service otherwise.
  writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  onProgress('  apt-get install matrix-synapse …');
  await runCommand('chroot', [root, 'apt-get', 'update']);
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', 'matrix-synapse'];
  await runCommand('chroot', [root, ...install], { env: APT_ENV });
  await runCommand('chroot', [root, 'apt-get', 'clean']);
  const program = programIn(root);
  await runCommand(program.command, [...program.args, '-c', 'import synapse.app.homeserver'], {
    env: program.env,
  });
  return program;
}

/** Unmounts what an interrupted debootstrap left mounted (`/proc`), before the directory is removed. */
export async function unmountBelow(directory: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const mounted = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1]?.replaceAll('\\040', ' ') ?? '')
    .filter((path) => path.startsWith(`${directory}/`));
  for (const path of mounted.reverse()) await runCommand('umount', [path]);
}

async function ensureDebootstrap(onProgress: OnProgress): Promise<void> {
  const there = await runCommand('debootstrap', ['--version']).then(
    () => true,
    () => false,
  );
  if (there) return;
  onProgress('Installing debootstrap …');
  await installPackages(['debootstrap']);
}

function programIn(root: string): SynapseProgram {
  const loader = oneOf(
    ['lib64', 'lib'].map((folder) => join(root, folder)),
    /^ld-linux-.*\.so\.\d+$/,
  );
  const libraries = oneOf([join(root, 'usr/lib')], /-linux-gnu[a-z0-9]*$/);
  return {
    kind: 'program',
    command: loader,
    args: ['--library-path', libraries, join(root, 'usr/bin/python3')],
    env: { PYTHONHOME: join(root, 'usr') },
  };
}

function oneOf(folders: readonly string[], name: RegExp): string {
  for (const folder of folders) {
    const entry = existsSync(folder) ? readdirSync(folder).find((file) => name.test(file)) : undefined;
    if (entry !== undefined) return join(folder, entry);
  }
  throw new Error(`the installed Debian has no file ${name} in ${folders.join(' or ')}.`);
}
