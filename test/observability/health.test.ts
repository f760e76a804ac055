// Health: available from the start of the process, with and without the widget, and never healthier than the bot is.
import { beforeAll, expect, test, vi } from 'vitest';
import type { Settings } from '../harness/botProcess.ts';
import { freePort } from '../harness/freePort.ts';
import type { Proxy as FaultyProxy } from '../harness/proxy.ts';
import { startProxy } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { logout } from '../harness/users.ts';
import { type HealthSeen, healthAt, METRICS_SETTINGS, scrape } from './scrape.ts';

const server = useTestServer();
let started: RestartableBot;
let proxy: FaultyProxy;

beforeAll(async () => {
  started = await server.bot({ proxied: true });
  ({ proxy } = started);
});

async function waitForHealth(address: string, fits: (seen: HealthSeen) => boolean): Promise<HealthSeen> {
  return await vi.waitFor(
    async () => {
      const seen = await healthAt(address);
      if (!fits(seen)) throw new Error(`Not yet: ${JSON.stringify(seen)}`);
      return seen;
    },
    { timeout: 20_000, interval: 50 },
  );
}

test.each<[string, (port: number) => Settings]>([
  ['where metrics are served', (port) => ({ METRICS_LISTEN: `127.0.0.1:${port}` })],
  ['where the widget is served', (port) => ({ ...WIDGET_SETTINGS, WIDGET_LISTEN: `127.0.0.1:${port}` })],
])('%s, it is available before the homeserver answers', async (_where, settings) => {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  proxy.intercept(() => 'drop');
  const bot = started.spawn(settings(port));
  await bot.waitForOutput(/Could not sign in/);
  expect(await healthAt(address)).toMatchObject({
    status: 503,
    body: { status: 'unreachable', code: 'homeserver_unreachable', since: expect.stringMatching(/^20.*Z$/) },
  });
  expect((await healthAt(address, '/health/live')).status).toBe(200);
  proxy.clear();
  const ready = await waitForHealth(address, ({ status }) => status === 200);
  expect(ready.body).toEqual({ status: 'ok' });
  bot.kill('SIGTERM');
  expect(await bot.exited).toBe(0);
});

test('until the bot has signed in, the widget’s port says that it starts', async () => {
  const port = await freePort();
  proxy.intercept(() => 'drop');
  const bot = started.spawn({ ...WIDGET_SETTINGS, WIDGET_LISTEN: `127.0.0.1:${port}` });
  await bot.waitForOutput(/Could not sign in/);
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/tokens`);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('5');
  // Not the form of the API's own errors: the widget takes it for a bot that is down, and comes back.
  expect(await response.text()).toBe('The bot is starting.\n');
  bot.kill('SIGTERM');
  expect(await bot.exited).toBe(0);
});

test('the same at both listeners, and in the metrics', async () => {
  // The clock stands still: the last answer of the homeserver stays recent, however slow the machine is.
  let now = Date.now();
  const bot = await server.startBot({
    localpart: 'both',
    proxied: true,
    settings: { ...WIDGET_SETTINGS, ...METRICS_SETTINGS },
    clock: () => now,
  });
  const all = () =>
    Promise.all([bot.webAddress, bot.metricsAddress].map((address) => healthAt(address, '/health')));
  for (const seen of await all()) expect(seen).toEqual({ status: 200, body: { status: 'ok' } });
  bot.proxy.intercept(() => 'drop');
  bot.proxy.cutConnections();
  now += 121_000;
  for (const seen of await all()) {
    expect(seen.status).toBe(503);
    expect(seen.body.reason).toContain('121 s');
    expect(JSON.stringify(seen.body)).not.toContain(bot.proxy.baseUrl);
  }
  expect((await scrape(bot)).value('ready')).toBe(0);
});

test('an access token that is refused while the bot runs', async () => {
  const bot = await server.startBot({
    localpart: 'tokenbot',
    proxied: true,
    signIn: 'access token',
    settings: METRICS_SETTINGS,
  });
  expect((await healthAt(bot.metricsAddress)).status).toBe(200);
  await logout(server.baseUrl, bot.account.accessToken);
  bot.proxy.cutConnections();
  const seen = await waitForHealth(String(bot.metricsAddress), ({ status }) => status === 503);
  expect(seen.body).toMatchObject({ status: 'refused', code: 'bot_credential_refused' });
});

test('a metrics port that is taken: the bot says so and does not start', async () => {
  await using other = await startProxy('http://127.0.0.1:9');
  const { host } = new URL(other.baseUrl);
  const bot = started.spawn({ METRICS_LISTEN: host });
  expect(await bot.exited).toBe(1);
  expect(bot.output()).toContain(
    `Metrics can’t be served: something else listens on ${host} already. Stop that, or set metrics.listen to another port.`,
  );
});
