import { expect, test } from 'vitest';
import { commandName } from './commandName.ts';

test.each([
  ['/home/me/matrix-registration-bot', 'run', 'npm start --'],
  ['/usr/lib/node_modules/matrix-registration-bot', undefined, 'matrix-registration-bot'],
  ['/home/me/.npm/_npx/1/node_modules/matrix-registration-bot', 'exec', 'npx matrix-registration-bot'],
])('in %s, run by npm’s %s, it is: %s', (root, npm_command, name) => {
  expect(commandName(root, npm_command === undefined ? {} : { npm_command })).toBe(name);
});
