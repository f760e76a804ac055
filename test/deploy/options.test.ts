// Values that are repeated in several files must agree.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npmStartArguments } from '../harness/npmStart.ts';
import { readDockerfile } from './dockerfile.ts';
import { ROOT } from './tools.ts';
import { unitValues } from './unitFile.ts';

const options = npmStartArguments().slice(0, -1);

test('the image starts the bot with the options of `npm start`', () => {
  const image = readDockerfile().at(-1);
  expect(image?.entrypoint).toEqual(['node', ...options, '/app/bot/start.mjs']);
});

test('so does the systemd unit', () => {
  const [node, ...rest] = unitValues('ExecStart').join('').split(' ');
  expect(node).toBe('/opt/matrix-registration-bot/node_modules/.bin/node');
  expect(rest).toEqual([...options, '/opt/matrix-registration-bot/bot/start.mjs']);
});

test('the image has the Node that the tests run on', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const versions = Object.values(optionalDependencies);
  expect(versions.length).toBeGreaterThan(0);
  for (const version of versions) expect(process.version).toBe(`v${version}`);
  for (const { base } of readDockerfile()) expect(base).toBe(`node:${process.version.slice(1)}-trixie-slim`);
});

test('the image does not run as root, and what it writes to is in /data and /tmp', () => {
  const image = readDockerfile().at(-1);
  expect(image?.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  expect(image?.workdir).toBe('/data');
  expect(image?.env).toMatchObject({ BOT_DATA_DIR: '/data', HEARTBEAT_FILE: '/tmp/heartbeat' });
});
