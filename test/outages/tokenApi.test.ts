// The token API fails while everything else works: the reply says why and what to do about it, and `status` says which
// part is broken.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startBotForTest, startBotInRoom } from '../harness/botInRoom.ts';
import type { Settings } from '../harness/botProcess.ts';
import type { Conversation } from '../harness/conversation.ts';
import { isTokenApi, startPage, tokenApiAnswers } from '../harness/faults.ts';
import { logged, WARN } from '../harness/logSearch.ts';
import type { Person } from '../harness/person.ts';
import { badGateway, type CannedResponse, rateLimited } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { login } from '../harness/users.ts';

const server = useTestServer();
let alice: Person;
/** With the bot's own account as the admin. */
let bot: RestartableBot;
let chat: Conversation;

beforeAll(async () => {
  alice = await server.person('alice');
  ({ bot, chat } = await startBotInRoom(server, alice));
});

afterEach(() => bot.proxy.clear());

/** With an admin account of its own under `api`. */
const newBot = (settings: Settings) => startBotForTest(server, alice, { settings });

/** `status` says about the token API what `words` match, and that the rest works. */
async function expectStatus(chat: Conversation, words: RegExp): Promise<void> {
  const lines = (await chat.ask('status')).body.split('\n');
  expect(lines.find((line) => line.includes('Homeserver'))).toContain('✅');
  const tokenApi = lines.find((line) => line.includes('Token API'));
  expect(tokenApi).toContain('❌');
  expect(tokenApi).toMatch(words);
  expect(lines.find((line) => line.includes('Registration'))).toContain('✅');
}

describe('what stands in front of the token API', () => {
  test.each<[string, CannedResponse, RegExp]>([
    ['a proxy whose backend is down', badGateway(), /answered HTTP 502.*reverse proxy/],
    [
      'a proxy that does not pass it on',
      { status: 404, body: '<h1>Not Found</h1>' },
      /no registration token API at .*api\.base_url/,
    ],
    [
      'a proxy that keeps everybody out',
      { status: 403, body: '<h1>Forbidden</h1>' },
      /no registration token API at .*api\.base_url/,
    ],
    ['a web server that shows its start page', startPage, /no registration token API at .*api\.base_url/],
    [
      'a homeserver that is no Synapse',
      { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' } },
      /no registration token API at .*api\.base_url/,
    ],
    [
      'a homeserver with an error of its own',
      { status: 500, body: { errcode: 'M_UNKNOWN', error: 'Internal server error' } },
      /HTTP 500 \(Internal server error\).*log/,
    ],
  ])('%s is reported with its remedy', async (_, answer, words) => {
    tokenApiAnswers(bot.proxy, answer);
    const { body } = await chat.ask('list');
    expect(body).toMatch(words);
    expect(body).not.toMatch(/keeps trying|html/i);
    await expectStatus(chat, words);
  });

  test('a transient failure is retried three times quickly before it is reported', async () => {
    let left = 2;
    bot.proxy.intercept((request) => (isTokenApi(request) && left-- > 0 ? badGateway() : undefined));
    expect((await chat.ask('create passing-fault')).body).toContain('New registration token');
    tokenApiAnswers(bot.proxy, badGateway());
    const before = bot.proxy.requests.filter(isTokenApi).length;
    expect((await chat.ask('list')).body).toContain('Then send the command again.');
    expect(bot.proxy.requests.filter(isTokenApi).length - before).toBe(3);
  });

  test('a creation whose answer never came is reported as unconfirmed', async () => {
    bot.proxy.intercept((request) =>
      request.path.endsWith('/registration_tokens/new') ? 'drop-after' : undefined,
    );
    const { body } = await chat.ask('create');
    const [, token = ''] = /“show (\w+)” tells/.exec(body) ?? [];
    expect(body).toContain('the connection was cut');
    bot.proxy.clear();
    expect((await chat.ask(`show ${token}`)).body).toContain(token);
  });

  test('an answer that takes a while is waited for', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    bot.proxy.intercept((request) => (isTokenApi(request) ? promise : undefined));
    const listing = await chat.send('list');
    const help = await chat.send('help');
    setTimeout(() => resolve(undefined), 1_500);
    expect((await chat.answerTo(listing)).body).toMatch(/no .*tokens|token/i);
    await chat.answerTo(help);
    expect(await chat.answersTo(listing, help)).toEqual([1, 1]);
  });

  test('an answer that never comes is reported', async () => {
    const slow = await startBotForTest(server, alice, { adminApiTimeoutMs: 300 });
    slow.bot.proxy.intercept((request) => (isTokenApi(request) ? new Promise(() => {}) : undefined));
    expect((await slow.chat.ask('list')).body).toContain('did not answer in time');
  });
});

describe('a rate limit', () => {
  test('is waited out for as long as the homeserver or a proxy says, and the command is answered once', async () => {
    const answers: CannedResponse[] = [
      rateLimited(300),
      rateLimited(500),
      { status: 429, headers: { 'retry-after': '1' }, body: '<h1>Too Many Requests</h1>' },
    ];
    const arrivals: number[] = [];
    bot.proxy.intercept((request) => {
      if (!request.path.endsWith('/registration_tokens/new')) return undefined;
      arrivals.push(performance.now());
      return answers.shift();
    });
    const command = await chat.send('create uses=3');
    expect((await chat.answerTo(command)).body).toContain('New registration token');
    const waits = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? 0));
    expect(waits).toHaveLength(3);
    for (const [index, least] of [300, 500, 1000].entries())
      expect(waits[index]).toBeGreaterThanOrEqual(least);
    expect(await chat.answersTo(command)).toEqual([1]);
    const created = (await server.admin.listTokens()).filter(({ uses_allowed }) => uses_allowed === 3);
    expect(created).toHaveLength(1);
  });

  test('that lasts for minutes is reported', async () => {
    tokenApiAnswers(bot.proxy, rateLimited(600_000));
    expect((await chat.ask('list')).body).toMatch(/limits how often it may be asked.*send the command again/);
  });
});

describe('the admin account', () => {
  test('that loses its admin rights is reported, and works again without a restart', async () => {
    await server.admin.setAdmin(bot.account.userId, false);
    const words = /not a server admin.*Make it one/;
    expect((await chat.ask('list')).body).toMatch(words);
    await expectStatus(chat, words);
    await server.admin.setAdmin(bot.account.userId, true);
    expect((await chat.ask('create rights-are-back')).body).toContain('rights-are-back');
  });

  test('whose access token expired or was revoked is reported', async () => {
    const owner = await server.synapse.registerUser('token-owner', undefined, { admin: true });
    const { chat } = await newBot({ API_TOKEN: owner.accessToken });
    await chat.ask('create before-the-end');
    await server.admin.deleteDevice(owner.userId, owner.deviceId);
    const words = /does not accept .* admin API .*expired or revoked.*under api in the configuration/;
    expect((await chat.ask('list')).body).toMatch(words);
    await expectStatus(chat, words);
    expect((await chat.ask('help')).body).toContain('create');
  });

  test('whose access token was never valid is reported', async () => {
    const { chat } = await newBot({ API_TOKEN: 'syt_wrong_from_the_start' });
    expect((await chat.ask('create')).body).toMatch(/does not accept .*under api in the configuration/);
  });

  test('whose session was ended logs in again unnoticed', async () => {
    const owner = await server.synapse.registerUser('password-owner', undefined, { admin: true });
    const { bot, chat } = await newBot({ API_USERNAME: owner.localpart, API_PASSWORD: owner.password });
    await chat.ask('create with-a-session');
    const before = apiSession(bot);
    await server.admin.deleteDevice(owner.userId, before.deviceId);
    expect((await chat.ask('show with-a-session')).body).toContain('with-a-session');
    expect(apiSession(bot).accessToken).not.toBe(before.accessToken);
    expect(logged(bot, WARN).map(({ msg }) => msg)).toEqual([expect.stringContaining('logging in again')]);
  });

  test('whose password changed is reported', async () => {
    const owner = await server.synapse.registerUser('changed-owner', undefined, { admin: true });
    const { chat } = await newBot({
      API_USERNAME: owner.localpart,
      API_PASSWORD: `${owner.password}!`,
    });
    expect((await chat.ask('list')).body).toMatch(/does not accept api\.password of changed-owner.*Check/);
    await expect(login(server.baseUrl, owner.localpart, owner.password)).resolves.toBeDefined();
  });
});

function apiSession({ store }: RestartableBot): { accessToken: string; deviceId: string } {
  return JSON.parse(store.meta.get('api_session') ?? '{}');
}

describe('the Matrix Authentication Service', () => {
  test('is named if it handles registration', async () => {
    bot.proxy.intercept(({ path }) => {
      if (path.startsWith('/_synapse/admin/v1/registration_tokens'))
        return { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' } };
      if (path === '/_matrix/client/v1/auth_metadata')
        return { status: 200, body: { issuer: 'https://mas.example.org/' } };
      return undefined;
    });
    const words = /Matrix Authentication Service at https:\/\/mas\.example\.org\/ is in charge.*mas-cli/;
    expect((await chat.ask('create')).body).toMatch(words);
    await expectStatus(chat, words);
  });

  test('asked for in the configuration is reported as not supported yet', async () => {
    const { chat } = await newBot({ API_BACKEND: 'mas' });
    const words = /api\.backend is mas, which this version of the bot does not support yet/;
    expect((await chat.ask('list')).body).toMatch(words);
    await expectStatus(chat, words);
  });
});
