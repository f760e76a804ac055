// `migrate` where something can't be migrated, read or written: it prints the remedy.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDataDir } from '../harness/botProcess.ts';
import { useTestServer } from '../harness/suite.ts';
import { publishForeignKeys } from '../harness/users.ts';
import { migrate, oldFolder, settings } from './oldFolder.ts';

const server = useTestServer();

test('an access token whose device has the old bot’s keys is reported with the remedy', async () => {
  const own = await server.botAccount('token-bot');
  const { accessToken } = own;
  const { folder } = oldFolder({
    'config.yml': `bot:\n  server: ${server.baseUrl}\n  username: token-bot\n  access_token: ${accessToken}\n`,
    'config.toml': settings(['@a:example.org']),
  });
  const fresh = await migrate([], folder);
  expect(fresh.stdout).not.toContain('Login:');
  expect(fresh.status).toBe(0);
  await publishForeignKeys(server.baseUrl, own);
  const used = await migrate([], folder);
  expect(used.stdout).toMatch(
    /❌ Login: bot\.access_token belongs to the device .*bot\.username and bot\.password/,
  );
  expect(used.status).toBe(1);
  // Of the old bot or of this one: if these are this bot's keys, its start reports more precisely.
  const { folder: running } = oldFolder({
    'config.yml': readFileSync(join(folder, 'config.yml'), 'utf8'),
    'data/crypto.sqlite': '',
  });
  expect((await migrate([], running)).stdout).not.toContain('Login:');
  const unreachable = await migrate([], folder, { BOT_SERVER: 'http://127.0.0.1:9' });
  expect(unreachable.stdout).toMatch(/ℹ️ Login: .*could not be checked.*nothing listens there/);
});

test.each<[string, Record<string, string>, number, RegExp]>([
  ['an empty folder', {}, 1, /nothing of the Python bot in .*--from/],
  [
    'a config.toml that is none',
    { 'config.yml': 'bot: {server: "http://x", access_token: x}', 'config.toml': 'a = ["b"c"]\n' },
    1,
    /config\.toml, line 1 is not valid TOML.*access\.allow/,
  ],
  [
    'a config.toml that can’t be read',
    { 'config.yml': 'bot: {server: "http://x", access_token: x}', 'config.toml/x': '' },
    1,
    /config\.toml is a folder\. Run this as a user that/,
  ],
  ['a configuration that is wrong', { 'config.yml': 'bot: {server: x}' }, 2, /bot\.server is "x"/],
])('%s is reported', async (_, files, expected, words) => {
  const { folder } = oldFolder(files);
  const { status, stderr } = await migrate(['--from', folder], folder);
  expect(status).toBe(expected);
  expect(stderr).toMatch(words);
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

test('a configuration that can’t be copied is reported', async () => {
  const { folder } = oldFolder({ 'config.yml': 'bot: {server: "http://x", access_token: x}' });
  const { status, stderr } = await migrate(['--from', folder, '--config', 'nowhere/config.yml'], folder);
  expect(status).toBe(1);
  expect(stderr).toMatch(/config\.yml can’t be copied to .*nowhere\/config\.yml: ENOENT/);
});

test('an unknown option is refused with the usage, and --help prints it', async () => {
  const cwd = temporaryDataDir();
  const wrong = await migrate(['--form', 'x'], cwd);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain('Usage: matrix-registration-bot migrate');
  expect((await migrate(['--help'], cwd)).stdout).toContain('--dry-run');
});
