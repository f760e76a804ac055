// One ID through all lines of what is done for one command, or for one request to the widget's API.
import { beforeAll, expect, test } from 'vitest';
import { ApiUser } from '../api/apiUser.ts';
import { Conversation } from '../harness/conversation.ts';
import { isSend, isTokenApi, tokenApiAnswers, waitForRequests } from '../harness/faults.ts';
import { logged } from '../harness/logSearch.ts';
import type { Person } from '../harness/person.ts';
import type { Proxy as FaultyProxy } from '../harness/proxy.ts';
import { badGateway } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';

interface Line {
  readonly msg: string;
  readonly requestId?: string;
  readonly operation?: string;
  readonly outcome?: string;
  /** The Matrix library's lines. */
  readonly module?: string;
}

const server = useTestServer();
let proxy: FaultyProxy;
let bot: RestartableBot;
let alice: Person;
let bob: Person;
let chat: Conversation;

beforeAll(async () => {
  bot = await server.startBot({ proxied: true, settings: WIDGET_SETTINGS });
  ({ proxy } = bot);
  alice = await server.person('alice');
  bob = await server.person('bob');
  chat = await Conversation.start(alice, bot.userId);
});

/** The lines about one command or request, in their order. */
function about(id: string): Line[] {
  return (logged(bot) as Line[]).filter(({ requestId, module }) => requestId === id && module === undefined);
}

const words = (lines: readonly Line[]) =>
  lines.map(({ msg, operation, outcome }) => (operation === undefined ? msg : `${operation} ${outcome}`));

test('a command can be followed from its arrival to its answer', async () => {
  const command = await chat.send('create logged-1');
  await chat.answerTo(command);
  await chat.ask('help');
  const lines = words(about(command));
  expect(lines).toEqual(['Command', 'get ok', 'create ok', 'create done', 'Answered']);
});

test('with what went wrong on the way', async () => {
  tokenApiAnswers(proxy, badGateway());
  const command = await chat.send('list');
  await chat.answerTo(command);
  proxy.clear();
  proxy.intercept((request) => (isSend(request) ? badGateway() : undefined));
  const undelivered = await chat.send('help');
  await waitForRequests(proxy, isSend, 2);
  proxy.clear();
  await chat.answerTo(undelivered);
  const failed = 'list homeserver_error';
  expect(words(about(command))).toEqual([
    'Command',
    failed,
    failed,
    failed,
    'Not done: homeserver_error',
    'Answered',
  ]);
  expect(words(about(undelivered))[1]).toMatch(/^Could not send: /);
});

test('a confirmation has the ID of the reaction', async () => {
  await chat.ask('create logged-2');
  const prompt = await chat.ask('delete logged-2');
  const reaction = await alice.react(chat.roomId, prompt.eventId, '✅');
  await alice.waitForEdit(chat.roomId, prompt.eventId);
  expect(words(about(reaction))).toContain('delete done');
});

test('concurrent commands are kept apart', async () => {
  const other = await Conversation.start(bob, bot.userId);
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
  proxy.intercept((request) => (isTokenApi(request) ? released : undefined));
  const both = waitForRequests(proxy, isTokenApi, 2);
  const commands = [await chat.send('create apart-1'), await other.send('create apart-2')];
  await both;
  release(undefined);
  proxy.clear();
  await Promise.all([chat.answerTo(String(commands[0])), other.answerTo(String(commands[1]))]);
  await Promise.all([chat.ask('help'), other.ask('help')]);
  for (const command of commands) {
    expect(words(about(command))).toEqual(['Command', 'get ok', 'create ok', 'create done', 'Answered']);
  }
});

test('a request to the API has the ID that its answer names', async () => {
  const user = await ApiUser.signIn(server, bot, alice);
  const { headers } = await user.ask('/tokens', { method: 'POST', json: { token: 'logged-3' } });
  const lines = words(about(String(headers.get('x-request-id'))));
  expect(lines).toEqual(expect.arrayContaining(['create ok', 'create done', 'Request']));
});

test('requests made for all open widgets have no request ID', async () => {
  const user = await ApiUser.signIn(server, bot, alice);
  using stream = await user.watch();
  await stream.waitFor(({ event }) => event === 'reset');
  const before = bot.logLines.length;
  await waitForRequests(proxy, isTokenApi, 2);
  const polls = (logged(bot) as Line[]).slice(before).filter(({ operation }) => operation === 'list');
  expect(polls.map(({ requestId }) => requestId).filter((id) => id !== undefined)).toEqual([]);
});

test('each line is one JSON object that says nothing twice', () => {
  for (const line of bot.logLines) {
    expect(line.match(/"requestId":/g)?.length ?? 0, line).toBeLessThanOrEqual(1);
    expect(line.trimEnd()).not.toContain('\n');
  }
});
