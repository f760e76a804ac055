// How the bot starts and runs with the widget: the port, health.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spawnBot } from '../harness/bot.ts';
import { startProxy } from '../harness/proxy.ts';
import { Scene } from '../harness/scene.ts';
import { WIDGET_SETTINGS, webAddress } from './apiWorld.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test('a port that is taken: the bot says so and does not start', async () => {
  const account = await scene.botAccount('portbot');
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const bot = spawnBot({
    BOT_SERVER: scene.synapse.baseUrl,
    BOT_USERNAME: account.localpart,
    BOT_PASSWORD: account.password,
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
  const account = await scene.botAccount(`off${name.length}`);
  const bot = await scene.startBot(account, { settings });
  expect(bot.webAddress).toBeUndefined();
});

test('health: ready only while the homeserver is heard', async () => {
  await using proxy = await startProxy(scene.synapse.baseUrl);
  let ahead = 0;
  const account = await scene.botAccount('healthbot');
  const bot = await scene.startBot(account, {
    settings: { ...WIDGET_SETTINGS, BOT_SERVER: proxy.baseUrl },
    clock: () => Date.now() + ahead,
  });
  const health = async (path: string) => {
    const response = await fetch(`${webAddress(bot)}/health/${path}`);
    return { status: response.status, body: await response.json() };
  };
  expect(await health('ready')).toEqual({ status: 200, body: { status: 'ok' } });
  proxy.intercept(() => 'drop');
  proxy.cutConnections();
  ahead = 121_000;
  expect(await health('ready')).toMatchObject({
    status: 503,
    body: { reason: expect.stringContaining('121 s') },
  });
  expect((await health('live')).status).toBe(200);
});
