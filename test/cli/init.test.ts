// `init` without questions: from a Synapse that has only an admin's account to a bot that runs.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { spawnBot, temporaryDataDir } from '../harness/botProcess.ts';
import { Conversation } from '../harness/conversation.ts';
import { TestServer } from '../harness/testServer.ts';
import { devicesOf, login, type RegisteredUser } from '../harness/users.ts';
import { InitSuite, init } from './runInit.ts';

const suite = new InitSuite();
const { server } = suite;
let boss: RegisteredUser;
const answers = (...more: string[]) => suite.answers(...more);

beforeAll(async () => {
  ({ boss } = suite);
});

test('makes the bot’s account as a server admin, keeps nothing of the admin, and the bot runs with it', async () => {
  const before = await devicesOf(server.baseUrl, boss);
  const { status, stdout, stderr, text, file, cwd } = await init(
    answers('--username', 'fresh', '--create-account', '--make-admin', '--admin-username', 'boss'),
    { API_PASSWORD: boss.password },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const botId = `@fresh:${server.serverName}`;
  expect(stdout).toContain(`Made the account ${botId}, a server admin.`);
  expect(stdout).toMatch(/✅ Token API: Synapse lets the bot manage registration tokens/);
  expect(stdout).toMatch(
    /Left to do:\n1\. Keep a copy of bot\.recovery_key.*\n2\. Start the bot: npm start -- --config .*config\.yml\. As a service: (?:\/.*)?\/docs\/deploy\.md\./,
  );
  // Links of matrix.to lead to unencrypted rooms in Element.
  expect(stdout).not.toContain('matrix.to');
  expect(stdout).toContain(`Start a direct chat with ${botId} in your client and send help.`);
  expect(await suite.account(botId)).toMatchObject({ admin: true });

  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(cwd, 'data')).mode & 0o777).toBe(0o700);
  expect(text).toMatch(/^# Configuration of the Matrix Registration Bot\.$/m);
  expect(text).not.toContain(boss.password);
  expect(text).toMatch(/^ {2}recovery_key: "(?:\w{4} ){11}\w{4}"$/m);
  const password = /^ {2}password: (\S+)$/m.exec(text ?? '')?.[1] ?? '';
  expect(stdout).not.toContain(password);
  // Neither the admin's nor the bot's login is left.
  expect(await devicesOf(server.baseUrl, boss)).toEqual(before);
  const { accessToken } = await login(server.baseUrl, 'fresh', password);
  expect(await devicesOf(server.baseUrl, { ...boss, accessToken })).toHaveLength(1);

  const bot = spawnBot({}, ['--config', file], cwd);
  await bot.waitForOutput(/"Ready"/);
  const chat = await Conversation.start(await server.person('alice'), botId);
  expect(await chat.greeting()).toContain('You may not manage them.');
  bot.kill('SIGTERM');
  expect(await bot.exited).toBe(0);
});

test('an existing admin account needs no other login', async () => {
  const own = await server.botAccount('admin-bot');
  const { status, text } = await init(answers(), { BOT_USERNAME: own.localpart, BOT_PASSWORD: own.password });
  expect(status).toBe(0);
  expect(text).toMatch(/^#api:$/m);
  expect(text).toContain(`  allow: ["${boss.userId}"]`);
});

test('without --make-admin the admin’s login is kept', async () => {
  const plain = await server.synapse.registerUser('plain');
  const { status, text } = await init(answers('--username', 'plain'), {
    BOT_PASSWORD: plain.password,
    API_TOKEN: boss.accessToken,
  });
  expect(status).toBe(0);
  expect(text).toMatch(/^api:$/m);
  expect(text).toContain(`  token: ${boss.accessToken}`);
  expect(await suite.account(plain.userId)).toMatchObject({ admin: false });
});

test.each([
  [
    'with its own rights',
    async () => {
      const { localpart, password } = await server.botAccount('free-bot');
      return init(answers(), { BOT_USERNAME: localpart, BOT_PASSWORD: password });
    },
  ],
  [
    'with the admin’s rights',
    async () => {
      const { localpart, password } = await server.synapse.registerUser('free-plain');
      const secrets = { BOT_PASSWORD: password, API_TOKEN: boss.accessToken };
      return init(answers('--username', localpart), secrets);
    },
  ],
])('%s the bot is freed of the homeserver’s rate limits', async (_, run) => {
  const { stdout } = await run();
  expect(stdout).toMatch(
    /^Lifted the homeserver’s rate limits for @free-\w+:.*, so that it answers at once\.$/m,
  );
  expect(stdout).toMatch(/^✅ Rate limit: the homeserver does not limit how fast the bot may answer\.$/m);
});

test('--make-admin gives an account that is there the rights', async () => {
  const plain = await server.synapse.registerUser('promoted');
  const { status, text, stdout } = await init(answers('--make-admin', '--admin-username', 'boss'), {
    BOT_USERNAME: plain.localpart,
    BOT_PASSWORD: plain.password,
    API_PASSWORD: boss.password,
  });
  expect(status).toBe(0);
  expect(stdout).toContain(`Made ${plain.userId} a server admin.`);
  expect(text).toMatch(/^#api:$/m);
  expect(await suite.account(plain.userId)).toMatchObject({ admin: true });
});

test('a widget’s address and who has access: the remaining steps are printed', async () => {
  const own = await server.botAccount('widget-bot');
  const { status, text, stdout } = await init(
    answers(
      '--public-url',
      'https://regbot.example.org',
      '--listen',
      '0.0.0.0:9000',
      '--allow',
      '@.*:example.org',
    ),
    { BOT_USERNAME: own.localpart, BOT_PASSWORD: own.password },
  );
  expect(status).toBe(0);
  expect(text).toMatch(/^widget:$/m);
  expect(text).toContain('  public_url: https://regbot.example.org');
  expect(text).toContain('  listen: 0.0.0.0:9000');
  expect(text).toContain(`allow: ["${boss.userId}", "@.*:example.org"]`);
  expect(stdout).toMatch(/Let https:\/\/regbot\.example\.org lead to 0\.0\.0\.0:9000/);
});

test('an existing configuration is kept, except with --force', async () => {
  const own = await server.botAccount('force-bot');
  const settings = { BOT_USERNAME: own.localpart, BOT_PASSWORD: own.password };
  const cwd = temporaryDataDir();
  const file = join(cwd, 'config.yml');
  writeFileSync(file, 'mine', { mode: 0o644 });
  const refused = await init(answers(), settings, cwd);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/config\.yml is there already.*--force/);
  expect(refused.text).toBe('mine');
  const forced = await init(answers('--force'), settings, cwd);
  expect(forced.status).toBe(0);
  expect(forced.text).toContain(server.baseUrl);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(cwd).sort()).toEqual(['config.yml', 'data']);
});

test('the few logins that a server with its own limits allows are enough, up to the running bot', async () => {
  await using strict = await TestServer.start({ rateLimits: 'default' });
  const owner = await strict.synapse.registerUser('head', undefined, { admin: true });
  const plain = await strict.synapse.registerUser('plain');
  const cwd = temporaryDataDir();
  const began = performance.now();
  // The most that there can be: both logins are kept, and used by the check and by the bot.
  const { status } = await init(
    answers('--server', strict.synapse.baseUrl, '--admin-username', 'head'),
    { BOT_USERNAME: plain.localpart, BOT_PASSWORD: plain.password, API_PASSWORD: owner.password },
    cwd,
  );
  expect(status).toBe(0);
  const bot = spawnBot({}, [], cwd);
  await bot.waitForOutput(/"Ready"/);
  bot.kill('SIGTERM');
  expect(await bot.exited).toBe(0);
  // Synapse would let the next login wait for minutes.
  expect(performance.now() - began).toBeLessThan(40_000);
});

test('--help names every option', async () => {
  const { status, stdout } = await init(['--help']);
  expect(status).toBe(0);
  for (const option of ['--server', '--create-account', '--make-admin', '--secrets-stdin', 'BOT_PASSWORD'])
    expect(stdout).toContain(option);
});
