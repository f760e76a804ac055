// A real Chromium, found or installed. Tests never run without one: they fail with what to do.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { runCommand } from '../../harness/command.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
/** Without anything that asks the network for itself. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Path of the browser; on Debian, as root, it is installed if it is missing. Throws an `Error` that says what to do. */
export async function ensureChromium(onProgress: (line: string) => void): Promise<string> {
  const found = findChromium();
  if (found !== undefined) return found;
  const advice = 'Install Chromium or Google Chrome, or name the program in CHROMIUM_PATH.';
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0)
    throw new Error(`The browser tests need Chromium, and there is none. ${advice}`);
  onProgress('Installing Chromium (apt-get install chromium) …');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await runCommand('apt-get', ['update', '-q'], { env });
    await runCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { env });
  } catch (error) {
    throw new Error(`The browser tests need Chromium, which could not be installed. ${advice}`, {
      cause: error,
    });
  }
  const installed = findChromium();
  if (installed === undefined)
    throw new Error(`apt-get has installed no Chromium that is in the PATH. ${advice}`);
  return installed;
}

/** Throws an `Error` if CHROMIUM_PATH names something that can't be run. */
function findChromium(): string | undefined {
  const { CHROMIUM_PATH: named, PATH = '' } = process.env;
  if (named) {
    if (!isProgram(named)) throw new Error(`CHROMIUM_PATH names ${named}, which is no program.`);
    return named;
  }
  const folders = [...PATH.split(delimiter), '/usr/bin'];
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...MAC].find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param flags more of Chromium's own */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = await ensureChromium((line) => void process.stderr.write(`${line}\n`));
  return await chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...flags] });
}
