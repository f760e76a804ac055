// How the bot starts and runs with the widget: the port, health.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { MovableClock } from '../harness/movableClock.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { webAddress } from './apiUser.ts';

const server = useTestServer();

test('a port that is taken: the bot says so and does not start', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const bot = (await server.bot({ localpart: 'portbot' })).spawn({
    WIDGET_PUBLIC_URL: 'https://regbot.example.org',
    WIDGET_LISTEN: `127.0.0.1:${port}`,
  });
  expect(await bot.exited).toBe(1);
  expect(bot.output()).toContain(
    `something else listens on 127.0.0.1:${port} already. Stop that, or set widget.listen`,
  );
  expect(bot.output()).not.toContain('EADDRINUSE');
  other.close();
});

test.each([
  ['off', { ...WIDGET_SETTINGS, WIDGET_ENABLED: 'false' }],
  ['without a public address', { WIDGET_LISTEN: WIDGET_SETTINGS.WIDGET_LISTEN }],
])('a widget that is %s is not served', async (name, settings) => {
  const bot = await server.startBot({ localpart: `off${name.length}`, settings });
  expect(bot.webAddress).toBeUndefined();
});

test('health: ready only while the homeserver answers', async () => {
  const clock = new MovableClock();
  const bot = await server.startBot({
    localpart: 'healthbot',
    proxied: true,
    settings: WIDGET_SETTINGS,
    clock: clock.now,
  });
  const health = async (path: string) => {
    const response = await fetch(`${webAddress(bot)}/health/${path}`);
    return { status: response.status, body: await response.json() };
  };
  expect(await health('ready')).toEqual({ status: 200, body: { status: 'ok' } });
  bot.proxy.intercept(() => 'drop');
  bot.proxy.cutConnections();
  clock.ahead = 121_000;
  expect(await health('ready')).toMatchObject({
    status: 503,
    body: { reason: expect.stringContaining('121 s') },
  });
  expect((await health('live')).status).toBe(200);
});
