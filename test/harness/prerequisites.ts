// What the suites need and npm can't bring: looked for before the first test; installed on Debian as root, elsewhere listed
// in one message.
import { join, relative, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { runCommand } from './command.ts';
import { canInstallPackages, installPackages } from './debianPackages.ts';
import { withInstallLock } from './installLock.ts';
import { findChromium, findProgram } from './programs.ts';
import { hasSynapse } from './synapseInstall.ts';
import { hasPython } from './synapseVenv.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

export interface Prerequisite {
  /** What it is called in messages. */
  readonly name: string;
  /** Debian's. */
  readonly packages: readonly string[];
  /** Paths of the test files that need it, from the project's root. */
  readonly neededBy: RegExp;
  readonly isThere: () => Promise<boolean>;
  /** Debian's packages may not be enough, and there is another way: so the tests start without it after the installation. */
  readonly canDoWithout?: boolean;
}

/** How packages are installed. */
export interface Installer {
  isUsable(): boolean;
  /** Throws an `Error` that says why it can't be done. */
  install(packages: readonly string[]): Promise<void>;
}

const APT: Installer = { isUsable: canInstallPackages, install: installPackages };

export const PREREQUISITES: readonly Prerequisite[] = [
  {
    name: 'Python 3.10 or newer as python3, with venv',
    packages: ['python3', 'python3-venv'],
    neededBy: /^test\/(?!docs\/|harness\/prerequisites)/,
    isThere: async () => hasSynapse() || (await hasPython()),
    // Synapse then comes from Debian, with a Python of its own.
    canDoWithout: true,
  },
  {
    name: 'Chromium or Google Chrome (CHROMIUM_PATH can name it)',
    packages: ['chromium'],
    neededBy: /^test\/(browser\/|deploy\/proxies)/,
    isThere: async () => findChromium() !== undefined,
  },
  program('nginx', 'nginx-light', /^test\/deploy\/proxies/),
  program('caddy', 'caddy', /^test\/deploy\/(proxies|compose)/),
  {
    name: 'Compose (`docker compose` or docker-compose)',
    packages: ['docker-compose'],
    neededBy: /^test\/deploy\/compose/,
    isThere: async () => findProgram('docker-compose') !== undefined || (await hasDockerCompose()),
  },
  program('systemd-analyze', 'systemd', /^test\/deploy\/systemd/),
  program('openssl', 'openssl', /^test\/deploy\/proxies/),
  // The line that `check` tells admins to run.
  program('curl', 'curl', /^test\/cli\/check/),
];

function program(name: string, debianPackage: string, neededBy: RegExp): Prerequisite {
  return {
    name,
    packages: [debianPackage],
    neededBy,
    isThere: async () => findProgram(name) !== undefined,
  };
}

async function hasDockerCompose(): Promise<boolean> {
  const docker = findProgram('docker');
  if (docker === undefined) return false;
  return await runCommand(docker, ['compose', 'version']).then(
    () => true,
    () => false,
  );
}

/** For the `globalSetup` of each project: the first one looks for what all test files of this run need. */
export async function ensurePrerequisitesOf({ vitest }: TestProject): Promise<void> {
  const files = vitest.state.getPaths().map((path) => relative(ROOT, path));
  await ensurePrerequisites(neededFor(files), (line) => void process.stderr.write(`${line}\n`));
}

/** @param files from the project's root */
export function neededFor(files: readonly string[]): Prerequisite[] {
  return PREREQUISITES.filter(({ neededBy }) => files.some((file) => neededBy.test(file)));
}

/** Throws one `Error` with all that is missing and how to get it. */
export async function ensurePrerequisites(
  needed: readonly Prerequisite[],
  onProgress: (line: string) => void,
  installer = APT,
): Promise<void> {
  const missing = await lookFor(needed);
  if (missing.length === 0) return;
  if (!installer.isUsable()) throw withoutStack(missingMessage(missing));
  await withInstallLock(
    join(ROOT, '.cache', 'prerequisites.lock'),
    () => onProgress('Another process is installing what the tests need; waiting for it …'),
    async () => await install(await lookFor(needed), onProgress, installer),
  );
}

async function install(
  missing: readonly Prerequisite[],
  onProgress: (line: string) => void,
  installer: Installer,
): Promise<void> {
  if (missing.length === 0) return;
  const packages = packagesOf(missing);
  onProgress(`Installing what the tests need: apt-get install ${packages.join(' ')} …`);
  try {
    await installer.install(packages);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw withoutStack(`${missingMessage(missing)}\nThey could not be installed: ${reason}`);
  }
  const still = (await lookFor(missing)).filter(({ canDoWithout }) => !canDoWithout);
  if (still.length > 0)
    throw withoutStack(
      `${missingMessage(still)}\nDebian's packages are installed, but this is still missing.`,
    );
}

/** Without it Vitest would print the stack and its source, which don't help here. */
function withoutStack(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}

async function lookFor(needed: readonly Prerequisite[]): Promise<Prerequisite[]> {
  const there = await Promise.all(needed.map(({ isThere }) => isThere()));
  return needed.filter((_, index) => !there[index]);
}

function packagesOf(missing: readonly Prerequisite[]): string[] {
  return [...new Set(missing.flatMap(({ packages }) => packages))];
}

/** All that is missing, and how to get it. */
export function missingMessage(missing: readonly Prerequisite[]): string {
  return [
    'The tests need what this machine does not have:',
    ...missing.map(({ name, packages }) => `- ${name} (Debian: ${packages.join(', ')})`),
    'Install it, then run the tests again. On Debian or Ubuntu:',
    `  sudo apt-get install --no-install-recommends ${packagesOf(missing).join(' ')}`,
    'On Debian as root, the tests install it themselves. `npm test -- --project unit` needs none of it.',
  ].join('\n');
}
