// `migrate`: from the folder of the Python bot to this bot.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Store } from '../../bot/store/store.ts';
import { type Settings, spawnBot, temporaryDataDir } from '../harness/bot.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import type { RegisteredUser } from '../harness/users.ts';
import { runCli } from './cliRun.ts';

let scene: Scene;
let account: RegisteredUser;

beforeAll(async () => {
  scene = await Scene.start();
  account = await scene.botAccount();
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

/** As `toml`, with which the old bot wrote it, puts a set of strings. */
function settings(allowlist: readonly string[], more: Record<string, string> = {}): string {
  const list = (entries: readonly string[]) =>
    entries.length === 0 ? '[]' : `[ ${entries.map((entry) => `"${entry}",`).join(' ')}]`;
  const values = {
    timeout: '65536',
    join_on_invite: 'true',
    encryption_enabled: 'true',
    emoji_verify: 'true',
    ignore_unverified_devices: 'true',
    store_path: '"./store/"',
    allowlist: list(allowlist),
    blocklist: '[]',
    ...more,
  };
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}`);
  return `[simplematrixbotlib.config]\n${lines.join('\n')}\n`;
}

function oldConfig({ synapse }: Scene, bot: { localpart: string; password: string }): string {
  return `bot:
  server: "${synapse.baseUrl}"
  username: "${bot.localpart}"
  password: "${bot.password}"
api:
  # API endpoint of the registration tokens
  base_url: "${synapse.baseUrl}"
logging:
  level: DEBUG
`;
}

/** The old bot's folder, and what it looks like. */
function oldFolder(files: Record<string, string>): { folder: string; look: () => unknown } {
  const folder = temporaryDataDir();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o644 });
  }
  const look = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const { mode, mtimeMs, size } = statSync(join(folder, name));
        return { name, mode, mtimeMs, size };
      });
  return { folder, look };
}

async function migrate(args: readonly string[], cwd: string, env: Settings = {}) {
  return await runCli(['migrate', ...args], { cwd, settings: env });
}

function allowedIn(cwd: string): string[] {
  const store = new Store(join(cwd, 'data'));
  try {
    return store.allowed.all().map(({ pattern }) => pattern);
  } finally {
    store.close();
  }
}

test('the bot goes on with the configuration and the people of the old one', async () => {
  const { serverName } = scene.synapse;
  const { folder, look } = oldFolder({
    'config.yml': oldConfig(scene, account),
    'config.toml': settings([`re.compile('@alice:${serverName}')`, `@mod.*:${serverName}`, '(?!@x).*']),
    'session.txt': "b'gAAAA'",
    'store/@regbot_DEVICE.db': 'x',
  });
  const before = look();
  const cwd = temporaryDataDir();
  const { status, stdout, stderr } = await migrate(['--from', folder], cwd);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/✅ Configuration: .*config\.yml is copied to/);
  expect(stdout).toMatch(/❌ \(\?!@x\)\.\* is not taken over\./);
  expect(stdout).toMatch(/ℹ️ .*re\.compile\(…\).*let in nobody any more/);
  expect(stdout).toContain(`✅ Allow list: 2 entries taken over: @alice:${serverName}, @mod.*:${serverName}`);
  expect(stdout).toMatch(/ℹ️ Login: .*session\.txt is not taken over.*Simple-Matrix-Bot-Lib/);
  expect(stdout).toMatch(/ℹ️ Encryption: the keys in .*store can’t be taken over/);
  expect(status).toBe(1);
  expect(look()).toEqual(before);
  expect(readFileSync(join(cwd, 'config.yml'), 'utf8')).toBe(
    readFileSync(join(folder, 'config.yml'), 'utf8'),
  );
  expect(statSync(join(cwd, 'config.yml')).mode & 0o777).toBe(0o600);

  const bot = spawnBot({}, [], cwd);
  await bot.waitForOutput(/"Ready"/);
  const alice = await Conversation.start(await scene.person('alice'), account.userId);
  expect((await alice.ask('list')).body).not.toMatch(/not allowed|may not/i);
  expect((await alice.ask('allowed')).body).toMatch(/@mod.* \(allowed by config\.toml, /);
  const bob = await Conversation.start(await scene.person('bob'), account.userId);
  expect((await bob.ask('list')).body).toMatch(/not allowed|may not/i);
  // While the bot runs, its state is its own.
  const running = await migrate(['--from', folder], cwd);
  expect(running.status).toBe(1);
  expect(running.stderr).toMatch(/Another instance of the bot is running.*Stop it first/);
  bot.kill('SIGTERM');
  expect(await bot.exited).toBe(0);
});

test('it may be run again, and does not allow again who was disallowed since', async () => {
  const cwd = temporaryDataDir();
  const { folder } = oldFolder({
    'config.yml': oldConfig(scene, account),
    'config.toml': settings(['@a:example.org', '@b:example.org']),
  });
  expect((await migrate(['--from', folder], cwd)).status).toBe(0);
  const again = await migrate(['--from', folder], cwd);
  expect(again.status).toBe(0);
  expect(again.stdout).toContain('@a:example.org is allowed already');
  expect(allowedIn(cwd)).toEqual(['@a:example.org', '@b:example.org']);

  const store = new Store(join(cwd, 'data'));
  store.allowed.replace(store.allowed.all().filter(({ pattern }) => pattern !== '@a:example.org'));
  store.close();
  const third = await migrate(['--from', folder], cwd);
  expect(third.stdout).toMatch(/@a:example\.org was taken over before, and disallowed since\. It stays so/);
  expect(allowedIn(cwd)).toEqual(['@b:example.org']);
});

test('--dry-run says the same and changes nothing', async () => {
  const cwd = temporaryDataDir();
  const { folder } = oldFolder({
    'config.yml': oldConfig(scene, account),
    'config.toml': settings(['@a:example.org']),
  });
  const dry = await migrate(['--from', folder, '--dry-run'], cwd);
  expect(dry.status).toBe(0);
  expect(dry.stdout).toMatch(/^Nothing is changed, this only says what would be done:\n/);
  expect(readdirSync(cwd)).toEqual([]);
  const real = await migrate(['--from', folder], cwd);
  expect(dry.stdout).toBe(`Nothing is changed, this only says what would be done:\n${real.stdout}`);
});

test('in the old bot’s own folder nothing is copied, and its folders for Docker are found', async () => {
  const { folder } = oldFolder({
    'config/config.yml': oldConfig(scene, account),
    'data/config.toml': settings(['@a:example.org'], {
      join_on_invite: 'false',
      encryption_enabled: 'false',
    }),
    'data/session.txt': "b'gAAAA'",
  });
  const cwd = temporaryDataDir();
  const config = join(folder, 'config', 'config.yml');
  const { status, stdout } = await migrate(['--from', folder, '--config', config], cwd, {
    BOT_DATA_DIR: join(cwd, 'data'),
  });
  expect(stdout).toMatch(/✅ Configuration: .*config\.yml is used as it is/);
  expect(stdout).toMatch(/ℹ️ Invites: .*bot\.accept_invites: allowed/);
  expect(stdout).toMatch(/ℹ️ Encryption: the old bot had it off/);
  expect(status).toBe(0);
  expect(allowedIn(cwd)).toEqual(['@a:example.org']);
});

test('who let in everybody learns who is let in now', async () => {
  const { folder } = oldFolder({ 'config.yml': oldConfig(scene, account), 'config.toml': settings([]) });
  const { status, stdout } = await migrate([], folder);
  expect(stdout).toMatch(
    /ℹ️ Access: the old bot let in everybody, of any server\. This one lets in the users of its own/,
  );
  expect(status).toBe(0);
});

test('a list of which nothing can be taken over does not open the bot to the homeserver unsaid', async () => {
  const { folder } = oldFolder({
    'config.yml': oldConfig(scene, account),
    'config.toml': settings(['alice']),
  });
  const { status, stdout } = await migrate([], folder);
  expect(stdout).toMatch(
    /❌ Access: nobody of the old list could be taken over.*access\.allow before you start/,
  );
  expect(status).toBe(1);
  const named = await migrate([], folder, { ACCESS_ALLOW: '@boss:example.org' });
  expect(named.stdout).not.toContain('Access:');
});

test('an access token whose device has the old bot’s keys is told with the remedy', async () => {
  const own = await scene.botAccount('token-bot');
  const { userId: user_id, deviceId: device_id, accessToken } = own;
  const { folder } = oldFolder({
    'config.yml': `bot:\n  server: ${scene.synapse.baseUrl}\n  username: token-bot\n  access_token: ${accessToken}\n`,
    'config.toml': settings(['@a:example.org']),
  });
  const fresh = await migrate([], folder);
  expect(fresh.stdout).not.toContain('Login:');
  expect(fresh.status).toBe(0);
  const keys = { [`curve25519:${device_id}`]: 'a', [`ed25519:${device_id}`]: 'b' };
  const device_keys = {
    user_id,
    device_id,
    algorithms: ['m.olm.v1.curve25519-aes-sha2'],
    keys,
    signatures: {},
  };
  const path = '/_matrix/client/v3/keys/upload';
  await requestJson(scene.synapse.baseUrl, 'POST', path, { accessToken, body: { device_keys } });
  const used = await migrate([], folder);
  expect(used.stdout).toMatch(
    /❌ Login: bot\.access_token belongs to the device .*bot\.username and bot\.password/,
  );
  expect(used.status).toBe(1);
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
])('%s is told', async (_, files, expected, words) => {
  const { folder } = oldFolder(files);
  const { status, stderr } = await migrate(['--from', folder], folder);
  expect(status).toBe(expected);
  expect(stderr).toMatch(words);
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

test('a configuration that can’t be copied is told', async () => {
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
