import { sep } from 'node:path';
import { PACKAGE_ROOT } from '../lib/packageFiles.ts';

/** How the person who reads this starts the bot's command line. */
export function commandName(root = PACKAGE_ROOT, env: NodeJS.ProcessEnv = process.env): string {
  if (!root.includes(`${sep}node_modules${sep}`)) return 'npm start --';
  return env.npm_command === 'exec' ? 'npx matrix-registration-bot' : 'matrix-registration-bot';
}
