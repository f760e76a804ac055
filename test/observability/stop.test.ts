// Stopping: what is under way is finished, and nobody is kept waiting for what can't be.
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { API_ROOT } from '../../common/api.ts';
import { ApiUser, WIDGET_SETTINGS, webAddress } from '../api/apiWorld.ts';
import { spawnBot, temporaryDataDir } from '../harness/bot.ts';
import type { Person } from '../harness/person.ts';
import { type Proxy as FaultyProxy, startProxy } from '../harness/proxy.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import { isTokenApi, waitForRequests } from '../outages/badDaysWorld.ts';
import { healthAt, METRICS_SETTINGS } from './operationsWorld.ts';

let scene: Scene;
let proxy: FaultyProxy;
let alice: Person;

beforeAll(async () => {
  scene = await Scene.start();
  proxy = await startProxy(scene.synapse.baseUrl);
  alice = await scene.person('alice');
});

beforeEach(() => proxy.clear());

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await proxy?.close();
});

/** The token API does not answer until it is released; resolves once it was asked. */
function holdTokenApi(): { asked: Promise<void>; release(): void } {
  const { promise: released, resolve } = Promise.withResolvers<undefined>();
  const asked = waitForRequests(proxy, isTokenApi, 1);
  proxy.intercept((request) => (isTokenApi(request) ? released : undefined));
  return { asked, release: () => resolve(undefined) };
}

test('SIGTERM: a command that takes six seconds more is carried out and answered', async () => {
  const { localpart: BOT_USERNAME, password: BOT_PASSWORD, userId } = await scene.botAccount('slowbot');
  const bot = spawnBot({ BOT_SERVER: proxy.baseUrl, BOT_USERNAME, BOT_PASSWORD });
  await bot.waitForOutput(/"Ready"/);
  const chat = await Conversation.start(alice, userId);
  const { asked, release } = holdTokenApi();
  const command = await chat.send('create stopped-1');
  await asked;
  bot.kill('SIGTERM');
  await bot.waitForOutput(/Stopping/);
  await wait(6_000);
  release();
  expect((await chat.answerTo(command)).body).toContain('stopped-1');
  expect(await bot.exited).toBe(0);
});

test('what takes longer is left for the next start, which answers it once', async () => {
  const account = await scene.botAccount('patientbot');
  const dataDir = temporaryDataDir();
  const options = { settings: { BOT_SERVER: proxy.baseUrl }, dataDir };
  const bot = await scene.startBot(account, { ...options, stopWithinMs: 200 });
  const chat = await Conversation.start(alice, bot.userId);
  const { asked } = holdTokenApi();
  const command = await chat.send('create stopped-2');
  await asked;
  await scene.stopBot(bot);
  proxy.clear();
  const again = await scene.startBot(account, options);
  expect((await chat.answerTo(command)).body).toContain('stopped-2');
  expect(await chat.answersTo(command)).toEqual([1]);
  await scene.stopBot(again);
});

test('a request to the widget’s API is answered, its stream ends whole, and health says that the bot stops', async () => {
  const bot = await scene.startBot(await scene.botAccount('webbot'), {
    settings: { ...WIDGET_SETTINGS, ...METRICS_SETTINGS, BOT_SERVER: proxy.baseUrl },
  });
  const user = await ApiUser.signIn(scene, bot, alice);
  const stream = await fetch(`${webAddress(bot)}${API_ROOT}/events`, {
    headers: { authorization: `Bearer ${user.token}` },
  });
  const { asked, release } = holdTokenApi();
  const creating = user.ask('/tokens', { method: 'POST', json: { token: 'stopped-3' } });
  await asked;
  const stopping = scene.stopBot(bot);
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
  const bot = await scene.startBot(await scene.botAccount('stubborn'), {
    settings: { ...WIDGET_SETTINGS, BOT_SERVER: proxy.baseUrl },
    stopWithinMs: 200,
  });
  const user = await ApiUser.signIn(scene, bot, alice);
  const { asked } = holdTokenApi();
  const listing = user.ask('/tokens').catch((error: unknown) => error);
  await asked;
  await scene.stopBot(bot);
  expect(await listing).toBeInstanceOf(Error);
});
