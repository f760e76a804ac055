// Where the process begins in the npm package, whose command can't name options of Node: it starts anew with those of
// `npm start`, as the same process. They keep the bot 7 MB smaller at rest, and far more under load.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { PACKAGE_ROOT } from './files.ts';

/** Put in by scripts/package.ts. */
declare const NODE_OPTIONS: readonly string[];

const missing = NODE_OPTIONS.some((option) => !process.execArgv.includes(option));
// Windows has no execve: there the bot runs without them.
if (missing && process.execve !== undefined && process.platform !== 'win32') {
  const [, script = '', ...args] = process.argv;
  process.execve(process.execPath, [process.execPath, ...NODE_OPTIONS, script, ...args]);
}
// Old code in the SDK's dependencies; Node tells only developers about it, where it is not below node_modules.
process.noDeprecation = true;
// 15 MB less and a quicker start, from the second start on. Where the folder can't be written to, it goes without; never
// in a folder that others can write to, since what is in there is run.
enableCompileCache(join(PACKAGE_ROOT, '.cache'));
await import('./main.ts');
