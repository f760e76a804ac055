// Strangers send the widget's API more than it takes: people with access behind the same proxy notice nothing.
import { beforeAll, describe, expect, test } from 'vitest';
import { packageVersion } from '../../bot/lib/packageFiles.ts';
import type { Status } from '../../common/apiResponses.ts';
import { type Answer, ApiUser, ask, openIdToken } from '../api/apiUser.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';

const server = useTestServer();
const STRANGER = '203.0.113.66';
const FORGED = { access_token: 'x', token_type: 'Bearer', expires_in: 3600 };
let alice: Person;
let bob: Person;

beforeAll(async () => {
  alice = await server.person('alice');
  bob = await server.person('bob');
});

/** As a proxy on this machine sends it on. */
function from(address: string): { headers: { 'x-forwarded-for': string } } {
  return { headers: { 'x-forwarded-for': address } };
}

async function signIn(bot: RestartableBot, person: Person, address: string): Promise<Answer<unknown>> {
  const json = { openid_token: await openIdToken(server, person) };
  return await ask<unknown>(bot, '/session', { method: 'POST', json, ...from(address) });
}

/** Thousands of requests without a session, until `meanwhile` has resolved and all are answered; their statuses. */
async function flood(
  bot: RestartableBot,
  path: '/session' | '/tokens',
  meanwhile: () => Promise<void>,
): Promise<Set<number>> {
  const openid_token = { ...FORGED, matrix_server_name: server.serverName };
  const request = path === '/session' ? { method: 'POST', json: { openid_token } } : {};
  const statuses = new Set<number>();
  let left = 3_000;
  let isNeeded = false;
  const { promise: refused, resolve: onRefused } = Promise.withResolvers<void>();
  const sender = async () => {
    while (left-- > 0 || isNeeded) {
      const { status } = await ask(bot, path, { ...request, ...from(STRANGER) });
      statuses.add(status);
      if (status === 429) onRefused();
    }
  };
  const sent = Promise.all(Array.from({ length: 20 }, sender));
  await Promise.race([refused, sent]);
  isNeeded = true;
  await meanwhile().finally(() => {
    isNeeded = false;
  });
  await sent;
  return statuses;
}

describe('behind a trusted proxy', () => {
  test.each(['/session', '/tokens'] as const)(
    'thousands of requests to %s lock out their sender only: people sign in, and go on',
    async (path) => {
      const bot = await server.startBot({ settings: WIDGET_SETTINGS });
      const user = await ApiUser.signIn(server, bot, alice);
      const statuses = await flood(bot, path, async () => {
        expect((await signIn(bot, bob, '198.51.100.7')).status).toBe(200);
        for (let n = 0; n < 100; n++)
          expect((await user.ask('/tokens', from('198.51.100.7'))).status).toBe(200);
      });
      expect(statuses).toEqual(new Set([401, 429]));
      await bot.stop();
    },
  );
});

describe('behind a proxy that is not trusted, where all have one address', () => {
  let bot: RestartableBot;
  let user: ApiUser;

  beforeAll(async () => {
    bot = await server.startBot({ settings: { ...WIDGET_SETTINGS, WEB_TRUSTED_PROXIES: '192.0.2.1' } });
    user = await ApiUser.signIn(server, bot, alice);
  });

  test('who is signed in stays so, and people sign in unless strangers try that too', async () => {
    const goOn = async () => {
      for (let n = 0; n < 100; n++) expect((await user.ask('/tokens')).status).toBe(200);
    };
    await flood(bot, '/tokens', async () => {
      await goOn();
      expect((await signIn(bot, bob, '198.51.100.7')).status).toBe(200);
    });
    await flood(bot, '/session', goOn);
  });

  test('the log says once which address it is, and `status` too', async () => {
    const { body } = await user.ask<Status>('/status', from(STRANGER));
    const found = body.findings.find(({ code }) => code === 'proxy_untrusted');
    expect(found).toMatchObject({ state: 'note', about: 'Proxy', detail: '127.0.0.1' });
    const told = bot.logLines.filter((line) => line.includes('web.trusted_proxies'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('X-Forwarded-For of 127.0.0.1 is ignored');
  });
});

test('sign-ins that succeed count by person: one takes nothing from the others at the same address', async () => {
  const bot = await server.startBot({ settings: WIDGET_SETTINGS });
  const json = { openid_token: await openIdToken(server, alice) };
  const again = () => ask(bot, '/session', { method: 'POST', json, ...from('198.51.100.7') });
  const statuses = [];
  for (let n = 0; n < 65; n++) statuses.push((await again()).status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(60);
  expect(statuses.slice(60)).toEqual([429, 429, 429, 429, 429]);
  expect((await signIn(bot, bob, '198.51.100.7')).status).toBe(200);
  await bot.stop();
});

test('strangers learn no internal address, version or path', async () => {
  const bot = await server.startBot({ localpart: 'discreet', proxied: true, settings: WIDGET_SETTINGS });
  const answers: string[] = [];
  const get = async (path: string, init: RequestInit = {}) => {
    const headers = { 'content-type': 'application/json', ...from(STRANGER).headers };
    const answer = await fetch(`${bot.webAddress}${path}`, { ...init, headers });
    answers.push(`${answer.status} ${JSON.stringify([...answer.headers])}\n${await answer.text()}`);
    return answer.status;
  };
  const attempt = async (body: string) => await get('/api/v1/session', { method: 'POST', body });
  const forged = JSON.stringify({ openid_token: { ...FORGED, matrix_server_name: server.serverName } });

  const paths = ['/', '/nothing', '/api/v1/tokens', '/api/v1/nothing', '/api/v1/openapi.json', '/health'];
  for (const path of [...paths, '/api/v1/tokens/%E0%A4%A']) await get(path);
  expect(await attempt('{')).toBe(400);
  const faults = [
    ['drop', 502],
    [{ status: 404, body: '<html>' }, 502],
    [{ status: 500, body: { errcode: 'M_UNKNOWN', error: `at ${bot.baseUrl}` } }, 502],
    [{ status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 5_000 } }, 429],
    [{ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: '' } }, 401],
  ] as const;
  for (const [fault, status] of faults) {
    bot.proxy.intercept(({ path }) => (path.includes('/openid/userinfo') ? fault : undefined));
    expect(await attempt(forged)).toBe(status);
  }
  bot.proxy.clear();
  for (let n = 0; n < 130; n++) await get('/api/v1/tokens');
  expect(await get('/api/v1/tokens')).toBe(429);

  const internal = [new URL(bot.baseUrl).host, packageVersion(), process.cwd(), 'node_modules', '127.0.0.1'];
  // The server's own name is public; here it has a port.
  const text = answers.join('\n').replaceAll(server.serverName, 'SERVER');
  for (const word of internal) expect(text).not.toContain(word);
  // An address could be found out from its hash.
  expect(answers.at(-1)).toMatch(/"ratelimit","limit=120, remaining=0, reset=\d+"/);
  // What the answer keeps to itself, the log says.
  expect(bot.logLines.some((line) => line.includes(`${bot.baseUrl} can’t be reached`))).toBe(true);
});
