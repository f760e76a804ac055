import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { wait } from '../../lib/clock.ts';
import { createLog } from '../../observability/log.ts';
import { RequestFailed } from '../errors.ts';
import { MatrixSession } from '../session.ts';
import { TypingNotifications } from './typing.ts';

const ROOM = '!r:x.org';

describe('while work lasts', () => {
  let sent: unknown[];
  let isAnswering: boolean;
  let answer: () => Promise<unknown>;
  let typing: TypingNotifications;
  let finish: () => void;
  let work: Promise<string>;

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    isAnswering = true;
    answer = async () => ({});
    const session = {
      userId: '@bot:x.org',
      get isAnswering() {
        return isAnswering;
      },
      request: (_method: string, path: string, body?: unknown) => {
        expect(path).toBe('/_matrix/client/v3/rooms/!r%3Ax.org/typing/%40bot%3Ax.org');
        sent.push(body);
        return answer();
      },
    };
    typing = new TypingNotifications({ session });
    start();
  });

  afterEach(() => vi.useRealTimers());

  function start(): void {
    const { promise, resolve } = Promise.withResolvers<string>();
    finish = () => resolve('done');
    work = typing.during(ROOM, () => promise);
  }

  async function end(): Promise<void> {
    finish();
    expect(await work).toBe('done');
    await vi.advanceTimersByTimeAsync(0);
  }

  const shown = { typing: true, timeout: 30_000 };
  const over = { typing: false };

  test('300 ms are not announced', async () => {
    await vi.advanceTimersByTimeAsync(299);
    await end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('longer work is, until it ends', async () => {
    await vi.advanceTimersByTimeAsync(300);
    expect(sent).toEqual([shown]);
    await end();
    expect(sent).toEqual([shown, over]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([shown, over]);
  });

  test('and again before the homeserver stops showing it', async () => {
    await vi.advanceTimersByTimeAsync(300);
    for (let renewals = 1; renewals <= 3; renewals++) {
      await vi.advanceTimersByTimeAsync(29_000);
      expect(sent.length).toBeGreaterThan(renewals);
    }
    await end();
    expect(sent.at(-1)).toEqual(over);
  });

  test('that fails, it ends, and the failure is the work’s own', async () => {
    const failing = typing.during(ROOM, async () => {
      await vi.advanceTimersByTimeAsync(300);
      throw new Error('no luck');
    });
    await expect(failing).rejects.toThrow('no luck');
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toContainEqual(over);
    await end();
  });

  test('one request is made at a time, and the work does not wait for it', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    answer = () => promise;
    await vi.advanceTimersByTimeAsync(300);
    await end();
    start();
    await vi.advanceTimersByTimeAsync(50_000);
    expect(sent).toEqual([shown]);
    await end();
    resolve({});
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([shown, over]);
  });

  test('no request is made while the homeserver is unreachable', async () => {
    isAnswering = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([]);
    isAnswering = true;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sent).toEqual([shown]);
    isAnswering = false;
    await end();
    expect(sent).toEqual([shown]);
  });

  test('no request is made for as long as a rate limit says', async () => {
    answer = async () => {
      throw new RequestFailed('homeserver_limits', { server: '' }, { status: 429, retryAfterMs: 90_000 });
    };
    await vi.advanceTimersByTimeAsync(90_000);
    expect(sent).toEqual([shown]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sent).toEqual([shown, shown]);
    await end();
    expect(sent).toEqual([shown, shown]);
  });
});

describe('with a session', () => {
  let server: Server;
  let isUp: boolean;
  let session: MatrixSession;
  const stop = new AbortController();

  beforeEach(async () => {
    isUp = true;
    server = createServer((request, response) => {
      request.resume();
      if (!isUp) response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>');
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"user_id":"@bot:x.org"}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    session = new MatrixSession({
      account: {
        server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        username: undefined,
        password: undefined,
        accessToken: 'secret',
        section: 'bot',
      },
      sessions: { load: () => undefined, save: () => undefined, forget: () => undefined },
      log: await createLog({ level: 'error', format: 'json' }, { write: () => undefined }),
      signal: stop.signal,
    });
    await session.signIn();
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  test('a homeserver whose last answer was a proxy’s is asked again once it has answered itself', async () => {
    const requests = vi.spyOn(session, 'request');
    const typed = () => requests.mock.calls.filter(([, path]) => path.includes('/typing/')).length;
    const typing = new TypingNotifications({ session, showAfterMs: 0 });
    // Timers fire in the order of their times: the notification's is over first.
    const work = () => wait(5);
    isUp = false;
    expect(await session.isReachable()).toBe(false);
    await typing.during(ROOM, work);
    expect(typed()).toBe(0);
    isUp = true;
    expect(await session.isReachable()).toBe(true);
    await typing.during(ROOM, work);
    await vi.waitFor(() => expect(typed()).toBe(2));
  });
});
