// The npm package: made, installed into an empty folder without running anything of it, and used like that.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { spawnBot, temporaryDataDir } from '../harness/botProcess.ts';
import { Conversation } from '../harness/conversation.ts';
import { freePort } from '../harness/freePort.ts';
import { mayBeShipped } from '../harness/licences.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import { useTestServer } from '../harness/suite.ts';
import { runCli } from './runCli.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
/** npm with the Node of the tests. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };

const server = useTestServer();
/** Where it is installed. */
let folder: string;
let installed: string;
let program: string[];

beforeAll(async () => {
  const out = temporaryDataDir();
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'package.ts'), '--out', out], { env, stdio: 'pipe' });
  const tarball = readdirSync(out).find((name) => name.endsWith('.tgz')) ?? '';
  folder = temporaryDataDir();
  const quick = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', '--prefix', folder, ...quick, join(out, tarball)], {
    env,
    cwd: folder,
    stdio: 'pipe',
  });
  installed = join(folder, 'node_modules', 'matrix-registration-bot');
  program = [join(installed, 'dist', 'matrix-registration-bot.js')];
});

test('brings the WASM crypto and nothing else along, and no install script', () => {
  const lock = JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  expect(Object.keys(lock.packages).sort()).toEqual([
    'node_modules/@matrix-org/matrix-sdk-crypto-wasm',
    'node_modules/matrix-registration-bot',
  ]);
  expect(Object.values(lock.packages).some(({ hasInstallScript }) => hasInstallScript)).toBe(false);
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(manifest).not.toHaveProperty('scripts');
  expect(manifest).not.toHaveProperty('private');
});

test('is small, and holds the licences of the code compiled into it', () => {
  const bytes = readdirSync(installed, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(installed, name)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
  expect(bytes).toBeLessThan(10_000_000);
  const notices = readFileSync(join(installed, 'THIRD-PARTY-NOTICES.md'), 'utf8');
  for (const name of ['matrix-bot-sdk', 'express', 'zod', 'preact', 'matrix-widget-api'])
    expect(notices).toMatch(new RegExp(`^## ${name} - `, 'm'));
  const licences = [...notices.matchAll(/^## (\S+ - .*) \((.*)\)$/gm)].map(([, name, licence]) => [
    name,
    licence,
  ]);
  expect(licences.length).toBeGreaterThan(100);
  expect(licences.filter(([, licence = '']) => !mayBeShipped(licence))).toEqual([]);
});

test('its command is found by npx', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const npx = ['exec', '--offline', '--', 'matrix-registration-bot', '--version'];
  expect(execFileSync('npm', npx, { env, cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim()).toBe(
    version,
  );
});

test('init, check and the bot lead an admin to a token, with the widget served', async () => {
  const boss = await server.synapse.registerUser('boss', undefined, { admin: true });
  const port = await freePort();
  const cwd = temporaryDataDir();
  const widget = ['--public-url', `http://localhost:${port}`, '--listen', `127.0.0.1:${port}`];
  const made = await runCli(
    [
      ...['init', '--server', server.baseUrl, '--allow', '@alice:.*', ...widget],
      ...['--create-account', '--username', 'regbot', '--make-admin'],
    ],
    { cwd, program, settings: { API_TOKEN: boss.accessToken } },
  );
  expect(made).toMatchObject({ status: 0, stderr: '' });
  const checked = await runCli(['check'], { cwd, program });
  expect(checked).toMatchObject({ status: 0, stderr: '' });
  expect(checked.stdout).toMatch(/✅ Token API/);

  const bot = spawnBot({}, [], cwd, program);
  await bot.waitForOutput(/"Ready"/);
  const chat = await Conversation.start(
    await server.person('alice', { encryption: true }),
    `@regbot:${server.serverName}`,
    { encrypted: true },
  );
  expect((await chat.ask('create from-the-package')).body).toContain('from-the-package');
  expect((await server.tokens()).map(({ token }) => token)).toEqual(['from-the-package']);
  const page = await (await fetch(`http://127.0.0.1:${port}/widget/`)).text();
  const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(page)?.[1] ?? 'none';
  expect((await fetch(`http://127.0.0.1:${port}/widget/${script}`)).status).toBe(200);
  const profile = `/_matrix/client/v3/profile/@regbot:${server.serverName}`;
  expect(await requestJson(server.baseUrl, 'GET', profile)).toHaveProperty('avatar_url');

  // It has replaced itself (exec) with the options of npm start: the process is the same.
  const commandLine = `/proc/${bot.child.pid}/cmdline`;
  if (existsSync(commandLine)) expect(readFileSync(commandLine, 'utf8')).toContain('--max-semi-space-size=');
  bot.kill('SIGTERM');
  expect(await bot.exited).toBe(0);
  // Nothing but its own log: no warning of Node's.
  for (const line of bot.output().trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
});
