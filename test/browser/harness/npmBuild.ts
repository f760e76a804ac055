// `npm run build` as people run it, for tests and the demo, which need the widget as it is now.
import { resolve } from 'node:path';
import { runCommand } from '../../harness/command.ts';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');

/** Throws an `Error` with the end of the output if the build fails. */
export async function buildWidget(): Promise<void> {
  const { npm_execpath: npm = '' } = process.env;
  const [command, ...args] = /\.c?js$/.test(npm) ? [process.execPath, npm] : ['npm'];
  // Test runners set NODE_ENV, by which Vite would build for development.
  await runCommand(command, [...args, '--prefix', ROOT, 'run', '--silent', 'build'], {
    env: { NODE_ENV: 'production' },
  });
}
