// One folder for the data of all bots of a test run: the processes that run the suites are killed at their end, and
// could not remove theirs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VARIABLE = 'REGBOT_TEST_FOLDER';

/** To be called before the suites start, which inherit it. Returns what removes it after them. */
export function provideTestFolder(): () => void {
  if (process.env[VARIABLE] !== undefined) return () => undefined;
  const folder = mkdtempSync(join(tmpdir(), 'regbot-tests-'));
  process.env[VARIABLE] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Where temporary folders are made. */
export function testFolder(): string {
  return process.env[VARIABLE] ?? tmpdir();
}
