// Where the process begins in the npm package, whose command can't name options of Node: it starts anew with those of
// `npm start`, as the same process. They keep the bot 7 MB smaller at rest, and far more under load.
import module from 'node:module';
import { join } from 'node:path';
import { PACKAGE_ROOT } from './lib/packageFiles.ts';

/** Put in by scripts/package.ts. */
declare const NODE_OPTIONS: readonly string[];

// npm only warns of a Node that is too old, and what is missing in it would be told as a fault of the bot.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`The bot needs Node 22.18 or newer, and this is ${process.versions.node}.\n`);
  process.exit(1);
}
const missing = NODE_OPTIONS.some((option) => !process.execArgv.includes(option));
// Windows has no execve: there the bot runs without them.
if (missing && process.execve !== undefined && process.platform !== 'win32') {
  const [, script = '', ...args] = process.argv;
  // Node 22 hands on the environment only if it is named.
  process.execve(process.execPath, [process.execPath, ...NODE_OPTIONS, script, ...args], process.env);
}
// Old code in the SDK's dependencies; Node tells only developers about it, where it is not below node_modules.
process.noDeprecation = true;
// 15 MB less and a quicker start, from the second start on. Where the folder can't be written to, it goes without; never
// in a folder that others can write to, since what is in there is run.
module.enableCompileCache(join(PACKAGE_ROOT, '.cache'));
await import('./main.ts');
