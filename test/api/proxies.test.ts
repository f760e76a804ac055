// Reverse proxies in front of the API: whose word about addresses counts. These tests are the proxy themselves.
import { expect, test } from 'vitest';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { ask } from './apiUser.ts';

const server = useTestServer();

/** How many requests without a session are left to the address that the bot takes this request for. */
async function left(bot: { webAddress: string | undefined }, forwarded?: string): Promise<number> {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const answer = await ask(bot, '/tokens', { headers });
  return Number(/remaining=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1]);
}

test('a proxy on the same machine is trusted: its clients are told apart, IPv6 by network', async () => {
  const bot = await server.startBot({ settings: WIDGET_SETTINGS });
  expect(await left(bot, '203.0.113.1')).toBe(119);
  expect(await left(bot, '203.0.113.2')).toBe(119);
  expect(await left(bot, '::ffff:203.0.113.2')).toBe(118);
  expect(await left(bot, '2001:db8:1:2::1')).toBe(119);
  expect(await left(bot, '2001:db8:1:2:ffff::9')).toBe(118);
  expect(await left(bot, '2001:db8:1:3::1')).toBe(119);
  // No address at all: it counts as the proxy.
  expect(await left(bot)).toBe(119);
  expect(await left(bot, 'made-up-1')).toBe(118);
  expect(await left(bot, 'made-up-2')).toBe(117);
});

test('a chain is read from right to left, up to the first address that is not trusted', async () => {
  const bot = await server.startBot({
    settings: { ...WIDGET_SETTINGS, WEB_TRUSTED_PROXIES: '127.0.0.1,172.18.0.0/16,fd00:18::/64' },
  });
  expect(await left(bot, '203.0.113.1')).toBe(119);
  expect(await left(bot, '203.0.113.1, 172.18.0.2')).toBe(118);
  expect(await left(bot, '203.0.113.1, fd00:18::5, ::ffff:172.18.0.2')).toBe(117);
  // What the client itself claims stands further left.
  expect(await left(bot, '198.51.100.1, 203.0.113.1, 172.18.0.2')).toBe(116);
  expect(await left(bot, '172.18.0.9, 203.0.113.1')).toBe(115);
  expect(await left(bot, '203.0.113.1, 172.19.0.2')).toBe(119);
});

test('with another proxy in its place, nobody on this machine is believed', async () => {
  const bot = await server.startBot({ settings: { ...WIDGET_SETTINGS, WEB_TRUSTED_PROXIES: '192.0.2.1' } });
  expect(await left(bot, '203.0.113.1')).toBe(119);
  expect(await left(bot, '203.0.113.2')).toBe(118);
});

test('on a port for both IPv6 and IPv4, an IPv4 proxy is the same', async () => {
  const bot = await server.startBot({ settings: { ...WIDGET_SETTINGS, WIDGET_LISTEN: '[::]:0' } });
  const webAddress = bot.webAddress?.replace('[::]', '127.0.0.1');
  expect(await left({ webAddress }, '203.0.113.1')).toBe(119);
  expect(await left({ webAddress }, '203.0.113.2')).toBe(119);
  expect(bot.logLines.some((line) => line.includes('web.trusted_proxies'))).toBe(false);
});

test('health says whether the proxy is trusted, without naming it', async () => {
  const health = async (settings = {}) => {
    const bot = await server.startBot({ settings: { ...WIDGET_SETTINGS, ...settings } });
    const answer = await fetch(`${bot.webAddress}/health/live`, {
      headers: { 'x-forwarded-for': '203.0.113.1' },
    });
    return await answer.json();
  };
  expect(await health()).toEqual({ status: 'ok' });
  expect(await health({ WEB_TRUSTED_PROXIES: '192.0.2.1' })).toEqual({ status: 'ok', proxy: 'untrusted' });
});
