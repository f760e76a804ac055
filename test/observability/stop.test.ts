// Stopping: work under way is finished, and work that can't finish does not delay the exit.
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { API_ROOT } from '../../common/api.ts';
import { ApiUser, webAddress } from '../api/apiUser.ts';
import { Conversation } from '../harness/conversation.ts';
import { isTokenApi, waitForRequests } from '../harness/faults.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { healthAt, METRICS_SETTINGS } from './scrape.ts';

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice');
});

/** The token API does not answer until it is released; resolves once it was asked. */
function holdTokenApi({ proxy }: RestartableBot): { asked: Promise<void>; release(): void } {
  const { promise: released, resolve } = Promise.withResolvers<undefined>();
  const asked = waitForRequests(proxy, isTokenApi, 1);
  proxy.intercept((request) => (isTokenApi(request) ? released : undefined));
  return { asked, release: () => resolve(undefined) };
}

test('SIGTERM: a command that takes six seconds more is finished and answered', async () => {
  const bot = await server.bot({ localpart: 'slowbot', proxied: true });
  await bot.startProcess();
  const chat = await Conversation.start(alice, bot.userId);
  const { asked, release } = holdTokenApi(bot);
  const command = await chat.send('create stopped-1');
  await asked;
  bot.process.kill('SIGTERM');
  await bot.process.waitForOutput(/Stopping/);
  await wait(6_000);
  release();
  expect((await chat.answerTo(command)).body).toContain('stopped-1');
  expect(await bot.process.exited).toBe(0);
});

test('commands that take longer are left to the next start, which answers them once', async () => {
  const bot = await server.bot({ localpart: 'patientbot', proxied: true });
  await bot.start({ stopWithinMs: 200 });
  const chat = await Conversation.start(alice, bot.userId);
  const { asked } = holdTokenApi(bot);
  const command = await chat.send('create stopped-2');
  await asked;
  await bot.stop();
  bot.proxy.clear();
  await bot.start();
  expect((await chat.answerTo(command)).body).toContain('stopped-2');
  expect(await chat.answersTo(command)).toEqual([1]);
  await bot.stop();
});

test('a request to the widget’s API is answered, its stream ends whole, and health says that the bot stops', async () => {
  const bot = await server.startBot({
    localpart: 'webbot',
    proxied: true,
    settings: { ...WIDGET_SETTINGS, ...METRICS_SETTINGS },
  });
  const user = await ApiUser.signIn(server, bot, alice);
  const stream = await fetch(`${webAddress(bot)}${API_ROOT}/events`, {
    headers: { authorization: `Bearer ${user.token}` },
  });
  const { asked, release } = holdTokenApi(bot);
  const creating = user.ask('/tokens', { method: 'POST', json: { token: 'stopped-3' } });
  await asked;
  const stopping = bot.stop();
  // Rejects if the connection was cut instead.
  expect(await stream.text()).toContain('event: reset');
  expect(await healthAt(bot.metricsAddress)).toMatchObject({ status: 503, body: { status: 'stopping' } });
  await expect(fetch(webAddress(bot))).rejects.toThrow();
  release();
  expect((await creating).status).toBe(201);
  await stopping;
  await expect(fetch(`${bot.metricsAddress}/health`)).rejects.toThrow();
});

test('a request that never ends does not keep the bot', async () => {
  const bot = await server.startBot({
    localpart: 'stubborn',
    proxied: true,
    settings: WIDGET_SETTINGS,
    stopWithinMs: 200,
  });
  const user = await ApiUser.signIn(server, bot, alice);
  const { asked } = holdTokenApi(bot);
  const listing = user.ask('/tokens').catch((error: unknown) => error);
  await asked;
  await bot.stop();
  expect(await listing).toBeInstanceOf(Error);
});
