import { expect, test } from 'vitest';
import { type FailureFacts, requestFailed } from '../../../matrix/errors.ts';
import { createLog } from '../../../observability/log.ts';
import type { AdminApi } from './adminApi.ts';
import { SynapseBackend } from './synapseBackend.ts';

const log = await createLog({ level: 'error', format: 'json' }, { write: () => undefined });
const BASE_URL = 'http://synapse:8008';

type Answer = { json: unknown } | FailureFacts;

interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** A backend whose homeserver answers with JSON or a failure with these facts: one after the other, then the last. */
function backend(answers: Answer | readonly [Answer, ...Answer[]], issuer?: string) {
  const left: Answer[] = [answers].flat();
  let answer: Answer = {};
  const asked: Asked[] = [];
  const api: Pick<AdminApi, 'baseUrl' | 'request' | 'masIssuer'> = {
    baseUrl: BASE_URL,
    request: async (method, path, body) => {
      asked.push({ method, path, body });
      answer = left.shift() ?? answer;
      if ('json' in answer) return answer.json;
      throw requestFailed(BASE_URL, answer);
    },
    masIssuer: async () => issuer,
  };
  return { asked, synapse: new SynapseBackend(api, log) };
}

const FACTS = { token: 'a-token', uses_allowed: 2, completed: 1, pending: 0, expiry_time: null };
const UNKNOWN = { status: 404, errcode: 'M_NOT_FOUND', error: 'No such registration token' };

test('a token is read from Synapse’s answer, and unknown fields are left out', async () => {
  const { synapse } = backend({ json: { ...FACTS, more: 'than known' } });
  expect(await synapse.get('a-token')).toEqual(FACTS);
});

test('an unknown token can’t be shown, changed or deleted', async () => {
  const { synapse } = backend(UNKNOWN);
  expect(await synapse.get('x')).toBeNull();
  expect(await synapse.update('x', { uses_allowed: 1 })).toBeNull();
  expect(await synapse.delete('x')).toBe(false);
  await expect(synapse.check()).resolves.toBeUndefined();
});

test.each([
  ['~._-', '~._-'],
  ['a/b?c', 'a%2Fb%3Fc'],
])('the token %s stays one step of the path', async (token, step) => {
  const { asked, synapse } = backend(UNKNOWN);
  await synapse.get(token);
  expect(asked[0]?.path).toBe(`/_synapse/admin/v1/registration_tokens/${step}`);
});

test.each(['.', '..'])('the token %s, which no path can name, is refused', async (token) => {
  const { asked, synapse } = backend(UNKNOWN);
  await expect(synapse.delete(token)).rejects.toMatchObject({ kind: 'refused' });
  expect(asked).toEqual([]);
});

test.each<[string, FailureFacts, string]>([
  ['the homeserver’s 403', { status: 403, errcode: 'M_FORBIDDEN' }, 'admin_rights_missing'],
  ['a proxy’s 403', { status: 403 }, 'token_api_missing'],
  ['a proxy’s 404', { status: 404 }, 'token_api_missing'],
  ['a start page', { status: 200 }, 'token_api_missing'],
  ['405', { status: 405 }, 'token_api_missing'],
  ['an unknown address', { status: 404, errcode: 'M_UNRECOGNIZED' }, 'token_api_missing'],
  ['a proxy’s 502', { status: 502 }, 'homeserver_error'],
  ['no answer', {}, 'homeserver_unreachable'],
  [
    'what Synapse calls invalid',
    { status: 400, errcode: 'M_INVALID_PARAM', error: 'Must be…' },
    'invalid_input',
  ],
])('%s is told as such', async (_, facts, kind) => {
  await expect(backend(facts).synapse.list()).rejects.toMatchObject({ kind });
});

test('an unknown address of a homeserver that has handed its accounts to MAS names MAS', async () => {
  const { synapse } = backend({ status: 404, errcode: 'M_UNRECOGNIZED' }, 'https://mas.example.org/');
  await expect(synapse.list()).rejects.toMatchObject({
    kind: 'mas_in_charge',
    message: expect.stringContaining('https://mas.example.org/'),
  });
});

test('an existing token is distinguished from other invalid input', async () => {
  const { synapse } = backend({ status: 400, errcode: 'M_INVALID_PARAM', error: 'Token already exists: x' });
  const creating = synapse.create({ token: 'x', uses_allowed: 1, expiry_time: null });
  await expect(creating).rejects.toMatchObject({ kind: 'token_exists' });
});

const CUT = { status: 200, truncated: true };

test.each<[string, FailureFacts]>([
  ['200', CUT],
  ['404', { status: 404, truncated: true }],
  ['403', { status: 403, truncated: true }],
])('JSON with status %s that breaks off passes, also in the very first answer', async (_, facts) => {
  const tries = [
    backend(facts).synapse.list(),
    backend(facts).synapse.get('x'),
    backend(facts).synapse.create({ token: 'x', uses_allowed: 1, expiry_time: null }),
    backend(facts).synapse.update('x', { uses_allowed: 1 }),
    backend(facts).synapse.delete('x'),
  ];
  for (const attempt of tries)
    await expect(attempt).rejects.toMatchObject({
      kind: 'homeserver_error',
      transient: true,
      message: expect.stringContaining('its JSON breaks off'),
    });
});

test.each<[string, Answer]>([
  ['a list', { json: { registration_tokens: [] } }],
  ['an unknown token', UNKNOWN],
  ['a refused value', { status: 400, errcode: 'M_INVALID_PARAM', error: 'Must be…' }],
])(
  'after %s a page of a proxy passes, and only the homeserver can say that the API is gone',
  async (_, before) => {
    const page = { status: 404 };
    const { synapse } = backend([before, page, { status: 200 }, { status: 404, errcode: 'M_UNRECOGNIZED' }]);
    await synapse.list().catch(() => undefined);
    await expect(synapse.delete('x')).rejects.toMatchObject({ kind: 'homeserver_error' });
    await expect(synapse.delete('x')).rejects.toMatchObject({ kind: 'homeserver_error' });
    await expect(synapse.delete('x')).rejects.toMatchObject({ kind: 'token_api_missing' });
  },
);

test('a broken answer does not count as success of the API', async () => {
  const { synapse } = backend([CUT, { status: 502 }, { status: 404 }]);
  for (const code of ['homeserver_error', 'homeserver_error', 'token_api_missing'])
    await expect(synapse.list()).rejects.toMatchObject({ kind: code });
});

test.each([[{}], [{ registration_tokens: 'none' }], [{ registration_tokens: [{ token: 5 }] }], [[]]])(
  'JSON that is no list of tokens (%j) is told',
  async (json) => {
    await expect(backend({ json }).synapse.list()).rejects.toMatchObject({
      kind: 'homeserver_error',
      message: expect.stringContaining('not a registration token'),
    });
  },
);
