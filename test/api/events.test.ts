// Changes as open widgets receive them.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import type { Person } from '../harness/person.ts';
import type { Proxy as FaultyProxy } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { beginRegistration } from '../harness/users.ts';
import { ApiUser } from './apiUser.ts';
import type { EventStream } from './eventStream.ts';

/** As long as a change outside of the bot may take to be seen. */
const OUTSIDE_MS = 5_000;

const server = useTestServer();
let proxy: FaultyProxy;
let bot: RestartableBot;
let alice: Person;
let bob: Person;
let chat: Conversation;
let user: ApiUser;
let streams: EventStream[] = [];

beforeAll(async () => {
  proxy = await server.proxy();
  bot = await server.startBot({
    settings: { ...WIDGET_SETTINGS, API_BASE_URL: proxy.baseUrl },
  });
  alice = await server.person('alice');
  bob = await server.person('bob');
  chat = await Conversation.start(alice, bot.userId);
  user = await ApiUser.signIn(server, bot, alice);
});

beforeEach(async () => {
  await server.admin.deleteAllTokens();
});

afterEach(() => {
  for (const stream of streams) stream.close();
  streams = [];
});

/** Watches, and has read all tokens as the widget does. */
async function watch(who = user, lastEventId?: string): Promise<EventStream> {
  const stream = await who.watch(lastEventId);
  streams.push(stream);
  if (lastEventId !== undefined) return stream;
  await stream.waitFor(({ event }) => event === 'reset');
  await who.tokens();
  return stream;
}

test('a change by command is sent at once', async () => {
  const stream = await watch();
  expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(stream.headers.get('cache-control')).toBe('no-store');
  await chat.ask('create party uses=2');
  await stream.waitForToken('party', ({ uses_allowed }) => uses_allowed === 2);
  await chat.ask('edit party uses=3');
  await stream.waitForToken('party', ({ uses_allowed }) => uses_allowed === 3);
  await chat.ask('delete party');
  await chat.ask('confirm');
  await stream.waitForRemoval('party');
});

test('a change in a widget is sent to all widgets, its own included', async () => {
  const asBob = await ApiUser.signIn(server, bot, bob);
  const [own, others] = [await watch(), await watch(asBob)];
  await user.ask('/tokens', { method: 'POST', json: { token: 'party' } });
  await Promise.all([own, others].map((stream) => stream.waitForToken('party')));
  await user.ask('/tokens/party', { method: 'PATCH', json: { uses_allowed: null } });
  await Promise.all(
    [own, others].map((s) => s.waitForToken('party', ({ uses_allowed }) => uses_allowed === null)),
  );
  await user.ask('/tokens/delete', { method: 'POST', json: { tokens: ['party'] } });
  await Promise.all([own, others].map((stream) => stream.waitForRemoval('party')));
});

test('deleting many makes few events', async () => {
  const names = Array.from({ length: 60 }, (_, n) => `many${n}`);
  for (const token of names) await server.admin.createToken({ token });
  const stream = await watch();
  await user.ask('/tokens/delete', { method: 'POST', json: { tokens: names } });
  await Promise.all(names.map((token) => stream.waitForRemoval(token)));
  expect(stream.events.length).toBeLessThan(30);
});

test('changes outside of the bot are sent within five seconds: registrations, other tools', async () => {
  await server.admin.createToken({ token: 'party', uses_allowed: 1 });
  const stream = await watch();
  const timed = async (change: () => Promise<unknown>, seen: () => Promise<void>) => {
    await change();
    const began = performance.now();
    await seen();
    expect(performance.now() - began).toBeLessThan(OUTSIDE_MS);
  };
  const details = { username: 'carol', password: 'pw-carol', token: 'party' };
  const registering = await beginRegistration(server.baseUrl, details);
  await timed(
    async () => undefined,
    () => stream.waitForToken('party', ({ state, pending }) => state === 'pending' && pending === 1),
  );
  await timed(
    () => registering.finish(),
    () => stream.waitForToken('party', ({ state, completed }) => state === 'used' && completed === 1),
  );
  await timed(
    () => server.admin.createToken({ token: 'elsewhere' }),
    () => stream.waitForToken('elsewhere'),
  );
  await timed(
    () => server.admin.deleteToken('party'),
    () => stream.waitForRemoval('party'),
  );
});

test('the expiry of a token is sent', async () => {
  const stream = await watch();
  const expiry_time = Date.now() + 1_500;
  await user.ask('/tokens', { method: 'POST', json: { token: 'brief', expiry_time } });
  await stream.waitForToken('brief', ({ state }) => state === 'active');
  await stream.waitForToken('brief', ({ state }) => state === 'expired');
});

test('a change of who may manage tokens is sent', async () => {
  const stream = await watch();
  const pattern = `@bob:${server.serverName}`;
  await chat.ask(`allow ${pattern}`);
  const change = await stream.waitFor(({ event }) => event === 'access');
  expect(change.data).toEqual(await user.access());
  await chat.ask(`disallow ${pattern} ${alice.userId}`);
  await chat.ask('confirm');
  await stream.waitFor(({ event, data }) => event === 'access' && data.by_default);
});

describe('after a connection broke', () => {
  test('changes in between are sent once and in order, whether made through the bot or not', async () => {
    const before = await watch();
    await user.ask('/tokens', { method: 'POST', json: { token: 'first' } });
    await before.waitForToken('first');
    const { lastId } = before;
    before.close();
    await before.ended;
    await user.ask('/tokens', { method: 'POST', json: { token: 'second' } });
    await chat.ask('create third');
    await server.admin.createToken({ token: 'outside' });
    await user.ask('/tokens/first', { method: 'DELETE' });
    const after = await watch(user, lastId);
    await after.waitForToken('outside');
    await after.waitForRemoval('first');
    const tokens = after.events.flatMap(({ event, data }) =>
      event === 'tokens' ? data.changed.map(({ token }) => token) : [event],
    );
    expect(tokens).toEqual(['second', 'third', 'outside']);
  });

  test('nothing is sent again if nothing happened', async () => {
    const before = await watch();
    await user.ask('/tokens', { method: 'POST', json: { token: 'first' } });
    await before.waitForToken('first');
    const after = await watch(user, before.lastId);
    expect(after.events).toEqual([]);
    await user.ask('/tokens', { method: 'POST', json: { token: 'second' } });
    await after.waitForToken('second');
    expect(after.events).toHaveLength(1);
  });

  test.each(['nonsense', 'abc-1', '', 'x'.repeat(1_000)])(
    'to another process, or so long ago that it is not known any more (%s), all is to be read again',
    async (lastEventId) => {
      const stream = await watch(user, lastEventId);
      await stream.waitFor(({ event }) => event === 'reset');
      await user.ask('/tokens', { method: 'POST', json: { token: 'party' } });
      await stream.waitForToken('party');
      expect(stream.events[0]?.event).toBe('reset');
      expect(stream.events.filter(({ event }) => event === 'reset')).toHaveLength(1);
    },
  );
});

test('while the homeserver is down the stream stays open, and sends the changes once it is back', async () => {
  const stream = await watch();
  proxy.intercept(() => 'drop');
  const refused = await user.ask('/tokens');
  expect(refused).toMatchObject({ status: 502, body: { code: 'homeserver_unreachable' } });
  await server.admin.createToken({ token: 'meanwhile' });
  proxy.clear();
  await stream.waitForToken('meanwhile');
});

test('too many streams of one session are refused', async () => {
  const flood = await ApiUser.signIn(server, bot, bob);
  for (let n = 0; n < 5; n++) await watch(flood);
  await expect(flood.watch()).rejects.toThrow('429');
});

test('a stop of the bot ends the streams and frees the port at once', async () => {
  const other = await server.startBot({ localpart: 'stopbot', settings: WIDGET_SETTINGS });
  const there = await ApiUser.signIn(server, other, alice);
  const stream = await watch(there);
  const began = performance.now();
  await other.stop();
  await stream.ended;
  expect(performance.now() - began).toBeLessThan(4_000);
  await expect(there.ask('/tokens')).rejects.toThrow('fetch failed');
});
