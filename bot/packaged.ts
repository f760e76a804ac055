// Entry point of the npm package, whose command can't pass options to Node: it replaces its process (execve) by one with
// the options of `npm start`, which save 7 MB of memory when idle, and far more under load.
import module from 'node:module';
import { join } from 'node:path';
import { PACKAGE_ROOT } from './lib/packageFiles.ts';

/** Inserted by scripts/package.ts. */
declare const NODE_OPTIONS: readonly string[];

// npm only warns if Node is too old, and the bot would then fail with misleading errors.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`The bot needs Node 22.18 or newer, and this is ${process.versions.node}.\n`);
  process.exit(1);
}
const missing = NODE_OPTIONS.some((option) => !process.execArgv.includes(option));
// Windows has no execve: there the bot runs without these options.
if (missing && process.execve !== undefined && process.platform !== 'win32') {
  const [, script = '', ...args] = process.argv;
  // Node 22 passes the environment on only if it is given explicitly.
  process.execve(process.execPath, [process.execPath, ...NODE_OPTIONS, script, ...args], process.env);
}
// The compile cache saves 15 MB and time from the second start on. Skipped if the folder is not writable; never in a
// folder that other users can write to, since its content is executed.
module.enableCompileCache(join(PACKAGE_ROOT, '.cache'));
await import('./main.ts');
