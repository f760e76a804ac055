import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HomeserverClient } from './client.ts';
import { forEverybody, trackRequests, untilAborted } from './openRequests.ts';

let server: Server;
let url: string;
let asked: number;

beforeEach(async () => {
  trackRequests();
  asked = 0;
  server = createServer((_, response) => {
    asked++;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => void server.close());

const ask = (signal?: AbortSignal) => new HomeserverClient(url, '', signal).request('GET', '/_matrix/x');

test('once the bot has stopped, nothing is asked any more', async () => {
  const reason = new Error('The bot stops.');
  await expect(ask(AbortSignal.abort(reason))).rejects.toBe(reason);
  // Comes after whatever was sent.
  await ask();
  expect(asked).toBe(1);
});

test('who gives up on a request takes those along that are made for it, but not those for everybody', async () => {
  const gaveUp = AbortSignal.abort();
  await expect(untilAborted(gaveUp, () => ask())).rejects.toMatchObject({ kind: 'homeserver_unreachable' });
  expect(await untilAborted(gaveUp, () => forEverybody(() => ask()))).toEqual({});
});
