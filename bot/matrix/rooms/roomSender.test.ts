import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../../observability/log.ts';
import { GivenUp } from '../givenUp.ts';
import { MatrixSession } from '../session.ts';
import { type EventEncryption, RoomSender } from './roomSender.ts';
import { writeState } from './roomState.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const ME = { user_id: '@bot:x.org', device_id: 'D' };
const FAULT = { status: 500, body: { errcode: 'M_UNKNOWN', error: 'Internal server error' } };

let server: Server;
let asked: { path: string; body: string }[];
let answer: (path: string) => Answer | undefined;
let toEncrypt: unknown[];
let encryptEvent: EventEncryption['encryptEvent'];
let session: MatrixSession;
let sender: RoomSender;
const stop = new AbortController();

beforeEach(async () => {
  asked = [];
  toEncrypt = [];
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
  session = new MatrixSession({
    account: {
      server: baseUrl,
      username: undefined,
      password: undefined,
      accessToken: 'secret',
      section: 'bot',
    },
    sessions: { load: () => undefined, save: () => undefined, forget: () => undefined },
    sendPatienceMs: 1,
    log: await createLog({ level: 'error', format: 'json' }, { write: () => undefined }),
    signal: stop.signal,
  });
  await session.signIn();
  encryptEvent = async (_roomId, type, content) => {
    toEncrypt.push(content);
    return { type, content };
  };
  sender = new RoomSender(session, { encryptEvent: (...event) => encryptEvent(...event) });
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const isSend = (path: string) => path.includes('/send/');
const send = () => sender.send('!r:x.org', 'm.room.message', { body: 'hello' }, 't1');

describe('half a character is never sent', () => {
  const half = `a${'💥'.slice(0, 1)}b`;

  test('in a message, and not in the plaintext of an encrypted one', async () => {
    await sender.send('!r:x.org', 'm.room.message', { 'm.new_content': { body: half } }, 't1');
    expect(toEncrypt).toEqual([{ 'm.new_content': { body: 'a\ufffdb' } }]);
  });

  test('in the state of a room, in the profile, in anything else', async () => {
    await writeState(session, '!r:x.org', 'm.widget', 'key', { data: { title: half } });
    await session.request('PUT', '/_matrix/client/v3/profile/x/displayname', { displayname: half });
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

describe('an event that does not wait for rate limits', () => {
  const sendSoon = () => sender.send('!r:x.org', 'm.room.message', { body: 'hello' }, 't1', { waits: false });

  test('is not sent, and says when to try again', async () => {
    const body = { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: 500 };
    answer = (path) => (isSend(path) ? { status: 429, body } : undefined);
    await expect(sendSoon()).rejects.toMatchObject({ name: 'RateLimited', retryAfterMs: 500 });
    expect(asked.filter(({ path }) => isSend(path))).toHaveLength(1);
    answer = () => undefined;
    expect(await send()).toBe('$sent');
  });

  test('is sent, and tried again after other failures', async () => {
    let failures = 1;
    answer = (path) => (isSend(path) && failures-- > 0 ? { status: 502, body: '' } : undefined);
    sender = new RoomSender(session, { encryptEvent });
    expect(await sendSoon()).toBe('$sent');
  });
});

describe('events of a room', () => {
  const encrypted = { type: 'm.room.encrypted', content: { ciphertext: 'x' } };
  const sendAs = (roomId: string, transactionId: string) =>
    sender.send(roomId, 'm.room.message', { body: transactionId }, transactionId);

  test('are encrypted and sent one after the other; those of another room don’t wait', async () => {
    const order: string[] = [];
    const { promise: shared, resolve: share } = Promise.withResolvers<void>();
    encryptEvent = async (roomId, _type, content) => {
      const { body } = content as { body: string };
      order.push(`encrypt ${body}`);
      if (roomId === '!slow:x.org' && body === '1') await shared;
      return encrypted;
    };
    answer = (path) => {
      if (isSend(path)) order.push(`send ${path.slice(-1)}`);
      return undefined;
    };
    const slow = [sendAs('!slow:x.org', '1'), sendAs('!slow:x.org', '2')];
    await sendAs('!other:x.org', '3');
    share();
    await Promise.all(slow);
    expect(order).toEqual(['encrypt 1', 'encrypt 3', 'send 3', 'send 1', 'encrypt 2', 'send 2']);
  });

  test('go on after one that was refused', async () => {
    const refusal = { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'No' } };
    answer = (path) => (path.endsWith('/1') ? refusal : undefined);
    const both = [sendAs('!r:x.org', '1'), sendAs('!r:x.org', '2')];
    expect(await Promise.allSettled(both)).toMatchObject([
      { status: 'rejected', reason: { kind: 'refused' } },
      { status: 'fulfilled', value: '$sent' },
    ]);
  });

  test('that could not be sent in clear are looked at again; what is encrypted is sent as it is', async () => {
    const refreshed: boolean[] = [];
    encryptEvent = async (_roomId, type, content, refresh) => {
      refreshed.push(refresh);
      return refreshed.length === 1 ? { type, content } : encrypted;
    };
    let failures = 2;
    answer = (path) => (isSend(path) && failures-- > 0 ? FAULT : undefined);
    sender = new RoomSender(
      // The homeserver counts as away: nothing is given up.
      {
        request: (...request) => session.request(...request),
        retryRequest: (what, work) => session.retryRequest(what, work),
      },
      { encryptEvent },
    );
    await send();
    expect(refreshed).toEqual([false, true]);
    const sent = asked.filter(({ path }) => isSend(path));
    expect(sent.map(({ path }) => /send\/([^/]+)/.exec(path)?.[1])).toEqual([
      'm.room.message',
      'm.room.encrypted',
      'm.room.encrypted',
    ]);
    expect(sent[2]?.body).toBe(sent[1]?.body);
  });
});
