import {
  DeviceId,
  initAsync,
  OlmMachine,
  RequestType,
  ToDeviceRequest,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requestFailed } from '../matrix/errors.ts';
import { asObject, type Json } from '../matrix/json.ts';
import type { RoomSender } from '../matrix/rooms/roomSender.ts';
import type { MatrixSession } from '../matrix/session.ts';
import { createLog } from '../observability/log.ts';
import { type MachineRequest, type MachineRequestOptions, MachineRequests } from './machineRequests.ts';
import { OutgoingRequests } from './outgoing.ts';

const USER = '@bot:x';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: Json;
}

type Answer = (asked: Asked) => unknown;

/** What the homeserver was asked; `answers` decide by the end of the path. */
let asked: Asked[];
let answers: Record<string, Answer>;
let fatal: unknown[];
let lines: string[];
let stop: AbortController;
let machine: OlmMachine;
let machineOptions: MachineRequestOptions;
let requests: MachineRequests;
let outgoing: OutgoingRequests;

beforeEach(async () => {
  asked = [];
  answers = {
    '/keys/upload': () => ({ one_time_key_counts: { signed_curve25519: 50 } }),
    '/keys/query': () => ({ device_keys: { [USER]: {} } }),
  };
  fatal = [];
  lines = [];
  stop = new AbortController();
  await initAsync();
  machine = await OlmMachine.initialize(new UserId(USER), new DeviceId('D'));
  const session: Pick<MatrixSession, 'request' | 'canLogIn'> = {
    canLogIn: false,
    async request(method, path, body) {
      const request = { method, path: path.replace(/^\/_matrix\/client\/v3/, ''), body: asObject(body) };
      asked.push(request);
      const answer = Object.entries(answers).find(([end]) => request.path.startsWith(end))?.[1];
      return answer === undefined ? {} : await answer(request);
    },
  };
  const sender: Pick<RoomSender, 'send'> = {
    async send(roomId, type, content, transactionId) {
      asked.push({ method: 'send', path: `${roomId} ${type} ${transactionId}`, body: asObject(content) });
      return '$event';
    },
  };
  const log = await createLog({ level: 'debug', format: 'json' }, { write: (line) => void lines.push(line) });
  machineOptions = { machine, session, log };
  requests = new MachineRequests(machineOptions);
  outgoing = new OutgoingRequests({
    requests,
    sender,
    onFatal: (error) => fatal.push(error),
    log,
    signal: stop.signal,
  });
});

afterEach(async () => {
  stop.abort(new Error('The test is over.'));
  await outgoing.idle();
  machine.close();
});

const paths = () => asked.map(({ path }) => path);
const waiting = async () => ((await machine.outgoingRequests()) as MachineRequest[]).map(({ type }) => type);
const away = () => {
  throw requestFailed('http://x', { status: 502 });
};

describe('what the machine wants sent', () => {
  test('is sent, and not again once it was answered', async () => {
    await requests.sendAll();
    expect(paths()).toEqual(expect.arrayContaining(['/keys/upload', '/keys/query']));
    const { length } = asked;
    await requests.sendAll();
    expect(asked).toHaveLength(length);
    expect(await waiting()).toEqual([]);
  });

  test('is sent again if the homeserver was away', async () => {
    answers['/keys/upload'] = away;
    await expect(requests.sendAll()).rejects.toMatchObject({ status: 502 });
    expect(await waiting()).toContain(RequestType.KeysUpload);
    answers['/keys/upload'] = () => ({ one_time_key_counts: { signed_curve25519: 50 } });
    await requests.sendAll();
    expect(await waiting()).toEqual([]);
  });

  test('is sent in the background until the homeserver is back', async () => {
    let failures = 1;
    answers['/keys/upload'] = () =>
      failures-- > 0 ? away() : { one_time_key_counts: { signed_curve25519: 50 } };
    outgoing.kick();
    await outgoing.idle();
    expect(paths().filter((path) => path === '/keys/upload')).toHaveLength(2);
    expect(lines.join('')).toMatch(/Could not send what encryption needs: .*HTTP 502/);
    expect(await waiting()).toEqual([]);
    expect(fatal).toEqual([]);
  });

  test('that is refused is reported, and retried after a while', async () => {
    answers['/keys/query'] = () => {
      throw requestFailed('http://x', { status: 403, errcode: 'M_FORBIDDEN', error: 'No' });
    };
    outgoing.kick();
    await expect.poll(() => lines.join('')).toMatch(/"retryInMs":\d{3,4},.*refused: No \(HTTP 403\)/);
    expect(paths().filter((path) => path === '/keys/query')).toHaveLength(1);
    expect(fatal).toEqual([]);
  });

  test('is uploaded once at a time, however many want it', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    answers['/keys/upload'] = () => promise;
    const all = [requests.sendAll(), requests.sendAll()];
    await expect.poll(paths).toContain('/keys/upload');
    resolve({ one_time_key_counts: { signed_curve25519: 50 } });
    await Promise.all(all);
    expect(paths().filter((path) => path === '/keys/upload')).toHaveLength(1);
  });
});

test('keys that the homeserver has newer ones of end the bot, with the remedy', async () => {
  answers['/keys/upload'] = () => {
    const error = 'One time key signed_curve25519:AAAAAAAAADI already exists.';
    throw requestFailed('http://x', { status: 400, errcode: 'M_UNKNOWN', error });
  };
  outgoing.kick();
  await outgoing.idle();
  expect(fatal).toMatchObject([
    {
      kind: 'encryption_keys_unusable',
      sentence: expect.stringMatching(/restored from a backup.* Log in anew/),
    },
  ]);
  expect(await waiting()).toContain(RequestType.KeysUpload);
});

describe('an upload that is refused for another reason', () => {
  // As Synapse words it.
  const error =
    'Uploading 50 more signed_curve25519 one-time keys would leave the device holding 501, over the limit of 500';
  const refuse = () => {
    throw requestFailed('http://x', { status: 400, errcode: 'M_UNKNOWN', error });
  };
  const uploads = () => paths().filter((path) => path === '/keys/upload').length;

  test('does not end the bot: it is logged, and left alone for a while', async () => {
    answers['/keys/upload'] = refuse;
    outgoing.kick();
    await outgoing.idle();
    outgoing.kick();
    await outgoing.idle();
    expect(fatal).toEqual([]);
    expect(uploads()).toBe(1);
    expect(paths()).toContain('/keys/query');
    expect(lines.join('')).toContain(`Could not send what encryption needs: `);
    expect(lines.join('')).toContain('over the limit of 500');
    expect(await waiting()).toContain(RequestType.KeysUpload);
  });

  test('is tried again afterwards', async () => {
    requests = new MachineRequests({ ...machineOptions, uploadPauseMs: 0 });
    answers['/keys/upload'] = refuse;
    await expect(requests.sendAll()).rejects.toMatchObject({ status: 400 });
    answers['/keys/upload'] = () => ({ one_time_key_counts: { signed_curve25519: 50 } });
    await requests.sendAll();
    expect(uploads()).toBe(2);
    expect(await waiting()).toEqual([]);
  });
});

describe('an invalid answer', () => {
  /** What Synapse passes on of another homeserver's answer is of any shape. */
  const nonsense = { '@a:evil': [], '@b:evil': 'x', evil: {}, '@c:evil': { D: 5, '': {} } };

  test('about some users of /keys/query does not affect the others', async () => {
    await machine.updateTrackedUsers([new UserId('@alice:x'), new UserId('@a:evil')]);
    answers['/keys/query'] = () => ({
      device_keys: { ...nonsense, '@alice:x': {}, [USER]: {} },
      master_keys: nonsense,
      self_signing_keys: 7,
      failures: [],
    });
    outgoing.kick();
    await outgoing.idle();
    expect(fatal).toEqual([]);
    expect(lines).toEqual([]);
    // Now for the bot itself.
    await requests.sendAll();
    expect(await waiting()).toEqual([]);
    const queries = asked.filter(({ path }) => path === '/keys/query');
    expect(queries.filter(({ body }) => '@a:evil' in asObject(body.device_keys))).toHaveLength(1);
  });

  test('about some users of /keys/claim does not affect the others', async () => {
    const odd = { '@a:x': { D: { nothing: {}, ':': {}, 'signed_curve25519:AAAA': 5 }, E: [] } };
    answers['/keys/claim'] = () => ({ one_time_keys: { ...nonsense, ...odd }, failures: null });
    await outgoing.send({ id: 'claim', type: RequestType.KeysClaim, body: '{"one_time_keys":{}}' });
    expect(paths()).toEqual(['/keys/claim']);
  });

  test('as a whole does not end the bot: it is asked again', async () => {
    let odd = 1;
    answers['/keys/upload'] = () => ({ one_time_key_counts: odd-- > 0 ? [] : { signed_curve25519: 50 } });
    outgoing.kick();
    await outgoing.idle();
    expect(fatal).toEqual([]);
    expect(lines.join('')).toMatch(/can’t make anything of the homeserver’s answer/);
    expect(await waiting()).toEqual([]);
  });
});

describe('each kind of request goes where it belongs:', () => {
  test('to-device messages', async () => {
    const body = JSON.stringify({ messages: { '@a:x': { D: { a: 1 } } } });
    await outgoing.send(new ToDeviceRequest('t/1', 'm.room.encrypted', 't/1', body));
    expect(asked).toEqual([
      { method: 'PUT', path: '/sendToDevice/m.room.encrypted/t%2F1', body: JSON.parse(body) },
    ]);
  });

  test('messages of a verification in a room, as the bot’s own messages', async () => {
    await outgoing.send({
      type: RequestType.RoomMessage,
      room_id: '!r:x',
      event_type: 'm.key.verification.ready',
      txn_id: 't',
      body: '{"a":1}',
    });
    expect(asked).toEqual([{ method: 'send', path: '!r:x m.key.verification.ready t', body: { a: 1 } }]);
  });

  test('signatures; refused ones are reported', async () => {
    answers['/keys/signatures/upload'] = () => ({ failures: { [USER]: { D: { errcode: 'M_INVALID' } } } });
    await outgoing.send({ type: RequestType.SignatureUpload, body: '{}' });
    expect(paths()).toEqual(['/keys/signatures/upload']);
    expect(lines.join('')).toContain('Signatures were refused.');
  });

  test('others are a fault', async () => {
    await expect(outgoing.send({ type: RequestType.KeysBackup, body: '{}' })).rejects.toThrow(/type \d/);
  });
});
