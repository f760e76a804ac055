import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AnswerCut, AnswerTooLarge, type Exchange, exchange, type Limits } from './exchange.ts';

let server: Server;
let url: string;
/** Connections that were made. */
let sockets: Socket[];
let answer: RequestListener;

const LIMITS: Limits = { connectMs: 20_000, idleMs: 20_000, beyondMs: 20_000, bytes: 1_000_000 };

beforeEach(async () => {
  sockets = [];
  answer = (_, response) => response.end('{}');
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  server.on('connection', (socket) => sockets.push(socket));
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function ask(changes: Partial<Exchange> = {}) {
  const plain = { url, method: 'GET', headers: {}, body: undefined, timeoutMs: 20_000, signal: undefined };
  return exchange({ ...plain, limits: LIMITS, ...changes });
}

test('a connection is used again', async () => {
  await ask();
  await ask({ method: 'PUT', body: '{"ä":1}' });
  expect(sockets).toHaveLength(1);
});

test('the body is sent with its length, the path as it is', async () => {
  const { promise: received, resolve } = Promise.withResolvers<IncomingMessage>();
  answer = (request, response) => {
    resolve(request);
    request.pipe(response);
  };
  const { body } = await ask({ url: `${url}tokens/..?a=%2F`, method: 'PUT', body: '{"ä":1}' });
  expect(body.toString()).toBe('{"ä":1}');
  const { url: path, headers } = await received;
  expect(path).toBe('/tokens/..?a=%2F');
  expect(headers).toMatchObject({ 'content-length': '8', 'accept-encoding': 'gzip' });
});

test('a packed answer is unpacked', async () => {
  answer = (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}'));
  };
  expect((await ask()).body.toString()).toBe('{"a":1}');
});

describe('cancelled', () => {
  test('before it is sent: nothing is asked', async () => {
    const reason = new Error('The bot stops.');
    await expect(ask({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(sockets).toEqual([]);
  });

  test.each(['before', 'within'])('%s the answer: the connection is closed', async (when) => {
    const { promise: began, resolve: onBegan } = Promise.withResolvers<unknown>();
    answer = (_, response) => {
      if (when === 'within') response.write('{');
      else onBegan(undefined);
    };
    if (when === 'within') onHeadOfAnswer(onBegan);
    const reason = new Error('The bot stops.');
    const abort = new AbortController();
    const outcome = ask({ signal: abort.signal }).catch((error: unknown) => error);
    await began;
    const closed = sockets.map(closing);
    abort.abort(reason);
    expect(await outcome).toBe(reason);
    await Promise.all(closed);
  });
});

/** Calls back once, when the client has read the head of the next answer. */
function onHeadOfAnswer(then: (message: unknown) => void): void {
  const channel = 'http.client.response.finish';
  const once = (message: unknown) => {
    unsubscribe(channel, once);
    then(message);
  };
  subscribe(channel, once);
}

function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

describe('too slow', () => {
  const late = { code: 'ETIMEDOUT' };

  test('the head of the answer', async () => {
    answer = () => undefined;
    await expect(ask({ timeoutMs: 30 })).rejects.toMatchObject(late);
  });

  test('to agree on TLS', async () => {
    const silent = createTcpServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const connecting = ask({ url: `https://127.0.0.1:${port}/`, limits: { ...LIMITS, connectMs: 30 } });
    await expect(connecting).rejects.toMatchObject(late);
    silent.close();
  });

  test('the next part of the body', async () => {
    answer = (_, response) => void response.write('{');
    await expect(ask({ limits: { ...LIMITS, idleMs: 30 } })).rejects.toMatchObject(late);
  });

  test('a body in tiny pieces', async () => {
    answer = (_, response) => {
      const pieces = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(pieces));
    };
    const slow = ask({ timeoutMs: 500, limits: { ...LIMITS, beyondMs: 0 } });
    await expect(slow).rejects.toMatchObject(late);
  });
});

describe('too large', () => {
  test('the connection is closed', async () => {
    answer = (_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(100_000)));
      };
      response.on('drain', more);
      more();
    };
    const closed = once(server, 'connection').then(([socket]) => closing(socket));
    const failure = await ask().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AnswerTooLarge);
    expect(failure).toMatchObject({ statusCode: 200, bytes: 1_000_000 });
    await closed;
  });

  test('unpacked', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_001)));
    };
    await expect(ask()).rejects.toBeInstanceOf(AnswerTooLarge);
  });

  test('not yet at the limit', async () => {
    answer = (_, response) => response.end(Buffer.alloc(1_000_000));
    expect((await ask()).body).toHaveLength(1_000_000);
  });
});

test.each(['identity', 'gzip'])('cut within the answer (%s): says what came before', async (encoding) => {
  const headers = { 'content-encoding': encoding, 'content-type': 'application/json' };
  const packed = encoding === 'gzip' ? gzipSync('{"a":1}') : Buffer.from('{"a":1}');
  answer = (_, response) => {
    response.writeHead(200, { ...headers, 'content-length': packed.length });
    response.write(packed.subarray(0, -1), () => response.destroy());
  };
  const failure = await ask().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AnswerCut);
  expect(failure).toMatchObject({ code: 'ECONNRESET', statusCode: 200, headers });
});

test('cut before the answer: ECONNRESET', async () => {
  answer = (_, response) => response.destroy();
  await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test.each([
  ['through', 'example.org'],
  ['around', '127.0.0.1'],
])('HTTP_PROXY and NO_PROXY of the environment: %s the proxy', async (way, direct) => {
  const targets: (string | undefined)[] = [];
  answer = (request, response) => {
    targets.push(request.url);
    response.end('{}');
  };
  // Nothing listens at port 9 of the target: only the proxy can answer for it.
  const target = way === 'through' ? 'http://127.0.0.1:9/a' : `${url}a`;
  const script = `
    import { exchange } from ${JSON.stringify(new URL('./exchange.ts', import.meta.url).href)};
    const { statusCode } = await exchange({ url: '${target}', method: 'GET', headers: {}, timeoutMs: 10_000 });
    console.log(statusCode);
  `;
  const env = { PATH: process.env.PATH, HTTP_PROXY: url, NO_PROXY: direct };
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout.trim()).toBe('200');
  expect(targets).toEqual([way === 'through' ? target : '/a']);
});
