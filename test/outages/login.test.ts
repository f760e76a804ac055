// The bot's own login ends while it runs: its device was removed, or its access token expired.
import { beforeAll, expect, test, vi } from 'vitest';
import { startBotForTest } from '../harness/botInRoom.ts';
import { isSend, isSync, isTokenApi } from '../harness/faults.ts';
import { ERROR, logged, WARN, waitForLog } from '../harness/logSearch.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import type { NewBotOptions } from '../harness/testServer.ts';
import { login } from '../harness/users.ts';

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice');
});

const newBot = (options: NewBotOptions = {}) => startBotForTest(server, alice, options);

interface Session {
  accessToken: string;
  deviceId: string;
}

function botSession({ store }: RestartableBot): Session {
  return JSON.parse(store.meta.get('bot_session') ?? '{}');
}

/** Removes the device that the bot is logged in with; its long poll ends by that. */
async function endSession(bot: RestartableBot): Promise<Session> {
  const session = botSession(bot);
  await server.admin.deleteDevice(bot.account.userId, session.deviceId);
  return session;
}

test('with a password, the bot logs in again by itself, once, and keeps the new session', async () => {
  const { bot, chat } = await newBot();
  const ended = await endSession(bot);
  const command = await chat.send('create after-logout');
  expect((await chat.answerTo(command)).body).toContain('after-logout');
  expect(await chat.answersTo(command)).toEqual([1]);
  const session = botSession(bot);
  expect(session.accessToken).not.toBe(ended.accessToken);
  expect(logged(bot).filter(({ msg }) => msg.startsWith('Logged in'))).toHaveLength(2);

  await bot.restart();
  expect(botSession(bot)).toEqual(session);
  expect(logged(bot).filter(({ msg }) => msg.startsWith('Logged in'))).toEqual([]);
  expect((await chat.ask('show after-logout')).body).toContain('after-logout');
});

test('a session that ends between a command and its answer loses neither', async () => {
  const { bot, chat } = await newBot();
  let ended: Promise<Session> | undefined;
  bot.proxy.intercept(async (request) => {
    if (!isTokenApi(request)) return undefined;
    ended ??= endSession(bot);
    await ended;
    return undefined;
  });
  const command = await chat.send('create in-between');
  expect((await chat.answerTo(command)).body).toContain('in-between');
  expect(await chat.answersTo(command)).toEqual([1]);
});

test('a session that ends while the bot is away is replaced at the start', async () => {
  const { bot, chat } = await newBot();
  const { deviceId } = botSession(bot);
  await bot.stop();
  await server.admin.deleteDevice(bot.account.userId, deviceId);
  const command = await chat.send('create while-away');
  await bot.restart();
  expect((await chat.answerTo(command)).body).toContain('while-away');
  expect(logged(bot, WARN).map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/stored session of .* was ended on the homeserver: logging in again/),
  ]);
});

test('with an access token, the bot keeps running and says what to do, less and less often', async () => {
  const { bot, chat } = await newBot({ signIn: 'access token' });
  const { account } = bot;
  const requestsBefore = bot.proxy.requests.length;
  await server.admin.deleteDevice(account.userId, account.deviceId);
  const retries = () =>
    logged(bot, ERROR).filter(({ msg }) => /does not accept bot\.access_token\. .*restart the bot/.test(msg));
  await vi.waitFor(() => expect(retries().length).toBeGreaterThanOrEqual(3), {
    timeout: 20_000,
    interval: 20,
  });
  const waits = retries().map(({ retryInMs = 0 }) => retryInMs);
  expect(waits[0]).toBeGreaterThan(300);
  expect(waits[2]).toBeGreaterThan((waits[0] ?? 0) * 2);
  // Each try asks for news or for devices and, refused, whose the access token is.
  const asked = bot.proxy.requests.slice(requestsBefore);
  expect(asked.filter(isSync).length).toBeLessThan(6);
  const forDevices = asked.filter(({ path }) => path.includes('/keys/query'));
  expect(forDevices.length).toBeLessThan(4);
  expect(asked.length).toBeLessThan(12 + 2 * forDevices.length);

  const command = await chat.send('create new-access-token');
  await restartWithNewToken(bot);
  expect((await chat.answerTo(command)).body).toContain('new-access-token');
  expect(await chat.answersTo(command)).toEqual([1]);
});

test('an answer that waits for a valid access token is kept for the restart with one', async () => {
  const { bot, chat } = await newBot({ signIn: 'access token' });
  const { account } = bot;
  let ended: Promise<void> | undefined;
  bot.proxy.intercept(async (request) => {
    if (!isSend(request)) return undefined;
    ended ??= server.admin.deleteDevice(account.userId, account.deviceId);
    await ended;
    return undefined;
  });
  const command = await chat.send('create kept-1');
  await waitForLog(bot, /Could not send: .* does not accept bot\.access_token/, 2);
  await restartWithNewToken(bot);
  expect((await chat.answerTo(command)).body).toContain('kept-1');
  expect(await chat.answersTo(command)).toEqual([1]);
});

async function restartWithNewToken(bot: RestartableBot): Promise<void> {
  const { localpart, password } = bot.account;
  const { accessToken } = await login(server.baseUrl, localpart, password);
  await bot.restart({ settings: { BOT_ACCESS_TOKEN: accessToken } });
}
