// The bot's own login is ended while it runs: by somebody who removed its device, or because the access token expired.
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Person } from '../harness/person.ts';
import { Scene } from '../harness/scene.ts';
import { login } from '../harness/users.ts';
import {
  accessTokenSettings,
  type Day,
  type DayOptions,
  ERROR,
  isSend,
  isSync,
  isTokenApi,
  logged,
  startDay,
  WARN,
  waitForLog,
} from './badDaysWorld.ts';

let scene: Scene;
let alice: Person;

beforeAll(async () => {
  scene = await Scene.start();
  alice = await scene.person('alice');
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

async function newDay(options: DayOptions = {}): Promise<Day> {
  const day = await startDay(scene, alice, options);
  onTestFinished(() => day[Symbol.asyncDispose]());
  return day;
}

interface Session {
  accessToken: string;
  deviceId: string;
}

function botSession({ bot }: Day): Session {
  return JSON.parse(bot.store.meta.get('bot_session') ?? '{}');
}

/** Removes the device that the bot is logged in with; its long poll ends by that. */
async function endSession(day: Day): Promise<Session> {
  const session = botSession(day);
  await scene.admin.deleteDevice(day.account.userId, session.deviceId);
  return session;
}

test('with a password, the bot logs in again by itself, once, and keeps the new session', async () => {
  const day = await newDay();
  const ended = await endSession(day);
  const command = await day.chat.send('create after-logout');
  expect((await day.chat.answerTo(command)).body).toContain('after-logout');
  expect(await day.chat.answersTo(command)).toEqual([1]);
  const session = botSession(day);
  expect(session.accessToken).not.toBe(ended.accessToken);
  expect(logged(day.bot).filter(({ msg }) => msg.startsWith('Logged in'))).toHaveLength(2);

  await day.restartBot();
  expect(botSession(day)).toEqual(session);
  expect(logged(day.bot).filter(({ msg }) => msg.startsWith('Logged in'))).toEqual([]);
  expect((await day.chat.ask('show after-logout')).body).toContain('after-logout');
});

test('a session that ends between a command and its answer costs neither', async () => {
  const day = await newDay();
  let ended: Promise<Session> | undefined;
  day.proxy.intercept(async (request) => {
    if (!isTokenApi(request)) return undefined;
    ended ??= endSession(day);
    await ended;
    return undefined;
  });
  const command = await day.chat.send('create in-between');
  expect((await day.chat.answerTo(command)).body).toContain('in-between');
  expect(await day.chat.answersTo(command)).toEqual([1]);
});

test('a session that ends while the bot is away is replaced at the start', async () => {
  const day = await newDay();
  const { deviceId } = botSession(day);
  await day.stopBot();
  await scene.admin.deleteDevice(day.account.userId, deviceId);
  const command = await day.chat.send('create while-away');
  await day.restartBot();
  expect((await day.chat.answerTo(command)).body).toContain('while-away');
  expect(logged(day.bot, WARN).map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/stored session of .* was ended on the homeserver: logging in again/),
  ]);
});

test('with an access token, the bot goes on running and says what to do, ever more seldom', async () => {
  const day = await newDay({ login: 'access token' });
  const { account, chat } = day;
  const requestsBefore = day.proxy.requests.length;
  await scene.admin.deleteDevice(account.userId, account.deviceId);
  const told = () =>
    logged(day.bot, ERROR).filter(({ msg }) =>
      /does not accept bot\.access_token\. .*restart the bot/.test(msg),
    );
  await vi.waitFor(() => expect(told().length).toBeGreaterThanOrEqual(3), { timeout: 20_000, interval: 20 });
  const waits = told().map(({ retryInMs = 0 }) => retryInMs);
  expect(waits[0]).toBeGreaterThan(300);
  expect(waits[2]).toBeGreaterThan((waits[0] ?? 0) * 2);
  // Each try asks for news or for devices and, refused, whose the access token is.
  const asked = day.proxy.requests.slice(requestsBefore);
  expect(asked.filter(isSync).length).toBeLessThan(6);
  const forDevices = asked.filter(({ path }) => path.includes('/keys/query'));
  expect(forDevices.length).toBeLessThan(4);
  expect(asked.length).toBeLessThan(12 + 2 * forDevices.length);

  const command = await chat.send('create new-access-token');
  await restartWithNewToken(day);
  expect((await chat.answerTo(command)).body).toContain('new-access-token');
  expect(await chat.answersTo(command)).toEqual([1]);
});

test('an answer that waits for a valid access token is kept for the restart with one', async () => {
  const day = await newDay({ login: 'access token' });
  const { account, chat } = day;
  let ended: Promise<void> | undefined;
  day.proxy.intercept(async (request) => {
    if (!isSend(request)) return undefined;
    ended ??= scene.admin.deleteDevice(account.userId, account.deviceId);
    await ended;
    return undefined;
  });
  const command = await chat.send('create kept-1');
  await waitForLog(day.bot, /Could not send: .* does not accept bot\.access_token/, 2);
  await restartWithNewToken(day);
  expect((await chat.answerTo(command)).body).toContain('kept-1');
  expect(await chat.answersTo(command)).toEqual([1]);
});

async function restartWithNewToken(day: Day): Promise<void> {
  const { localpart, password } = day.account;
  const { accessToken } = await login(scene.synapse.baseUrl, localpart, password);
  await day.restartBot({ settings: accessTokenSettings(accessToken) });
}
