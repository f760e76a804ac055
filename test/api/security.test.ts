// The widget’s API with requests that must be refused.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../harness/person.ts';
import type { Proxy as FaultyProxy } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { ApiUser, ask, openIdToken } from './apiUser.ts';
import { OpenIdProxySuite } from './openIdProxy.ts';

const HOUR_MS = 3_600_000;

const suite = new OpenIdProxySuite();
const { server, clock } = suite;
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

const ROUTES = [
  ['GET', '/tokens'],
  ['POST', '/tokens'],
  ['POST', '/tokens/delete'],
  ['GET', '/tokens/x'],
  ['PATCH', '/tokens/x'],
  ['DELETE', '/tokens/x'],
  ['GET', '/access'],
  ['POST', '/access'],
  ['POST', '/access/delete'],
  ['DELETE', '/access/x'],
  ['GET', '/status'],
  ['GET', '/events'],
] as const;

describe('signing in', () => {
  const signIn = (openid_token: unknown, on = bot) =>
    ask(on, '/session', { method: 'POST', json: { openid_token } });

  test('takes an identity once; the session’s token is of 256 random bits', async () => {
    const first = await ApiUser.signIn(server, bot, alice);
    const second = await ApiUser.signIn(server, bot, alice);
    expect(first.userId).toBe(alice.userId);
    expect(first.token).toMatch(/^[\w-]{43}$/);
    expect(second.token).not.toBe(first.token);
  });

  test.each(['elsewhere.org', 'localhost', '127.0.0.1:1', 'evil.org/', '', 'x'.repeat(256)])(
    'with a token of the server %j is refused before any request leaves',
    async (matrix_server_name) => {
      const answer = await signIn({ ...(await openIdToken(server, alice)), matrix_server_name });
      expect([400, 401]).toContain(answer.status);
      expect(['invalid_input', 'identity_refused']).toContain(answer.body.code);
      expect(proxy.requests).toEqual([]);
    },
  );

  test('with a token that the homeserver does not know is refused', async () => {
    const answer = await signIn({ ...(await openIdToken(server, alice)), access_token: 'made-up' });
    expect(answer).toMatchObject({
      status: 401,
      body: { errcode: 'M_UNAUTHORIZED', code: 'identity_refused' },
    });
  });

  test.each(['@alice:elsewhere.org', 'alice', '', 5, undefined])(
    'when the homeserver says it is %j is refused',
    async (sub) => {
      proxy.intercept(() => ({ status: 200, body: { sub } }));
      const answer = await signIn(await openIdToken(server, alice));
      expect(answer).toMatchObject({ status: 401, body: { code: 'identity_refused' } });
    },
  );

  test.each([
    ['drop', 502, 'homeserver_unreachable'],
    [{ status: 502, body: '<html>' }, 502, 'homeserver_error'],
    [{ status: 200, body: '<html>' }, 502, 'homeserver_error'],
    [{ status: 404, body: { errcode: 'M_UNRECOGNIZED', error: '' } }, 502, 'homeserver_error'],
    [{ status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 5_000 } }, 429, 'rate_limited'],
  ] as const)('while the homeserver answers %j says so', async (fault, status, code) => {
    proxy.intercept(() => fault);
    const answer = await signIn(await openIdToken(server, alice));
    expect(answer).toMatchObject({ status, body: { code, remedy: expect.stringMatching(/\w/) } });
    if (status === 429) expect(answer.headers.get('retry-after')).toBe('5');
  });

  test.each([
    undefined,
    'text',
    {},
    { access_token: 'x' },
    { access_token: 5, token_type: 'Bearer', matrix_server_name: 'x', expires_in: 1 },
    { access_token: 'x'.repeat(2_000), token_type: 'Bearer', matrix_server_name: 'x', expires_in: 1 },
  ])('with %j is refused', async (token) => {
    expect(await signIn(token)).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(proxy.requests).toEqual([]);
  });

  test('without access is refused, and the reply says who can give it', async () => {
    const narrow = await suite.startBot('narrowbot', { ACCESS_ALLOW: alice.userId });
    const answer = await signIn(await openIdToken(server, bob), narrow);
    expect(answer).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN', code: 'not_allowed' } });
    expect(answer.body.remedy).toContain(`allow ${bob.userId}`);
  });
});

describe('a session', () => {
  test.each(ROUTES)('is needed for %s %s', async (method, path) => {
    const none = await ask(bot, path, { method });
    expect(none).toMatchObject({ status: 401, body: { errcode: 'M_MISSING_TOKEN', code: 'session_ended' } });
    const foreign = await ask(bot, path, { method, token: 'A'.repeat(43) });
    expect(foreign).toMatchObject({
      status: 401,
      body: { errcode: 'M_UNKNOWN_TOKEN', code: 'session_ended' },
    });
    expect(foreign.headers.get('set-cookie')).toBeNull();
  });

  test.each(['Bearer', 'Bearer ', 'Basic YTpi', `Bearer ${'x'.repeat(5_000)}`, 'Bearer a b'])(
    '“%s” opens none',
    async (authorization) => {
      expect(await ask(bot, '/tokens', { headers: { authorization } })).toMatchObject({ status: 401 });
    },
  );

  test('can’t be named in the address', async () => {
    const { token } = await ApiUser.signIn(server, bot, alice);
    expect(await ask(bot, `/access?access_token=${token}`)).toMatchObject({ status: 401 });
  });

  test('for another bot is ignored', async () => {
    const other = await suite.startBot('otherbot');
    const { token } = await ApiUser.signIn(server, other, alice);
    expect(await ask(bot, '/tokens', { token })).toMatchObject({ status: 401 });
  });

  test('ends an hour after it was last used', async () => {
    const user = await ApiUser.signIn(server, bot, alice);
    for (let n = 0; n < 3; n++) {
      clock.ahead += HOUR_MS - 1_000;
      expect((await user.ask('/access')).status).toBe(200);
    }
    clock.ahead += HOUR_MS;
    expect(await user.ask('/access')).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    clock.ahead -= HOUR_MS;
    expect(await user.ask('/access')).toMatchObject({ status: 401 });
  });

  test('ends after half a day, however much it is used', async () => {
    const user = await ApiUser.signIn(server, bot, alice);
    for (let n = 0; n < 13; n++) {
      clock.ahead += HOUR_MS - 60_000;
      const { status } = await user.ask('/access');
      expect(status).toBe(clock.ahead < 12 * HOUR_MS ? 200 : 401);
    }
  });

  test('outlives a restart of the bot, but not the access of its person', async () => {
    const settings = { ACCESS_ALLOW: `${alice.userId},${bob.userId}` };
    const restarted = await suite.startBot('restartedbot', settings);
    const asAlice = await ApiUser.signIn(server, restarted, alice);
    const asBob = await ApiUser.signIn(server, restarted, bob);
    await restarted.restart({ settings: { ...settings, ACCESS_ALLOW: alice.userId } });
    expect((await asAlice.ask('/tokens')).status).toBe(200);
    expect(await asBob.ask('/tokens')).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
    expect(await asBob.ask('/tokens')).toMatchObject({ status: 401, body: { code: 'session_ended' } });
  });

  test('ends with the access of its person, and does not come back with it', async () => {
    const asAlice = await ApiUser.signIn(server, bot, alice);
    const asBob = await ApiUser.signIn(server, bot, bob);
    using watching = await asBob.watch();
    await watching.waitFor(({ event }) => event === 'reset');
    expect((await asBob.ask('/tokens')).status).toBe(200);
    const allow = { method: 'POST', json: { patterns: [alice.userId] } };
    expect((await asAlice.ask('/access', allow)).status).toBe(200);
    await watching.ended;
    expect(watching.events.map(({ event }) => event)).toEqual(['reset']);
    for (const [method, path] of ROUTES) {
      const answer = await asBob.ask(path, { method, ...(method === 'POST' ? { json: {} } : {}) });
      expect([401, 403]).toContain(answer.status);
    }
    const again = await ApiUser.signIn(server, bot, bob).catch((error: unknown) => String(error));
    expect(again).toContain('403');
    await asAlice.ask(`/access/${encodeURIComponent(alice.userId)}?confirm=true`, { method: 'DELETE' });
    expect(await asBob.ask('/tokens')).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    expect((await asAlice.ask('/tokens')).status).toBe(200);
  });

  test('whose person has lost access says that first', async () => {
    const asBob = await ApiUser.signIn(server, bot, bob);
    const asAlice = await ApiUser.signIn(server, bot, alice);
    await asAlice.ask('/access', { method: 'POST', json: { patterns: [alice.userId] } });
    expect(await asBob.ask('/tokens')).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
    expect(await asBob.ask('/tokens')).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    await asAlice.ask(`/access/${encodeURIComponent(alice.userId)}?confirm=true`, { method: 'DELETE' });
  });
});
