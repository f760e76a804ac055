// `init` without questions: from a Synapse that has only an admin's account to a bot that runs.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Settings, spawnBot, temporaryDataDir } from '../harness/bot.ts';
import { MatrixHttpError, requestJson } from '../harness/matrixHttp.ts';
import { startProxy } from '../harness/proxy.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import { login, type RegisteredUser } from '../harness/users.ts';
import { tokenApiAnswers } from './badDaysWorld.ts';
import { runCli } from './cliRun.ts';

let scene: Scene;
let boss: RegisteredUser;

beforeAll(async () => {
  scene = await Scene.start();
  boss = await scene.synapse.registerUser('boss', 'the boss’s password', { admin: true });
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

async function init(args: readonly string[], settings: Settings = {}, cwd = temporaryDataDir()) {
  const ended = await runCli(['init', ...args], { settings, cwd });
  const file = join(cwd, 'config.yml');
  return { ...ended, cwd, file, text: existsSync(file) ? readFileSync(file, 'utf8') : undefined };
}

/** What a person at the server would say, with more or other options behind. */
function answers(...more: string[]): string[] {
  const { baseUrl } = scene.synapse;
  return ['--server', baseUrl, '--allow', boss.userId, '--public-url', 'none', ...more];
}

async function devicesOf({ accessToken }: RegisteredUser): Promise<unknown[]> {
  const path = '/_matrix/client/v3/devices';
  return (await requestJson<{ devices: unknown[] }>(scene.synapse.baseUrl, 'GET', path, { accessToken }))
    .devices;
}

async function account(userId: string): Promise<{ admin: boolean } | undefined> {
  const path = `/_synapse/admin/v2/users/${userId}`;
  try {
    return await requestJson(scene.synapse.baseUrl, 'GET', path, { accessToken: boss.accessToken });
  } catch (error) {
    if (error instanceof MatrixHttpError && error.errcode === 'M_NOT_FOUND') return undefined;
    throw error;
  }
}

test('makes the bot’s account as a server admin, keeps nothing of the admin, and the bot runs with it', async () => {
  const before = await devicesOf(boss);
  const { status, stdout, stderr, text, file, cwd } = await init(
    answers('--username', 'fresh', '--create-account', '--make-admin', '--admin-username', 'boss'),
    { API_PASSWORD: boss.password },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const botId = `@fresh:${scene.synapse.serverName}`;
  expect(stdout).toContain(`Made the account ${botId}, a server admin.`);
  expect(stdout).toMatch(/✅ Token API: Synapse lets the bot manage registration tokens/);
  expect(stdout).toMatch(/Left to do:\n1\. Start the bot: .*config\.yml/);
  expect(stdout).toContain(`https://matrix.to/#/${encodeURIComponent(botId)}`);
  expect(await account(botId)).toMatchObject({ admin: true });

  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(cwd, 'data')).mode & 0o777).toBe(0o700);
  expect(text).toMatch(/^# Configuration of the Matrix Registration Bot\.$/m);
  expect(text).not.toContain(boss.password);
  expect(text).toMatch(/^ {2}recovery_key: "(?:\w{4} ){11}\w{4}"$/m);
  const password = /^ {2}password: (\S+)$/m.exec(text ?? '')?.[1] ?? '';
  expect(stdout).not.toContain(password);
  // No login is left: neither the admin's nor the bot's.
  expect(await devicesOf(boss)).toEqual(before);
  const { accessToken } = await login(scene.synapse.baseUrl, 'fresh', password);
  expect(await devicesOf({ ...boss, accessToken })).toHaveLength(1);

  const bot = spawnBot({}, ['--config', file], cwd);
  await bot.waitForOutput(/"Ready"/);
  const chat = await Conversation.start(await scene.person('alice'), botId);
  expect((await chat.ask('create')).body).toMatch(/not allowed|may not|only/i);
  bot.kill('SIGTERM');
  expect(await bot.exited).toBe(0);
});

test('an account that is there and is an admin needs no other login', async () => {
  const own = await scene.botAccount('admin-bot');
  const { status, text } = await init(answers(), { BOT_USERNAME: own.localpart, BOT_PASSWORD: own.password });
  expect(status).toBe(0);
  expect(text).toMatch(/^#api:$/m);
  expect(text).toContain(`  allow: ["${boss.userId}"]`);
});

test('without --make-admin the admin’s login is kept', async () => {
  const plain = await scene.synapse.registerUser('plain');
  const { status, text } = await init(answers('--username', 'plain'), {
    BOT_PASSWORD: plain.password,
    API_TOKEN: boss.accessToken,
  });
  expect(status).toBe(0);
  expect(text).toMatch(/^api:$/m);
  expect(text).toContain(`  token: ${boss.accessToken}`);
  expect(await account(plain.userId)).toMatchObject({ admin: false });
});

test('--make-admin gives an account that is there the rights', async () => {
  const plain = await scene.synapse.registerUser('promoted');
  const { status, text, stdout } = await init(answers('--make-admin', '--admin-username', 'boss'), {
    BOT_USERNAME: plain.localpart,
    BOT_PASSWORD: plain.password,
    API_PASSWORD: boss.password,
  });
  expect(status).toBe(0);
  expect(stdout).toContain(`Made ${plain.userId} a server admin.`);
  expect(text).toMatch(/^#api:$/m);
  expect(await account(plain.userId)).toMatchObject({ admin: true });
});

test('a widget’s address, and for whom it is: the rest of the set-up is told', async () => {
  const own = await scene.botAccount('widget-bot');
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

test('what is missing is named with its options, all at once, and nothing is asked or written', async () => {
  const { status, stderr, text } = await init(['--create-account', '--server', 'http://127.0.0.1:9']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/Nobody can be asked here/);
  for (const option of ['--username', '--admin-username', 'API_PASSWORD', '--allow', '--public-url'])
    expect(stderr).toContain(option);
  expect(stderr).not.toContain('--server');
  expect(text).toBeUndefined();
});

test('answers that can’t be are refused before a server is asked', async () => {
  const { status, stderr } = await init([
    ...['--server', 'http://127.0.0.1:9', '--username', 'a b', '--public-url', 'http://example.org'],
    ...['--allow', '@*:example.org'],
  ]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/bot\.username: "a b" will not do/);
  expect(stderr).toMatch(/widget\.public_url: "http:\/\/example\.org" will not do; wanted: an https address/);
  expect(stderr).toMatch(/access\.allow: .*write \.\* instead/);
});

test('a configuration that is there is left alone, unless --force says otherwise', async () => {
  const own = await scene.botAccount('force-bot');
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
  expect(forced.text).toContain(scene.synapse.baseUrl);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(cwd).sort()).toEqual(['config.yml', 'data']);
});

test.each<[string, () => string[], () => Settings, RegExp]>([
  [
    'a wrong password of the admin',
    () => answers('--create-account', '--username', 'unborn', '--admin-username', 'boss'),
    () => ({ API_PASSWORD: 'wrong' }),
    /does not accept api\.password of boss/,
  ],
  [
    'an admin who is none',
    () => answers('--create-account', '--username', 'unborn'),
    () => ({ API_TOKEN: nobody.accessToken }),
    /is not a server admin/,
  ],
  [
    'a name that is taken',
    () => answers('--create-account', '--username', 'nobody'),
    () => ({ API_TOKEN: boss.accessToken }),
    /@nobody:.* is there already\. Choose another name/,
  ],
  [
    'an account without rights and without an admin’s login',
    () => answers(),
    () => ({ BOT_USERNAME: 'nobody', BOT_PASSWORD: nobody.password }),
    /is not a server admin\. Make it one, or/,
  ],
  [
    'a server that is not there',
    () => answers('--server', 'http://127.0.0.1:9'),
    () => ({ BOT_USERNAME: 'nobody', BOT_PASSWORD: nobody.password }),
    /can’t be reached \(nothing listens there\)/,
  ],
])('%s is told in one line, and nothing is changed', async (_, args, settings, words) => {
  nobody ??= await scene.synapse.registerUser('nobody');
  const { status, stdout, stderr, text } = await init(args(), settings());
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(words);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(text).toBeUndefined();
  expect(await account(`@unborn:${scene.synapse.serverName}`)).toBeUndefined();
});
let nobody: RegisteredUser;

test('an access token of a device that another program has encrypted with is refused', async () => {
  const own = await scene.botAccount('old-bot');
  const { userId: user_id, deviceId: device_id, accessToken } = own;
  const fresh = await init(answers(), { BOT_ACCESS_TOKEN: accessToken });
  expect(fresh.status).toBe(0);
  expect(fresh.text).toContain(`access_token: ${accessToken}`);
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
  const { status, stderr } = await init(answers(), { BOT_ACCESS_TOKEN: accessToken });
  expect(status).toBe(1);
  expect(stderr).toMatch(/encryption keys of another program.*user name and password, or/);
});

test('an admin API that the proxy does not pass on is told with the option that helps', async () => {
  await using proxy = await startProxy(scene.synapse.baseUrl);
  tokenApiAnswers(proxy, { status: 404, body: '<h1>Not Found</h1>' });
  const own = await scene.botAccount('inner-bot');
  const settings = { BOT_USERNAME: own.localpart, BOT_PASSWORD: own.password };
  const outside = await init(answers('--server', proxy.baseUrl), settings);
  expect(outside.status).toBe(1);
  expect(outside.stderr).toMatch(/no registration token API at .*api\.base_url.*Here: --api-url\./);
  const inside = await init(answers('--server', proxy.baseUrl, '--api-url', scene.synapse.baseUrl), settings);
  expect(inside.status).toBe(0);
  expect(inside.text).toContain(`  base_url: ${scene.synapse.baseUrl}`);
});

test('the few logins that a server with its own limits allows are enough, up to the running bot', async () => {
  await using strict = await Scene.start({ rateLimits: 'default' });
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

test('a homeserver with closed registration: the file is written, and what to mend is told', async () => {
  await using closed = await Scene.start({ extraConfig: { enable_registration: false } });
  const own = await closed.botAccount();
  const { status, stdout, text } = await init(answers('--server', closed.synapse.baseUrl), {
    BOT_USERNAME: own.localpart,
    BOT_PASSWORD: own.password,
  });
  expect(status).toBe(1);
  expect(text).toContain(closed.synapse.baseUrl);
  expect(stdout).toMatch(/❌ Registration: closed.*enable_registration: true/);
  expect(stdout).toMatch(/1\. Mend what is marked with ❌/);
});

test('a folder that can’t be written to is told before anything is made', async () => {
  const cwd = temporaryDataDir();
  mkdirSync(join(cwd, 'file'), { recursive: true });
  writeFileSync(join(cwd, 'file', 'x'), '');
  const own = await scene.botAccount('folder-bot');
  const { status, stderr, text } = await init(
    answers('--data-dir', 'file/x/data'),
    { BOT_USERNAME: own.localpart, BOT_PASSWORD: own.password },
    cwd,
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/data folder .*file\/x\/data can’t be used: .*ENOTDIR/);
  expect(text).toBeUndefined();
});

test('--help names every option', async () => {
  const { status, stdout } = await init(['--help']);
  expect(status).toBe(0);
  for (const option of ['--server', '--create-account', '--make-admin', '--secrets-stdin', 'BOT_PASSWORD'])
    expect(stdout).toContain(option);
});
