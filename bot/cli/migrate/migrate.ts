// `matrix-registration-bot migrate`: takes over what the Python bot has left.
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Problem } from '../../../common/problems/problem.ts';
import { valueIfSet } from '../../config/environment.ts';
import { renderConfigProblems, renderConfigWarning } from '../../config/findings.ts';
import { DEFAULT_CONFIG_FILE } from '../../config/load.ts';
import { routeSdkLog } from '../../matrix/sdkLog.ts';
import { createLog } from '../../observability/log.ts';
import { EXIT } from '../exit.ts';
import { renderNote } from './notes.ts';
import { type Options, takeOver } from './takeOver.ts';

const USAGE = `Usage: matrix-registration-bot migrate [--from FOLDER] [--config FILE] [--dry-run]

Takes over what the Python matrix-registration-bot has left: its configuration, if this bot has none yet, and the people
whom it allowed. Says what can't be taken over, and why. The old files are only read. It may be run again.

  --from FOLDER  where the Python bot ran; default: the folder of the configuration
  --config FILE  this bot's configuration; else CONFIG_PATH, else config.yml in this folder
  --dry-run      say what would be done, and change nothing

Stop both bots first.
`;

/** Returns the exit status: 0 all taken over, 1 something is left to do or went wrong, 2 the configuration is wrong. */
export async function migrate(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'number') return options;
  routeSdkLog(await createLog({ level: 'error', format: 'pretty' }));
  try {
    const { notes, config } = await takeOver(options);
    for (const warning of config.warnings) process.stderr.write(`${renderConfigWarning(warning)}\n`);
    if (!config.ok) process.stderr.write(renderConfigProblems(config.problems));
    if (options.dryRun) process.stdout.write('Nothing is changed, this only says what would be done:\n');
    for (const note of notes) process.stdout.write(renderNote(note));
    if (!config.ok) return EXIT.misconfigured;
    return notes.some(({ state }) => state === 'problem') ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`${error.sentence}\n`);
    return EXIT.failed;
  }
}

/** Or the exit status, if there is nothing to do. */
function readOptions(args: readonly string[]): Options | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        config: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return EXIT.ok;
    }
    const named = values.config ?? valueIfSet(process.env, 'CONFIG_PATH');
    const file = resolve(named ?? DEFAULT_CONFIG_FILE);
    return {
      file,
      fileNeeded: named !== undefined,
      from: resolve(values.from ?? (existsSync(file) ? dirname(file) : '.')),
      dryRun: values['dry-run'],
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return EXIT.misconfigured;
  }
}
