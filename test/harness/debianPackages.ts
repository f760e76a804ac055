// Installs Debian's packages, for root.
import { existsSync } from 'node:fs';
import { runCommand } from './command.ts';

/** Whether packages can be installed without a password. */
export function canInstallPackages(): boolean {
  return existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
}

/** Throws an `Error` with the end of apt-get's output. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  // The runlevel keeps servers from being started: the tests start their own.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await runCommand('apt-get', ['update', '-q'], { env });
  // Another apt-get may be at work.
  const install = ['-o', 'DPkg::Lock::Timeout=600', 'install', '-y', '-q', '--no-install-recommends'];
  await runCommand('apt-get', [...install, ...packages], { env });
}
