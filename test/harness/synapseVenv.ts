// Synapse from PyPI, in a virtual environment.
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { canInstallPackages, installPackages } from './debianPackages.ts';
import type { OnProgress, SynapseProgram } from './synapseProgram.ts';

/** The versions the tests are known to pass with. */
const REQUIREMENT = 'matrix-synapse>=1.160,<2';
const MIN_PYTHON = [3, 10] as const;
const PYTHONS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

export const VENV_RECIPE = REQUIREMENT;

/** Throws an `Error` that says why there can't be a virtual environment with Synapse. */
export async function installInVenv(directory: string, onProgress: OnProgress): Promise<SynapseProgram> {
  const python = await findPython();
  onProgress(`Installing Synapse (${REQUIREMENT}) from PyPI into ${directory}; this happens once …`);
  await createVenv(python, directory, onProgress);
  let packages = 0;
  const venvPython = join(directory, 'bin', 'python');
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input', '--retries', '2', 'install'];
  await runCommand(venvPython, [...pip, '--progress-bar', 'off', '--prefer-binary', REQUIREMENT], {
    onLine: (line) => {
      if (line.startsWith('Collecting ') && ++packages % 10 === 0) onProgress(`  ${packages} packages …`);
    },
  });
  // Proves that it can run here, and compiles the modules, so that the first test doesn't wait for that.
  await runCommand(venvPython, ['-c', 'import synapse.app.homeserver']);
  return { kind: 'program', command: venvPython, args: [], env: {} };
}

/** Whether there is a Python for it, with all that a virtual environment needs. */
export async function hasPython(): Promise<boolean> {
  try {
    // Debian leaves ensurepip out of python3.
    await runCommand(await findPython(), ['-c', 'import venv, ensurepip']);
    return true;
  } catch {
    return false;
  }
}

async function findPython(): Promise<string> {
  const script = 'import sys; print(*sys.version_info[:2])';
  const found: string[] = [];
  for (const command of PYTHONS) {
    const output = await runCommand(command, ['-c', script]).catch(() => undefined);
    if (output === undefined) continue;
    const [major = 0, minor = 0] = output.trim().split(' ').map(Number);
    if (major === MIN_PYTHON[0] && minor >= MIN_PYTHON[1]) return command;
    found.push(`${command} is ${major}.${minor}`);
  }
  const there = found.length === 0 ? 'there is none' : found.join(', ');
  throw new Error(`it needs Python ${MIN_PYTHON.join('.')} or newer as python3; ${there}.`);
}

async function createVenv(python: string, directory: string, onProgress: OnProgress): Promise<void> {
  const args = ['-m', 'venv', '--clear', directory];
  try {
    await runCommand(python, args);
  } catch (error) {
    // Debian and Ubuntu keep ensurepip, which venv needs, in a package of its own.
    if (!canInstallPackages()) throw error;
    onProgress(`${python} can't create virtual environments; installing the package python3-venv …`);
    try {
      await installPackages(['python3-venv']);
    } catch (aptError) {
      throw new Error(
        `${messageOf(error)}\nand the package python3-venv could not be installed: ${messageOf(aptError)}`,
      );
    }
    await runCommand(python, args);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
