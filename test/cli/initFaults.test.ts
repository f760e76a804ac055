// `init` where something is missing or wrong: it prints one line, and leaves nothing behind.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Settings, temporaryDataDir } from '../harness/botProcess.ts';
import { tokenApiAnswers } from '../harness/faults.ts';
import { TestServer } from '../harness/testServer.ts';
import { publishForeignKeys, type RegisteredUser } from '../harness/users.ts';
import { InitSuite, init } from './runInit.ts';

const suite = new InitSuite();
const { server } = suite;
let boss: RegisteredUser;
let nobody: RegisteredUser;
const answers = (...more: string[]) => suite.answers(...more);

beforeAll(async () => {
  ({ boss } = suite);
  nobody = await server.synapse.registerUser('nobody');
});

test('missing values are named with their options, all at once, and nothing is asked or written', async () => {
  const { status, stderr, text } = await init(['--create-account', '--server', 'http://127.0.0.1:9']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/Nobody can be asked here/);
  for (const option of ['--username', '--admin-username', 'API_PASSWORD', '--allow', '--public-url'])
    expect(stderr).toContain(option);
  expect(stderr).not.toContain('--server');
  expect(text).toBeUndefined();
});

test('invalid answers are refused before a server is asked', async () => {
  const { status, stderr } = await init([
    ...['--server', 'http://127.0.0.1:9', '--username', 'a b', '--public-url', 'http://example.org'],
    ...['--allow', '@*:example.org', '--data-dir', ''],
  ]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/bot\.username: "a b" will not do/);
  expect(stderr).toMatch(/widget\.public_url: "http:\/\/example\.org" will not do; wanted: an https address/);
  expect(stderr).toContain('bot.data_dir: It is empty.');
  expect(stderr).toMatch(/access\.allow: .*write \.\* instead/);
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
])('%s is reported in one line, and nothing is changed', async (_, args, settings, words) => {
  const { status, stdout, stderr, text } = await init(args(), settings());
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(words);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(text).toBeUndefined();
  expect(await suite.account(`@unborn:${server.serverName}`)).toBeUndefined();
});

test('an access token of a device that another program has encrypted with is refused', async () => {
  const own = await server.botAccount('old-bot');
  const { accessToken } = own;
  const fresh = await init(answers(), { BOT_ACCESS_TOKEN: accessToken });
  expect(fresh.status).toBe(0);
  expect(fresh.text).toContain(`access_token: ${accessToken}`);
  await publishForeignKeys(server.baseUrl, own);
  const { status, stderr } = await init(answers(), { BOT_ACCESS_TOKEN: accessToken });
  expect(status).toBe(1);
  expect(stderr).toMatch(/encryption keys of another program.*user name and password, or/);
});

test('an admin API that the proxy does not expose is reported with the option that helps', async () => {
  await using proxy = await server.proxy();
  tokenApiAnswers(proxy, { status: 404, body: '<h1>Not Found</h1>' });
  const own = await server.botAccount('inner-bot');
  const settings = { BOT_USERNAME: own.localpart, BOT_PASSWORD: own.password };
  const outside = await init(answers('--server', proxy.baseUrl), settings);
  expect(outside.status).toBe(1);
  expect(outside.stderr).toMatch(/no registration token API at .*api\.base_url.*Here: --api-url\./);
  const inside = await init(answers('--server', proxy.baseUrl, '--api-url', server.baseUrl), settings);
  expect(inside.status).toBe(0);
  expect(inside.text).toContain(`  base_url: ${server.baseUrl}`);
});

test('a homeserver with closed registration: the file is written, and the fix is printed', async () => {
  await using closed = await TestServer.start({ extraConfig: { enable_registration: false } });
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

test('a folder without write permission is reported before anything is created', async () => {
  const cwd = temporaryDataDir();
  mkdirSync(join(cwd, 'file'), { recursive: true });
  writeFileSync(join(cwd, 'file', 'x'), '');
  const own = await server.botAccount('folder-bot');
  const { status, stderr, text } = await init(
    answers('--data-dir', 'file/x/data'),
    { BOT_USERNAME: own.localpart, BOT_PASSWORD: own.password },
    cwd,
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/data folder .*file\/x\/data can’t be used: .*ENOTDIR/);
  expect(text).toBeUndefined();
});
