// The command line before and while the bot runs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, describe, expect, test } from 'vitest';
import { Store } from '../../bot/store/store.ts';
import { type Settings, spawnBot, temporaryDataDir } from '../harness/botProcess.ts';
import { Conversation } from '../harness/conversation.ts';
import { isSend } from '../harness/faults.ts';
import { ERROR, expectNoSecrets } from '../harness/logSearch.ts';
import { badGateway } from '../harness/proxy.ts';
import { useTestServer } from '../harness/suite.ts';
import type { RegisteredUser } from '../harness/users.ts';
import { messagesAt, runCli } from './runCli.ts';

describe('without a homeserver', () => {
  test('no configuration at all: everything that is missing is reported at once', async () => {
    const { status, stdout, stderr } = await runCli([]);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^The configuration has 2 problems:/);
    expect(stderr).toMatch(/npm start -- init\n$/);
    expect(stderr).toMatch(/bot\.server is missing\n.*wanted: .*\n.*where: .*BOT_SERVER is not set/);
    expect(stderr).toMatch(
      /bot\.access_token is missing\n.*wanted: either bot\.access_token, or bot\.username and bot\.password/,
    );
  });

  test('wrong values are reported with their position, secrets without their value', async () => {
    const cwd = temporaryDataDir();
    writeFileSync(
      join(cwd, 'config.yml'),
      'bot:\n  server: matrix.example.org\n  username: regbot\n  password: "se cr\\net"\n  acept_invites: anyone\nlogging:\n  level: loud\n',
    );
    const { status, stderr } = await runCli([], { cwd });
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /bot\.server is "matrix\.example\.org"\n.*\n.*starts with https:\/\/.*\n.*config\.yml, line 2/,
    );
    expect(stderr).toMatch(/logging\.level is "loud"/);
    expect(stderr).toMatch(/"bot\.acept_invites".*Is bot\.accept_invites meant\? \(.*line 5/);
    expect(stderr).not.toContain('se cr');
    expect(stderr).not.toContain('npm start -- init');
  });

  test('a named configuration file that does not exist is reported', async () => {
    const { status, stderr } = await runCli(['--config', 'nowhere.yml']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/configuration file is missing\n.*nowhere\.yml\n.*option --config/);
  });

  test('--help and --version print and exit with 0', async () => {
    const help = await runCli(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    for (const option of ['--config', '--check', '--version']) expect(help.stdout).toContain(option);
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await runCli(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each([['--chek'], ['config.yml']])(
    '%s, which is no option, is refused with the usage',
    async (arg) => {
      const { status, stderr } = await runCli([arg]);
      expect(status).toBe(2);
      expect(stderr).toContain(arg);
      expect(stderr).toContain('Usage:');
    },
  );

  test('a bot that waits for its homeserver stops at once on SIGTERM', async () => {
    const bot = spawnBot({ BOT_SERVER: 'http://127.0.0.1:9', BOT_USERNAME: 'bot', BOT_PASSWORD: 'pw' });
    await bot.waitForOutput(/Could not sign in/);
    bot.kill('SIGINT');
    expect(await bot.exited).toBe(0);
  });

  test.each([
    [
      'a folder that can’t be made',
      () => join(file('a file'), 'data'),
      /data folder .* can’t be used: .*ENOTDIR.*\(bot\.data_dir\)/,
    ],
    [
      'a damaged state file',
      () => folderWith('bot.sqlite', 'x'.repeat(5_000)),
      /state file .*bot\.sqlite is damaged: .*backup/,
    ],
    ['a folder in place of the state file', folderInPlace, /data folder .* can’t be used/],
  ])('%s as the data folder is reported in one line', async (_, dataDir, words) => {
    const { status, stdout } = await runCli([], {
      settings: { BOT_SERVER: 'http://127.0.0.1:9', BOT_ACCESS_TOKEN: 'x', BOT_DATA_DIR: dataDir() },
    });
    expect(status).toBe(1);
    expect(messagesAt(ERROR, { stdout })).toEqual([expect.stringMatching(words)]);
  });
});

test('an internal error is logged in one line; its stack only at level debug', async () => {
  const BOT_DATA_DIR = temporaryDataDir();
  new Store(BOT_DATA_DIR).close();
  const db = new DatabaseSync(join(BOT_DATA_DIR, 'bot.sqlite'));
  db.exec('DROP TABLE rooms');
  db.close();
  const settings = { BOT_SERVER: 'http://127.0.0.1:9', BOT_ACCESS_TOKEN: 'x', BOT_DATA_DIR };
  const words = [expect.stringMatching(/fault of its own: Error: no such table: rooms/)];
  const brief = await runCli([], { settings });
  expect(brief.status).toBe(1);
  expect(messagesAt(ERROR, brief)).toEqual(words);
  expect(brief.stdout).not.toContain('rooms.ts');
  const full = await runCli([], { settings: { ...settings, LOGGING_LEVEL: 'debug' } });
  expect(messagesAt(ERROR, full)).toEqual(words);
  expect(full.stdout).toContain('rooms.ts');
});

function file(content: string): string {
  return join(folderWith('file', content), 'file');
}

function folderWith(name: string, content: string): string {
  const dir = temporaryDataDir();
  writeFileSync(join(dir, name), content);
  return dir;
}

function folderInPlace(): string {
  const dir = temporaryDataDir();
  mkdirSync(join(dir, 'bot.sqlite'));
  return dir;
}

describe('with a homeserver', () => {
  const server = useTestServer();
  let account: RegisteredUser;
  let settings: Settings;

  beforeAll(async () => {
    account = await server.botAccount();
    const { localpart: BOT_USERNAME, password: BOT_PASSWORD } = account;
    settings = { BOT_SERVER: server.baseUrl, BOT_USERNAME, BOT_PASSWORD };
  });

  test('the log at the start says who has access and how to narrow it, and holds no secret', async () => {
    const bot = spawnBot({ ...settings, LOGGING_LEVEL: 'debug', ACCESS_ALOW: '@a:b' });
    await bot.waitForOutput(/"Ready"/);
    bot.kill('SIGTERM');
    expect(await bot.exited).toBe(0);
    const lines = bot.output().trimEnd().split('\n');
    const messages = lines.map((line) => JSON.parse(line).msg as string);
    const access = messages.find((msg) => msg.includes('may manage registration tokens'));
    expect(access).toContain(`Every user of ${server.serverName}`);
    expect(access).toMatch(/To narrow it.*allow @somebody/);
    expect(messages.some((msg) => /ACCESS_ALOW.*ACCESS_ALLOW/.test(msg))).toBe(true);
    expect(messages).toContain('Stopping');
    expectNoSecrets(lines, [account.password, account.accessToken]);
  });

  test('pretty logs have one readable line for each event', async () => {
    const bot = spawnBot({ ...settings, LOGGING_FORMAT: 'pretty' });
    await bot.waitForOutput(/Ready/);
    bot.kill('SIGINT');
    expect(await bot.exited).toBe(0);
    for (const line of bot.output().trimEnd().split('\n')) {
      expect(line).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] (INFO|WARN): \S/);
    }
  });

  test.each<[string, Settings, RegExp]>([
    [
      'password',
      { BOT_PASSWORD: 'not-the-password' },
      /does not accept bot\.password of regbot\. Check bot\.username and bot\.password/,
    ],
    [
      'access token',
      { BOT_ACCESS_TOKEN: 'syt_no_such_one', BOT_PASSWORD: '', BOT_USERNAME: '' },
      /does not accept bot\.access_token\. Put a valid/,
    ],
  ])('a refused %s is reported in one line, and a restart does not help', async (_, wrong, words) => {
    const { status, stdout } = await runCli([], { settings: { ...settings, ...wrong } });
    expect(status).toBe(2);
    expect(messagesAt(ERROR, { stdout })).toEqual([expect.stringMatching(words)]);
    expect(stdout).not.toMatch(/not-the-password|syt_no_such_one/);
  });

  test('an access token of another account than the user name says is refused', async () => {
    const other = await server.botAccount('other-bot');
    const { status, stdout } = await runCli([], {
      settings: { ...settings, BOT_ACCESS_TOKEN: other.accessToken },
    });
    expect(status).toBe(2);
    expect(messagesAt(ERROR, { stdout })).toEqual([
      expect.stringMatching(/bot\.access_token belongs to @other-bot:.*, but bot\.username says regbot/),
    ]);
  });

  test('a data folder belongs to one account and to one running bot', async () => {
    const BOT_DATA_DIR = temporaryDataDir();
    const bot = spawnBot({ ...settings, BOT_DATA_DIR });
    await bot.waitForOutput(/"Ready"/);
    const second = await runCli([], { settings: { ...settings, BOT_DATA_DIR } });
    expect(second.status).toBe(1);
    expect(messagesAt(ERROR, second)).toEqual([
      expect.stringMatching(/Another instance of the bot is running/),
    ]);
    bot.kill('SIGTERM');
    expect(await bot.exited).toBe(0);

    const other = await server.botAccount('third-bot');
    const taken = await runCli([], {
      settings: { ...settings, BOT_DATA_DIR, BOT_USERNAME: other.localpart, BOT_PASSWORD: other.password },
    });
    expect(taken.status).toBe(1);
    expect(messagesAt(ERROR, taken)).toEqual([
      expect.stringMatching(/belongs to the account @regbot:.*, but the bot is @third-bot:.*bot\.data_dir/),
    ]);
  });

  test('a second Ctrl-C does not wait for commands under way; the next start finishes them', async () => {
    const started = await server.bot({ localpart: 'interrupted-bot', proxied: true });
    const { proxy } = started;
    await started.startProcess();
    const bot = started.process;
    const chat = await Conversation.start(await server.person('alice'), started.userId);
    proxy.intercept((request) => (isSend(request) ? badGateway() : undefined));
    const command = await chat.send('create interrupted-1');
    await bot.waitForOutput(/Could not send/);
    bot.kill('SIGINT');
    await bot.waitForOutput(/Stopping/);
    bot.kill('SIGINT');
    expect(await bot.exited).toBe(1);
    proxy.clear();
    started.spawn();
    expect((await chat.answerTo(command)).body).toContain('interrupted-1');
    expect(await chat.answersTo(command)).toEqual([1]);
    expect(await started.stop()).toBe(0);
  });
});
