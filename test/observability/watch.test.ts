// A /sync that hangs: whatever keeps the answer from coming, the bot notices, cuts the connection and asks again.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { Decryptor } from '../../bot/crypto/decryptor.ts';
import { WATCH_TIMING, type WatchTiming } from '../../bot/matrix/sync/syncLoop.ts';
import { startBotInRoom } from '../harness/botInRoom.ts';
import { Conversation } from '../harness/conversation.ts';
import { isSync, waitForRequests } from '../harness/faults.ts';
import { logged, waitForLog } from '../harness/logSearch.ts';
import { MovableClock } from '../harness/movableClock.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { healthAt, METRICS_SETTINGS } from './scrape.ts';

/** As ever, only quicker: half a second for a long poll, and half a second more for its answer. */
const QUICK: WatchTiming = {
  ...WATCH_TIMING,
  sync: { longPoll: 500, beyond: 500, first: 20_000 },
  margin: 500,
};

const server = useTestServer();
let alice: Person;
let bot: RestartableBot;
let chat: Conversation;
const clock = new MovableClock();

beforeAll(async () => {
  alice = await server.person('alice');
  ({ bot, chat } = await startBotInRoom(server, alice, {
    watchTiming: { ...QUICK, silent: 1_500, lookEvery: 100 },
    clock: clock.now,
  }));
});

afterEach(() => {
  clock.ahead = 0;
  bot.proxy.clear();
});

/** The first /sync from now on is never answered; resolves once it has come. */
function hangOneSync(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let hangs = true;
  bot.proxy.intercept((request) => {
    if (!hangs || !isSync(request)) return undefined;
    hangs = false;
    resolve();
    return new Promise(() => undefined);
  });
  return promise;
}

test('a server that takes the request and never answers is asked again', async () => {
  await hangOneSync();
  const command = await chat.send('create hung-1');
  expect((await chat.answerTo(command)).body).toContain('hung-1');
  expect(await chat.answersTo(command)).toEqual([1]);
});

test('one that answers nobody any more is asked with growing pauses, and that is told once', async () => {
  const before = logged(bot).length;
  bot.proxy.intercept((request) => (isSync(request) ? new Promise(() => undefined) : undefined));
  await waitForLog(bot, /No news from the homeserver for \d+ minutes/);
  await waitForRequests(bot.proxy, isSync, 2);
  bot.proxy.clear();
  const command = await chat.send('create hung-2');
  expect((await chat.answerTo(command)).body).toContain('hung-2');
  const told = logged(bot).slice(before);
  expect(told.filter(({ msg }) => msg.startsWith('No news'))).toHaveLength(1);
  expect(told.map(({ msg }) => msg)).toContain('The bot is up to date with the homeserver again.');
});

test('after the machine has slept the bot does not wait for a dead connection', async () => {
  await bot.restart({ watchTiming: { ...WATCH_TIMING, lookEvery: 100 } });
  await hangOneSync();
  // The timers stand still while a machine sleeps; the clock on the wall does not.
  clock.ahead = 3_600_000;
  const command = await chat.send('create slept-1');
  expect((await chat.answerTo(command, { timeoutMs: 10_000 })).body).toContain('slept-1');
  expect(logged(bot).map(({ msg }) => msg)).toContainEqual(
    expect.stringContaining('The machine slept, or its clock was set.'),
  );
});

test('a clock that is set back disturbs nothing', async () => {
  await bot.restart({ watchTiming: { ...QUICK, lookEvery: 20 } });
  clock.ahead = -3_600_000;
  const before = logged(bot).length;
  await waitForRequests(bot.proxy, isSync, 2);
  expect((await chat.ask('create back-1')).body).toContain('back-1');
  expect(logged(bot, 40).filter(({ msg }) => /slept/.test(msg))).toEqual([]);
  expect(before).toBeGreaterThan(0);
});

interface Line extends AsyncDisposable {
  readonly baseUrl: string;
  /**
   * From now on each /sync is broken like this; what was asked before is answered. Other requests are answered as ever: they
   * have a minute each, and one can come at any time (keys of a new device, for example).
   */
  fail(how: Fault): void;
  mend(): void;
  /** Connections on which a /sync went nowhere, and that the bot has not closed. */
  hanging(): number;
}

/**
 * silent: bytes go nowhere, as where a firewall has forgotten the connection. half-closed: the server has closed its side,
 * the rest goes nowhere. trickle: a byte of the answer every now and then.
 */
type Fault = 'silent' | 'half-closed' | 'trickle';

/** Node sends the head of a request in one piece. */
function asksSync(chunk: Buffer): boolean {
  return /^GET \/_matrix\/client\/v3\/sync\b/.test(chunk.toString('latin1'));
}

/** TCP between bot and homeserver: what HTTP proxies can't break. */
async function startLine(target: string): Promise<Line> {
  const { port } = new URL(target);
  let fault: Fault | undefined;
  const hanging = new Set<Socket>();
  const open = new Map<Socket, Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect(Number(port), '127.0.0.1');
    open.set(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('end', () => hanging.delete(near));
    near.on('close', () => {
      hanging.delete(near);
      far.destroy();
      open.delete(near);
    });
    far.on('data', (chunk) => hanging.has(near) || near.write(chunk));
    far.on('close', () => hanging.has(near) || near.destroy());
    near.on('data', (chunk) => {
      if (fault !== undefined && asksSync(chunk)) breakNow(near, fault);
      else far.write(chunk);
    });
  });

  function breakNow(near: Socket, how: Fault): void {
    hanging.add(near);
    if (how === 'half-closed') near.end();
    if (how !== 'trickle') return;
    near.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
    const timer = setInterval(() => (near.destroyed ? clearInterval(timer) : near.write('1\r\n \r\n')), 100);
    timers.add(timer);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hanging: () => hanging.size,
    fail(how) {
      fault = how;
    },
    mend() {
      fault = undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer);
      for (const [near, far] of open) {
        near.destroy();
        far.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

test.each<Fault>(['silent', 'half-closed', 'trickle'])('a connection that is %s is given up', async (how) => {
  await using line = await startLine(server.baseUrl);
  const bot: RestartableBot = await server.startBot({
    localpart: `line-${how}`,
    settings: { BOT_SERVER: line.baseUrl, ...METRICS_SETTINGS },
    watchTiming: QUICK,
  });
  const chat = await Conversation.start(alice, bot.userId);
  const before = logged(bot).length;
  line.fail(how);
  await waitForLog(bot, /can’t be reached|has not answered a \/sync/);
  line.mend();
  const command = await chat.send(`create line-${how}`);
  expect((await chat.answerTo(command)).body).toContain(`line-${how}`);
  expect(line.hanging()).toBe(0);
  expect(
    logged(bot)
      .slice(before)
      .filter(({ level }) => level > 40),
  ).toEqual([]);
  expect((await healthAt(bot.metricsAddress)).status).toBe(200);
  await bot.stop();
});

test('a bot that gets stuck in its own work ends, so that it is started again', async () => {
  const bot = await server.startBot({
    localpart: 'stuckbot',
    settings: METRICS_SETTINGS,
    watchTiming: { ...QUICK, takingIn: 300 },
  });
  // Taking in waits for no request, so nothing that a homeserver does gets it stuck: only a fault.
  using _stuck = vi
    .spyOn(Decryptor.prototype, 'receive')
    .mockImplementation(() => new Promise(() => undefined));
  await expect(bot.failed).rejects.toThrow(/taking in one answer .* stuck/);
  expect((await healthAt(bot.metricsAddress)).body).toMatchObject({ status: 'failed', code: 'internal' });
  await bot.stop();
});
