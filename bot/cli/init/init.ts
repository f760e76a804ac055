// `matrix-registration-bot init`: from nothing to a configuration that works.
import type { ProblemKind } from '../../../common/problems/kinds.ts';
import { Problem } from '../../../common/problems/problem.ts';
import { routeSdkLog } from '../../matrix/sdkLog.ts';
import { createLog } from '../../observability/log.ts';
import { EXIT } from '../exit.ts';
import { Cancelled } from './cancelled.ts';
import type { Dialog } from './dialog.ts';
import { setUp } from './initSteps.ts';
import { Logins } from './logins.ts';
import { INIT_USAGE, readGiven } from './options.ts';

/** Returns the exit status: 0 all well, 1 something is left to mend or was given up, 2 wrong or missing answers. */
export async function init(args: readonly string[]): Promise<number> {
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const reading = readGiven(args, { cwd: process.cwd(), env: process.env, isTerminal });
  if ('help' in reading) {
    process.stdout.write(INIT_USAGE);
    return EXIT.ok;
  }
  if ('wrong' in reading) {
    process.stderr.write(reading.wrong);
    return EXIT.misconfigured;
  }
  const { given } = reading;
  const log = await createLog({ level: 'error', format: 'pretty' });
  routeSdkLog(log);
  const logins = new Logins(log);
  const dialog = given.silent ? undefined : await openDialog();
  try {
    const findings = await setUp({ given, dialog, logins, log });
    return findings.some(({ state }) => state === 'problem') ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (error instanceof Problem) process.stderr.write(`${error.sentence}${options(error)}\n`);
    else if (!(error instanceof Cancelled)) throw error;
    return EXIT.failed;
  } finally {
    for (const device of await logins.end()) {
      process.stderr.write(`A login could not be ended; remove the device ${device} yourself.\n`);
    }
  }
}

/** Loaded only where somebody can be asked. */
async function openDialog(): Promise<Dialog> {
  // Some terminals, such as those of containers, say that they have no size; then nothing that is typed would be shown.
  process.stdout.columns ||= 80;
  process.stdout.rows ||= 24;
  return (await import('./dialog.ts')).terminalDialog;
}

/** The remedies speak of the configuration, which is not there yet. */
const OPTIONS: Partial<Record<ProblemKind, string>> = {
  admin_rights_missing: '--make-admin with --admin-username, or API_TOKEN',
  token_api_missing: '--api-url',
};

function options({ kind }: Problem): string {
  const option = OPTIONS[kind];
  return option === undefined ? '' : ` Here: ${option}.`;
}
