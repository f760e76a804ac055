// The widget's API with invalid and excessive requests; and its headers.
import { request as httpRequest } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { API_ROOT } from '../../common/api.ts';
import type { Person } from '../harness/person.ts';
import type { Proxy as FaultyProxy } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { ApiUser, ask, openIdToken, webAddress } from './apiUser.ts';
import { OpenIdProxySuite } from './openIdProxy.ts';

const suite = new OpenIdProxySuite();
const { server } = suite;
let proxy: FaultyProxy;
let bot: RestartableBot;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  ({ proxy } = suite);
  bot = await suite.startBot('regbot');
  alice = await server.person('alice');
  bob = await server.person('bob');
});

describe('nonsense', () => {
  let user: ApiUser;

  beforeAll(async () => {
    user = await ApiUser.signIn(server, bot, alice);
  });

  test.each([
    '%2e%2e',
    '.',
    '..',
    '..%2fusers',
    'a%2Fb',
    'a%00b',
    '%0a',
    'a%20b',
    '%C3%A4',
    'x'.repeat(65),
    'x'.repeat(8_000),
    '%',
  ])('as a token in the path: %s', async (step) => {
    await server.admin.createToken({ token: 'kept' }).catch(() => undefined);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const { status, text } = await rawRequest(method, `${API_ROOT}/tokens/${step}`, user.token);
      expect(status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({ errcode: 'M_INVALID_PARAM' });
    }
    expect(await server.tokens()).toMatchObject([{ token: 'kept' }]);
  });

  test.each(['/tokens/../../../health/live', '//tokens', '/tokens/./x'])(
    'as a path leads nowhere else: %s',
    async (path) => {
      expect((await rawRequest('GET', API_ROOT + path, user.token)).status).toBe(404);
    },
  );

  test.each([
    ['nothing at all', {}, 400, 'M_NOT_JSON'],
    ['text', { raw: 'hello', headers: { 'content-type': 'text/plain' } }, 400, 'M_NOT_JSON'],
    [
      'a form',
      { raw: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      400,
      'M_NOT_JSON',
    ],
    ['broken JSON', { raw: '{"count":', headers: { 'content-type': 'application/json' } }, 400, 'M_NOT_JSON'],
    ['100 KB', { json: { token: 'x'.repeat(100_000) } }, 413, 'M_TOO_LARGE'],
    ['20 MB', { json: { token: 'x'.repeat(20_000_000) } }, 413, 'M_TOO_LARGE'],
    [
      'something compressed',
      { raw: 'x', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } },
      415,
      'M_INVALID_PARAM',
    ],
    [
      'a prototype',
      { raw: '{"__proto__":{"count":5}}', headers: { 'content-type': 'application/json' } },
      400,
      'M_INVALID_PARAM',
    ],
    [
      'depth',
      { raw: '['.repeat(40_000), headers: { 'content-type': 'application/json' } },
      400,
      'M_NOT_JSON',
    ],
  ] as const)('as a body: %s', async (_, body, status, errcode) => {
    const answer = await user.ask('/tokens', { method: 'POST', ...body });
    expect(answer).toMatchObject({ status, body: { errcode } });
  });

  test('a thousand requests at once are answered or limited, and the bot stays up', async () => {
    const flood = await ApiUser.signIn(server, bot, bob);
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => flood.ask(n % 2 === 0 ? '/tokens' : '/access')),
    );
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(statuses.filter((status) => status === 200).length).toBe(600);
    const put = answers.find(({ status }) => status === 429);
    expect(put?.body).toMatchObject({ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: expect.any(Number) });
    expect(Number(put?.headers.get('retry-after'))).toBeGreaterThan(0);
    // Another session of the same person is no way around it.
    const second = await ApiUser.signIn(server, bot, bob);
    expect((await second.ask('/tokens')).status).toBe(429);
    // Concurrent requests share one list.
    expect((await user.ask('/tokens')).status).toBe(200);
    expect((await fetch(`${webAddress(bot)}/health/ready`)).status).toBe(200);
  });

  test('requests without a session are limited sooner, without affecting others', async () => {
    const other = await suite.startBot('floodedbot');
    const asAlice = await ApiUser.signIn(server, other, alice);
    const answers = await Promise.all(Array.from({ length: 300 }, () => ask(other, '/tokens')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
    expect((await asAlice.ask('/tokens')).status).toBe(200);
  });
});

describe('headers', () => {
  test('of the API: nothing is kept, and no other site may read it', async () => {
    const { headers } = await ask(bot, '/tokens', { headers: { origin: 'https://evil.example' } });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('set-cookie')).toBeNull();
  });

  test('of the widget: everything is forbidden but its own files, and all may embed it', async () => {
    const { headers } = await fetch(`${webAddress(bot)}/widget/`);
    expect(headers.get('content-security-policy')?.split(';').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "img-src 'self' data:",
      "script-src 'self'",
      "style-src 'self'",
    ]);
    expect(headers.get('x-frame-options')).toBeNull();
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  test('of the widget name the origins that may embed it, where the configuration does', async () => {
    const narrow = await suite.startBot('framedbot', {
      WIDGET_FRAME_ANCESTORS: 'https://chat.example.org,https://app.element.io',
    });
    const { headers } = await fetch(`${webAddress(narrow)}/widget/`);
    expect(headers.get('content-security-policy')).toContain(
      'frame-ancestors https://chat.example.org https://app.element.io',
    );
  });
});

test('the log has no token of any kind', async () => {
  const user = await ApiUser.signIn(server, bot, alice);
  const identity = await openIdToken(server, alice);
  await ask(bot, '/session', { method: 'POST', json: { openid_token: identity } });
  await user.ask('/tokens', { method: 'POST', json: { token: 'secret-of-the-party' } });
  await user.ask('/tokens/secret-of-the-party');
  await user.ask('/tokens/secret-of-the-party', { method: 'DELETE' });
  proxy.intercept(() => 'drop');
  await ask(bot, '/session', { method: 'POST', json: { openid_token: identity } });
  const log = bot.logLines.join('\n');
  expect(log).toContain('/tokens/:token');
  for (const secret of [user.token, String(identity.access_token), 'secret-of-the-party']) {
    expect(log).not.toContain(secret);
  }
});

/** A path as it stands: `fetch` would tidy it up. */
async function rawRequest(
  method: string,
  path: string,
  token: string,
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(webAddress(bot));
  return await new Promise((resolve, reject) => {
    const body = method === 'PATCH' ? '{"uses_allowed":1}' : undefined;
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
    };
    const sent = httpRequest({ hostname, port, method, path, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
