import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../observability/log.ts';
import { GivenUp } from './givenUp.ts';
import { writeState } from './rooms/roomState.ts';
import { Homeserver } from './session.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const ME = { user_id: '@bot:x.org', device_id: 'D' };
const FAULT = { status: 500, body: { errcode: 'M_UNKNOWN', error: 'Internal server error' } };

let server: Server;
let asked: { path: string; body: string }[];
let answer: (path: string) => Answer | undefined;
let sealed: unknown[];
let homeserver: Homeserver;
const stop = new AbortController();

beforeEach(async () => {
  asked = [];
  sealed = [];
  answer = () => undefined;
  server = createServer(async (request, response) => {
    const path = request.url ?? '';
    asked.push({ path, body: await text(request) });
    const fine = { status: 200, body: path.includes('/whoami') ? ME : { event_id: '$sent' } };
    const { status, body } = answer(path) ?? fine;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  homeserver = new Homeserver({
    account: {
      server: baseUrl,
      username: undefined,
      password: undefined,
      accessToken: 'secret',
      section: 'bot',
    },
    sessions: { load: () => undefined, save: () => undefined, forget: () => undefined },
    seal: async (_roomId, type, content) => {
      sealed.push(content);
      return { type, content };
    },
    sendPatienceMs: 1,
    log: await createLog({ level: 'error', format: 'json' }, { write: () => undefined }),
    signal: stop.signal,
  });
  await homeserver.signIn();
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const isSend = (path: string) => path.includes('/send/');
const send = () => homeserver.send('!r:x.org', 'm.room.message', { body: 'hello' }, 't1');

describe('half a character is never sent', () => {
  const half = `a${'💥'.slice(0, 1)}b`;

  test('in a message, and not in the plaintext of an encrypted one', async () => {
    await homeserver.send('!r:x.org', 'm.room.message', { 'm.new_content': { body: half } }, 't1');
    expect(sealed).toEqual([{ 'm.new_content': { body: 'a\ufffdb' } }]);
  });

  test('in the state of a room, in the profile, in anything else', async () => {
    await writeState(homeserver, '!r:x.org', 'm.widget', 'key', { data: { title: half } });
    await homeserver.request('PUT', '/_matrix/client/v3/profile/x/displayname', { displayname: half });
    const bodies = asked.slice(1).map(({ body }) => body);
    expect(bodies).toEqual(['{"data":{"title":"a\ufffdb"}}', '{"displayname":"a\ufffdb"}']);
  });
});

describe('a homeserver that fails at a message', () => {
  test('and at nothing else: the message is given up', async () => {
    answer = (path) => (isSend(path) ? FAULT : undefined);
    await expect(send()).rejects.toThrow(GivenUp);
    await expect(send()).rejects.toMatchObject({ transient: false });
    answer = () => undefined;
    expect(await send()).toBe('$sent');
  });

  test('and at everything else: it is waited for', async () => {
    answer = (path) => {
      // More tries than what is given up gets.
      const isOver = asked.filter((request) => isSend(request.path)).length > 3;
      return isOver ? undefined : { ...FAULT, status: isSend(path) ? 500 : 502 };
    };
    expect(await send()).toBe('$sent');
    expect(asked.filter(({ path }) => isSend(path))).toHaveLength(4);
  });
});
