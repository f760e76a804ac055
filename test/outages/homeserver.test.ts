// The homeserver or the proxy in front of it is down: no reply could be sent, so the bot waits, and answers each
// message it has received once.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { startBotInRoom } from '../harness/botInRoom.ts';
import { Conversation } from '../harness/conversation.ts';
import { isSend, isSync, isTokenApi, startPage, waitForRequests } from '../harness/faults.ts';
import { expectNoSecrets, logged, WARN, waitForLog } from '../harness/logSearch.ts';
import type { Person } from '../harness/person.ts';
import { badGateway, type CannedResponse } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

const server = useTestServer();
let alice: Person;
let bot: RestartableBot;
let chat: Conversation;

beforeAll(async () => {
  alice = await server.person('alice');
  ({ bot, chat } = await startBotInRoom(server, alice));
});

afterEach(() => bot.proxy.clear());

async function startAgain(): Promise<void> {
  await server.synapse.start();
  alice.client.retryImmediately();
}

async function tokensNamed(prefix: string): Promise<string[]> {
  const tokens = await server.admin.listTokens();
  return tokens.map(({ token }) => token).filter((token) => token.startsWith(prefix));
}

test('messages sent just before and after 20 seconds without the homeserver are answered once', async () => {
  const linesBefore = logged(bot).length;
  const before = [
    await chat.send('create outage-1'),
    await chat.send('create outage-2'),
    await chat.send('list'),
  ];
  await server.synapse.stop();
  // As long as an upgrade of the homeserver takes.
  await wait(20_000);
  const duringOutage = logged(bot).slice(linesBefore);
  await startAgain();
  const after = await chat.send('create outage-3');
  const answers = [];
  for (const command of [...before, after])
    answers.push((await chat.answerTo(command, { timeoutMs: 30_000 })).body);
  expect(answers[0]).toContain('outage-1');
  expect(answers[1]).toContain('outage-2');
  expect(answers[3]).toContain('outage-3');
  expect(await chat.answersTo(...before, after)).toEqual([1, 1, 1, 1]);
  expect((await tokensNamed('outage')).toSorted()).toEqual(['outage-1', 'outage-2', 'outage-3']);

  const warnings = duringOutage.filter(({ level }) => level >= WARN);
  expect(warnings[0]?.msg).toMatch(/homeserver at .* can’t be reached \(.*\)\. Check that it is running/);
  // Half a second, doubling up to 15: not a tight loop, and not one line for each try.
  const tries = duringOutage.filter(({ retryInMs }) => retryInMs !== undefined);
  expect(tries.length).toBeLessThan(20);
  expect(warnings.length).toBeLessThan(8);
}, 90_000);

test('a homeserver that is killed in the middle of a command does not lose it', async () => {
  const { promise: killed, resolve: onKilled } = Promise.withResolvers<void>();
  bot.proxy.intercept(async (request) => {
    if (!request.path.endsWith('/registration_tokens/new')) return undefined;
    await server.synapse.kill();
    onKilled();
    return undefined;
  });
  const command = await chat.send('create killed-1');
  await killed;
  await waitForLog(bot, /can’t be reached/);
  bot.proxy.clear();
  await startAgain();
  expect((await chat.answerTo(command, { timeoutMs: 30_000 })).body).toContain('killed-1');
  expect(await chat.answersTo(command)).toEqual([1]);
  expect(await tokensNamed('killed')).toEqual(['killed-1']);
});

test.each<[string, CannedResponse, RegExp]>([
  ['a proxy whose backend is down', badGateway(), /HTTP 502 \(not a Matrix answer/],
  ['a proxy that shows a page with status 200', startPage, /HTTP 200 \(not a Matrix answer/],
  [
    'a proxy that asks for a password',
    { status: 401, body: '<h1>Unauthorized</h1>' },
    /HTTP 401 \(not a Matrix/,
  ],
  ['a proxy that refuses', { status: 403, body: '<h1>Forbidden</h1>' }, /HTTP 403 \(not a Matrix answer/],
  [
    'a proxy that calls the request bad',
    { status: 400, body: '<h1>Bad Request</h1>' },
    /HTTP 400 \(not a Matrix/,
  ],
])('%s is waited out, with the login and the place in the rooms kept', async (name, answer, words) => {
  const { proxy } = bot;
  const session = bot.store.meta.get('bot_session');
  const linesBefore = logged(bot).length;
  proxy.intercept(() => answer);
  proxy.cutConnections();
  const word = `wait-${name.replaceAll(' ', '-')}`;
  const command = await chat.send(`create ${word}`);
  await waitForLog(bot, words);
  proxy.clear();
  expect((await chat.answerTo(command)).body).toContain(word);
  expect(await chat.answersTo(command)).toEqual([1]);
  expect(bot.store.meta.get('bot_session')).toBe(session);
  const after = logged(bot)
    .slice(linesBefore)
    .map(({ msg }) => msg);
  expect(after.filter((msg) => /starting afresh|logging in/.test(msg))).toEqual([]);
});

test('a command is not given up while no reply could be sent', async () => {
  const { proxy } = bot;
  proxy.intercept((request) => (isSync(request) ? undefined : badGateway()));
  const command = await chat.send('create patient-1');
  // More tries than the bot makes while the rest of the homeserver answers.
  await waitForRequests(proxy, isTokenApi, 4);
  await waitForRequests(proxy, ({ path }) => path.includes('/whoami'), 1);
  expect(proxy.requests.filter(isSend).filter(({ body }) => body.includes('patient'))).toEqual([]);
  proxy.clear();
  expect((await chat.answerTo(command)).body).toContain('patient-1');
  expect(await chat.answersTo(command)).toEqual([1]);
});

test('an answer that could not be delivered is delivered later', async () => {
  const { proxy } = bot;
  proxy.intercept((request) => (isSend(request) ? badGateway() : undefined));
  const command = await chat.send('create undelivered-1');
  await waitForRequests(proxy, isSend, 3);
  proxy.clear();
  expect((await chat.answerTo(command)).body).toContain('undelivered-1');
  expect(await chat.answersTo(command)).toEqual([1]);
  expect(await tokensNamed('undelivered')).toEqual(['undelivered-1']);
});

test('a reply whose send response was lost is not sent twice', async () => {
  const { proxy } = bot;
  let lost = 0;
  proxy.intercept((request) => (isSend(request) && lost++ < 2 ? 'drop-after' : undefined));
  const command = await chat.send('create receipt-1');
  await chat.answerTo(command);
  expect(await chat.answersTo(command)).toEqual([1]);
  expect(lost).toBeGreaterThan(2);
});

test('the bot waits for a homeserver that starts after it', async () => {
  const early = await server.bot({ localpart: 'early-bot', settings: { LOGGING_LEVEL: 'debug' } });
  const { account } = early;
  await server.synapse.stop();
  const bot = early.spawn();
  await bot.waitForOutput(/Could not sign in: .*nothing listens there/);
  await startAgain();
  await bot.waitForOutput(/"Ready"/);
  const conversation = await Conversation.start(alice, account.userId);
  expect((await conversation.ask('create early-1')).body).toContain('early-1');
  expect(await early.stop()).toBe(0);
  expectNoSecrets(bot.output().split('\n'), [account.password, account.accessToken, 'early-1']);
});
