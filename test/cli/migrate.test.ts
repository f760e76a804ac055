// `migrate`: from the folder of the Python bot to this bot.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Store } from '../../bot/store/store.ts';
import { spawnBot, temporaryDataDir } from '../harness/botProcess.ts';
import { Conversation } from '../harness/conversation.ts';
import { useTestServer } from '../harness/suite.ts';
import type { RegisteredUser } from '../harness/users.ts';
import { migrate, oldConfig, oldFolder, settings } from './oldFolder.ts';

const server = useTestServer();
let account: RegisteredUser;

beforeAll(async () => {
  account = await server.botAccount();
});

function allowedIn(cwd: string): string[] {
  const store = new Store(join(cwd, 'data'));
  try {
    return store.allowed.all().map(({ pattern }) => pattern);
  } finally {
    store.close();
  }
}

test('the bot goes on with the configuration and the people of the old one', async () => {
  const { serverName } = server.synapse;
  const { folder, look } = oldFolder({
    'config.yml': oldConfig(server, account),
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
  const alice = await Conversation.start(await server.person('alice'), account.userId);
  expect((await alice.ask('list')).body).not.toMatch(/not allowed|may not/i);
  expect((await alice.ask('allowed')).body).toMatch(/@mod.* \(allowed by config\.toml, /);
  const bob = await Conversation.start(await server.person('bob'), account.userId);
  expect(await bob.greeting()).toMatch(/not allowed|may not/i);
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
    'config.yml': oldConfig(server, account),
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
    'config.yml': oldConfig(server, account),
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
    'config/config.yml': oldConfig(server, account),
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

test('a bot that was open to everybody says who has access now', async () => {
  const { folder } = oldFolder({ 'config.yml': oldConfig(server, account), 'config.toml': settings([]) });
  const { status, stdout } = await migrate([], folder);
  expect(stdout).toMatch(
    /ℹ️ Access: the old bot let in everybody, of any server\. This one lets in the users of its own/,
  );
  expect(status).toBe(0);
});

test('an allow list without a usable entry does not open the bot to the homeserver silently', async () => {
  const { folder } = oldFolder({
    'config.yml': oldConfig(server, account),
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
