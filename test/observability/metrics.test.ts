// What Prometheus reads.
import { beforeAll, expect, test } from 'vitest';
import { Health } from '../../bot/observability/health.ts';
import { startMetrics } from '../../bot/observability/metrics.ts';
import { ApiUser } from '../api/apiUser.ts';
import { Conversation } from '../harness/conversation.ts';
import { isTokenApi, tokenApiAnswers } from '../harness/faults.ts';
import type { Person } from '../harness/person.ts';
import type { Proxy as FaultyProxy } from '../harness/proxy.ts';
import { badGateway } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { METRICS_SETTINGS, parseMetrics, type Scrape, scrape } from './scrape.ts';

const server = useTestServer();
let proxy: FaultyProxy;
let bot: RestartableBot;
let alice: Person;
let chat: Conversation;

beforeAll(async () => {
  await server.admin.createToken({ token: 'seen-from-the-start', uses_allowed: 1 });
  bot = await server.startBot({ proxied: true, settings: { ...WIDGET_SETTINGS, ...METRICS_SETTINGS } });
  ({ proxy } = bot);
  alice = await server.person('alice', { encryption: true });
  chat = await Conversation.start(alice, bot.userId);
});

test('commands are counted by name and outcome', async () => {
  const before = await scrape(bot);
  const count = (seen: Scrape, command: string, outcome: string) =>
    seen.value('commands_total', { command, outcome }) ?? 0;
  await chat.ask('create counted-1');
  await chat.ask('create counted-1');
  await chat.ask('create counted-2');
  await chat.ask('craete counted-3');
  const after = await scrape(bot);
  const more = (command: string, outcome: string) =>
    count(after, command, outcome) - count(before, command, outcome);
  expect(more('create', 'ok')).toBe(2);
  expect(more('create', 'token_exists')).toBe(1);
  expect(more('unknown', 'invalid_input')).toBe(1);
});

test('calls of the token API are counted by operation and result', async () => {
  tokenApiAnswers(proxy, badGateway());
  await chat.ask('list');
  proxy.clear();
  await chat.ask('list');
  const seen = await scrape(bot);
  expect(seen.value('token_api_calls_total', { operation: 'list', outcome: 'homeserver_error' })).toBe(3);
  expect(seen.value('token_api_calls_total', { operation: 'list', outcome: 'ok' })).toBeGreaterThan(0);
  expect(seen.value('token_api_calls_total', { operation: 'create', outcome: 'ok' })).toBe(2);
});

test('requests to the homeserver are timed by their kind', async () => {
  const seen = await scrape(bot);
  const name = 'homeserver_request_duration_seconds';
  const sends = { endpoint: 'send', outcome: 'ok' };
  const count = seen.value(`${name}_count`, sends);
  expect(count).toBeGreaterThan(4);
  expect(seen.value(`${name}_bucket`, { ...sends, le: '+Inf' })).toBe(count);
  expect(seen.value(`${name}_sum`, sends)).toBeGreaterThan(0);
  const failed = { endpoint: 'registration_tokens', outcome: 'homeserver_error' };
  expect(seen.value(`${name}_count`, failed)).toBe(3);
});

test('whether the bot follows the homeserver', async () => {
  const seen = await scrape(bot);
  expect(seen.value('ready')).toBe(1);
  expect(seen.value('sync_age_seconds')).toBeGreaterThanOrEqual(0);
  expect(seen.value('sync_age_seconds')).toBeLessThan(60);
  expect(seen.value('syncs_total', { outcome: 'ok' })).toBeGreaterThan(3);
  expect(seen.value('inbox_open')).toBe(0);
  expect(seen.value('info', { version: '0.1.0' })).toBe(1);
});

test('tokens by state, requested only at a scrape, and at most once in a while', async () => {
  const other = await server.startBot({
    localpart: 'quietbot',
    proxied: true,
    settings: METRICS_SETTINGS,
  });
  const asked = () => other.proxy.requests.filter(isTokenApi).length;
  expect(asked()).toBe(0);
  const seen = await scrape(other);
  expect(asked()).toBe(1);
  expect(seen.value('tokens', { state: 'active' })).toBe((await server.tokens()).length);
  expect(seen.value('tokens', { state: 'expired' })).toBe(0);
  await scrape(other);
  expect(asked()).toBe(1);
});

test('sessions of the widget and widgets that watch', async () => {
  const user = await ApiUser.signIn(server, bot, alice);
  using stream = await user.watch();
  await stream.waitFor(({ event }) => event === 'reset');
  const seen = await scrape(bot);
  expect(seen.value('widget_sessions')).toBe(1);
  expect(seen.value('widget_streams')).toBe(1);
});

test('messages that can’t be read', async () => {
  const { roomId } = await alice.startDirectRoom(bot.userId, { encrypted: true });
  const encrypted = new Conversation(alice, roomId, bot.userId);
  await encrypted.greeting();
  const before = (await scrape(bot)).value('undecryptable_messages_total') ?? 0;
  await alice.client.sendEvent(
    roomId,
    'm.room.encrypted' as never,
    {
      algorithm: 'm.megolm.v1.aes-sha2',
      ciphertext: 'AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg',
      session_id: 'X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ',
      sender_key: 'RF3s+E7RkTQTGF2d8Deol0FkQvgII2aJDf3/Jp5mxVU',
      device_id: 'GHTYAJCE',
    } as never,
  );
  await encrypted.ask('help');
  const seen = await scrape(bot);
  expect(seen.value('undecryptable_messages_total')).toBe(before + 1);
  expect(seen.value('undecryptable_waiting')).toBe(1);
});

test('no metric contains a user, a room or a token', async () => {
  const { text, samples } = await scrape(bot);
  const tokens = (await server.tokens()).map(({ token }) => token);
  const secrets = [
    bot.account.password,
    bot.account.accessToken,
    alice.accessToken,
    alice.userId,
    bot.userId,
    chat.roomId,
    encodeURIComponent(chat.roomId),
    server.baseUrl,
    proxy.baseUrl,
    ...tokens,
  ];
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  const own = samples.filter(({ name }) => name.startsWith('registration_bot_'));
  const labels = new Set(own.flatMap((sample) => Object.keys(sample.labels)));
  expect([...labels].toSorted()).toEqual([
    'command',
    'endpoint',
    'le',
    'operation',
    'outcome',
    'state',
    'version',
  ]);
});

test('the process: memory, processor time, start', async () => {
  const { samples } = await scrape(bot);
  const value = (name: string) => samples.find((sample) => sample.name === name)?.value;
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(value('process_start_time_seconds')).toBeGreaterThan(1_600_000_000);
});

test.each([
  ['/', 'GET', 404],
  ['/metrics/', 'GET', 404],
  ['/api/v1/tokens', 'GET', 404],
  ['/metrics', 'POST', 405],
  ['/health', 'DELETE', 405],
])('%s by %s is nothing', async (path, method, status) => {
  const response = await fetch(`${bot.metricsAddress}${path}`, { method });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ errcode: 'M_UNRECOGNIZED' });
});

test('metrics are not served at the widget’s address', async () => {
  expect((await fetch(`${bot.webAddress}/metrics`)).status).toBe(404);
});

test('without metrics.listen there is no listener', async () => {
  const other = await server.startBot({ localpart: 'unwatched' });
  expect(other.metricsAddress).toBeUndefined();
});

test('whatever a label holds, the text can be read back', async () => {
  const version = 'a "quoted" \\ back\nslash';
  const metrics = startMetrics(new Health(() => Date.now()), version);
  const samples = parseMetrics(await metrics.text());
  metrics.stop();
  expect(samples.find(({ name }) => name === 'registration_bot_info')?.labels).toEqual({ version });
});
