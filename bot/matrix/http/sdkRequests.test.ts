import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HomeserverClient } from '../client.ts';

let server: Server;
let url: string;
let requests: IncomingMessage[];
/** By path; anything else is answered with an empty object. */
let answers: Record<string, { status?: number; headers?: Record<string, string>; body: string }>;

beforeEach(async () => {
  requests = [];
  answers = {};
  server = createServer((request, response) => {
    requests.push(request);
    const { status = 200, headers, body } = answers[request.url ?? ''] ?? { body: '{}' };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const paths = () => requests.map((request) => request.url);
const client = (signal?: AbortSignal) => new HomeserverClient(url, 'secret', signal);
const redirect = (location: string) => ({
  status: 302,
  headers: { location, 'content-type': 'text/html' },
  body: '',
});

test('the query is encoded, without what is undefined', async () => {
  const query = { from: 'a b&c', to: undefined, limit: 1 };
  await client().request('GET', '/_matrix/x', undefined, { query });
  expect(paths()).toEqual(['/_matrix/x?from=a+b%26c&limit=1']);
});

test('a media file is uploaded as it is', async () => {
  answers['/_matrix/media/v3/upload?filename=a.png'] = { body: '{"content_uri":"mxc://x/y"}' };
  expect(await client().upload(Buffer.from([0xff, 0]), 'image/png', 'a.png')).toBe('mxc://x/y');
  expect(requests[0]?.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '2' });
});

describe('cancelled', () => {
  const reason = new Error('No more.');

  test('by the signal of the client: nothing is asked any more', async () => {
    await expect(client(AbortSignal.abort(reason)).request('GET', '/_matrix/x')).rejects.toBe(reason);
    expect(requests).toEqual([]);
  });

  test('by a signal of its own, while the client has another: other requests go on', async () => {
    const shared = client(new AbortController().signal);
    const signal = AbortSignal.abort(reason);
    await expect(shared.request('GET', '/_matrix/x', undefined, { signal })).rejects.toBe(reason);
    expect(await shared.request('GET', '/_matrix/y')).toEqual({});
    expect(paths()).toEqual(['/_matrix/y']);
  });
});

describe('a redirect', () => {
  test('is followed by GET, with the access token on the same host', async () => {
    answers['/a'] = redirect('/b');
    answers['/b'] = { body: '{"b":1}' };
    expect(await client().request('GET', '/a')).toEqual({ b: 1 });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret']);
  });

  test('to another host does not get the access token', async () => {
    answers['/a'] = redirect(`${url.replace('127.0.0.1', 'localhost')}/b`);
    await client().request('GET', '/a');
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', undefined]);
  });

  test('of anything else but GET is no answer of a homeserver', async () => {
    answers['/a'] = redirect('/b');
    await expect(client().request('POST', '/a')).rejects.toMatchObject({ code: 'not_a_matrix_answer' });
    expect(paths()).toEqual(['/a']);
  });

  test('in a circle ends', async () => {
    answers['/a'] = redirect('/a');
    await expect(client().request('GET', '/a')).rejects.toMatchObject({ code: 'not_a_matrix_answer' });
    expect(requests).toHaveLength(6);
  });
});

describe('an answer', () => {
  test.each([
    ['null', 'not_a_matrix_answer'],
    ['"text"', 'not_a_matrix_answer'],
    ['<html>', 'not_a_matrix_answer'],
    ['', 'answer_cut'],
    ['{"a":', 'answer_cut'],
  ])('%j: %s', async (body, code) => {
    answers['/a'] = { body };
    await expect(client().request('GET', '/a')).rejects.toMatchObject({ code, status: 200 });
  });

  test('that the connection breaks off in: answer_cut', async () => {
    server.removeAllListeners('request');
    server.on('request', (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"tokens":[', () => response.destroy());
    });
    const failed = { code: 'answer_cut', status: 200, truncated: true };
    await expect(client().request('GET', '/a')).rejects.toMatchObject(failed);
  });
});
