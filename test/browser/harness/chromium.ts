// A real Chromium, found or installed. Tests never run without one: they fail with what to do.
import { type Browser, chromium } from 'playwright-core';
import { ensurePrerequisites, PREREQUISITES } from '../../harness/prerequisites.ts';
import { findChromium } from '../../harness/programs.ts';

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
async function ensureChromium(onProgress: (line: string) => void): Promise<string> {
  const needed = PREREQUISITES.filter(({ packages }) => packages.includes('chromium'));
  await ensurePrerequisites(needed, onProgress);
  const found = findChromium();
  if (found === undefined) throw new Error('There is no Chromium.');
  return found;
}

/** @param flags more of Chromium's own */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = await ensureChromium((line) => void process.stderr.write(`${line}\n`));
  return await chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...flags] });
}
