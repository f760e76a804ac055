// `--check` and `status`: what works, what does not, and what to do about it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Settings } from '../harness/botProcess.ts';
import { Conversation } from '../harness/conversation.ts';
import { startPage, tokenApiAnswers } from '../harness/faults.ts';
import { startProxy } from '../harness/proxy.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { TestServer } from '../harness/testServer.ts';
import { devicesOf, type RegisteredUser } from '../harness/users.ts';
import { runCli } from './runCli.ts';

const server = useTestServer();
let account: RegisteredUser;
let settings: Settings;

beforeAll(async () => {
  account = await server.botAccount();
  settings = settingsFor(server, account);
});

function settingsFor({ synapse }: TestServer, { localpart, password }: RegisteredUser): Settings {
  return { BOT_SERVER: synapse.baseUrl, BOT_USERNAME: localpart, BOT_PASSWORD: password };
}

async function check(more: Settings = {}): Promise<{ status: number | null; lines: string[] }> {
  const { status, stdout, stderr } = await runCli(['--check'], { settings: { ...settings, ...more } });
  expect(stderr).toBe('');
  return { status, lines: stdout.trimEnd().split('\n') };
}

describe('--check', () => {
  test('of a good configuration is green and leaves no device behind', async () => {
    const before = await devicesOf(server.baseUrl, account);
    const { status, lines } = await check();
    expect(lines).toEqual([
      expect.stringMatching(/^✅ Homeserver: http:.* answers/),
      expect.stringMatching(/^✅ Registration: open to people with a token/),
      expect.stringMatching(/^✅ Login: works as @regbot:/),
      expect.stringMatching(/^✅ Token API: Synapse lets the bot manage registration tokens/),
      expect.stringMatching(
        /^ℹ️ Rate limit: the homeserver limits how fast the bot may answer\. A server admin/,
      ),
      'ℹ️ Devices: commands are taken from any device of people with access (bot.trust is any).',
      expect.stringMatching(/^ℹ️ Widget: off, because widget.public_url is missing/),
    ]);
    expect(status).toBe(0);
    expect(await devicesOf(server.baseUrl, account)).toEqual(before);
  });

  test('says with which line an admin lifts the rate limits, and that they are lifted', async () => {
    const plain = await server.synapse.registerUser('limited-bot');
    const settings = { ...settingsFor(server, plain), API_TOKEN: server.admin.accessToken };
    const found = async () => (await check(settings)).lines.find((line) => line.includes('Rate limit'));
    const [, command = ''] = /A server admin lifts it: (curl .*)$/.exec((await found()) ?? '') ?? [];
    await promisify(execFile)('sh', ['-c', command.replace('ADMIN_ACCESS_TOKEN', server.admin.accessToken)]);
    expect(await found()).toBe('✅ Rate limit: the homeserver does not limit how fast the bot may answer.');
  });

  test('with an admin account of its own under api names both logins and leaves no device behind', async () => {
    const owner = await server.synapse.registerUser('owner2', undefined, { admin: true });
    const plain = await server.synapse.registerUser('plain-bot');
    const before = await devicesOf(server.baseUrl, owner);
    const { status, lines } = await check({
      ...settingsFor(server, plain),
      API_USERNAME: owner.localpart,
      API_PASSWORD: owner.password,
    });
    expect(lines).toContainEqual(expect.stringMatching(/^✅ Login: works as @plain-bot:/));
    expect(lines).toContainEqual(expect.stringMatching(/^✅ Admin login: works as @owner2:/));
    expect(status).toBe(0);
    expect(await devicesOf(server.baseUrl, owner)).toEqual(before);
  });

  test('with an access token leaves it valid', async () => {
    const byToken = { BOT_ACCESS_TOKEN: account.accessToken, BOT_PASSWORD: '', BOT_USERNAME: '' };
    expect((await check(byToken)).status).toBe(0);
    expect(await devicesOf(server.baseUrl, account)).not.toEqual([]);
  });

  test.each<[string, () => Settings | Promise<Settings>, RegExp]>([
    [
      'a wrong password',
      () => ({ BOT_PASSWORD: 'wrong' }),
      /^❌ Login: .*does not accept bot\.password of regbot\. Check/,
    ],
    [
      'a server that is not there',
      () => ({ BOT_SERVER: 'http://127.0.0.1:9' }),
      /^❌ Homeserver: .* http:\/\/127\.0\.0\.1:9 can’t be reached \(nothing listens there\)\. Check/,
    ],
    [
      'a name that does not exist',
      () => ({ BOT_SERVER: 'https://matrix.invalid' }),
      /^❌ Homeserver: .* can’t be reached \(its name can’t be resolved\)/,
    ],
    [
      'an admin API that is not there',
      () => ({ API_BASE_URL: 'http://127.0.0.1:9' }),
      /^❌ Token API: .* can’t be reached \(nothing listens there\)/,
    ],
    [
      'an access token under api that is refused',
      () => ({ API_TOKEN: 'syt_refused' }),
      /^❌ Admin login: .*does not accept api\.token/,
    ],
    [
      'a backend that is not supported yet',
      () => ({ API_BACKEND: 'mas' }),
      /^❌ Token API: api\.backend is mas/,
    ],
    [
      'an account without admin rights',
      async () => settingsFor(server, await server.synapse.registerUser('no-admin')),
      /^❌ Token API: .*is not a server admin\. Make it one/,
    ],
  ])('of %s is red and says so', async (_, wrong, words) => {
    const { status, lines } = await check(await wrong());
    expect(lines).toContainEqual(expect.stringMatching(words));
    expect(lines.filter((line) => line.startsWith('❌'))).toHaveLength(1);
    expect(status).toBe(1);
  });

  test('asks the running bot whether it trusts the proxy in front of it', async () => {
    const of = async (localpart: string, trusted: string) => {
      const bot = await server.startBot({
        localpart,
        settings: { ...WIDGET_SETTINGS, WEB_TRUSTED_PROXIES: trusted },
      });
      await using proxy = await startProxy(bot.webAddress ?? '');
      proxy.intercept(async ({ path }) => {
        const headers = { 'x-forwarded-for': '203.0.113.1' };
        const answer = await fetch(`${bot.webAddress}${path}`, { headers });
        return { status: answer.status, body: await answer.json() };
      });
      const { status, lines } = await check({ WIDGET_PUBLIC_URL: proxy.baseUrl });
      expect(status).toBe(0);
      return lines.filter((line) => line.includes('Proxy:'));
    };
    expect(await of('trusting', '127.0.0.1')).toEqual([]);
    expect(await of('distrusting', '192.0.2.1')).toEqual([
      expect.stringMatching(/^ℹ️ Proxy: the one at http:\S+ is not in web\.trusted_proxies/),
    ]);
  });

  test('of an address at which there is a web site is red and says so', async () => {
    await using proxy = await server.proxy();
    proxy.intercept(() => startPage);
    const { status, lines } = await check({ BOT_SERVER: proxy.baseUrl });
    expect(lines).toEqual([
      expect.stringMatching(/^❌ Homeserver: .* HTTP 200 \(not a Matrix answer.*bot\.server is right/),
    ]);
    expect(status).toBe(1);
  });

  test('of https where there is only http is red and says so', async () => {
    await using proxy = await server.proxy();
    const { status, lines } = await check({ BOT_SERVER: proxy.baseUrl.replace('http', 'https') });
    expect(lines).toEqual([expect.stringMatching(/can’t be reached \(it does not speak https there\)/)]);
    expect(status).toBe(1);
  });

  test('with the Matrix Authentication Service in charge is red and says so', async () => {
    await using proxy = await server.proxy();
    proxy.intercept(({ path }) => {
      if (path.startsWith('/_synapse/admin'))
        return { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' } };
      if (path === '/_matrix/client/v1/auth_metadata')
        return { status: 200, body: { issuer: 'https://mas.example.org/' } };
      return undefined;
    });
    const { status, lines } = await check({ BOT_SERVER: proxy.baseUrl });
    expect(lines).toContainEqual(
      expect.stringMatching(/^❌ Token API: .*https:\/\/mas\.example\.org\/ is in charge/),
    );
    expect(status).toBe(1);
  });

  test('of an admin API that the proxy does not pass on is red and names the key to set', async () => {
    await using proxy = await server.proxy();
    tokenApiAnswers(proxy, { status: 404, body: '<h1>Not Found</h1>' });
    const { status, lines } = await check({ BOT_SERVER: proxy.baseUrl });
    expect(lines).toContainEqual(
      expect.stringMatching(/^❌ Token API: There is no registration token API at .*api\.base_url/),
    );
    expect(status).toBe(1);
  });
});

describe.each<[string, Record<string, unknown>, RegExp]>([
  ['closed', { enable_registration: false }, /^❌ Registration: closed.*enable_registration: true/],
  [
    'open to everybody',
    { registration_requires_token: false, enable_registration_without_verification: true },
    /^❌ Registration: open to everybody.*registration_requires_token: true/,
  ],
])('a homeserver whose registration is %s', (_, extraConfig, words) => {
  test('is reported by --check and by status', async () => {
    const other = await TestServer.start({ extraConfig });
    onTestFinished(() => other[Symbol.asyncDispose]());
    const botUser = await other.botAccount();
    const { status, lines } = await check(settingsFor(other, botUser));
    expect(lines).toContainEqual(expect.stringMatching(words));
    expect(status).toBe(1);
    const bot = await other.startBot({ account: botUser });
    const chat = await Conversation.start(await other.person('alice'), bot.userId);
    const { body } = await chat.ask('status');
    const line = body.split('\n').find((part) => part.includes('Registration'));
    expect(line?.replace('• ', '')).toMatch(words);
  });
});
