import { describe, expect, test } from 'vitest';
import { requestFailed } from './errors.ts';

const SERVER = 'https://matrix.example.org';

function networkFault(code: string): Error {
  return Object.assign(new Error('failed'), { code });
}

describe('a request without an answer', () => {
  test.each([
    ['ECONNREFUSED', 'nothing listens there'],
    ['ENOTFOUND', 'its name can’t be resolved'],
    ['ETIMEDOUT', 'it did not answer in time'],
    ['ECONNRESET', 'the connection was cut'],
    ['CERT_HAS_EXPIRED', 'its certificate has expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate can’t be verified: UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['EPROTO', 'it does not speak https there'],
    ['EHOSTUNREACH', 'EHOSTUNREACH'],
  ])('%s is told as: %s', (code, words) => {
    const failure = requestFailed(SERVER, {}, networkFault(code));
    expect(failure).toMatchObject({ kind: 'homeserver_unreachable', transient: true, status: undefined });
    expect(failure.message).toBe(`The homeserver at ${SERVER} can’t be reached (${words}).`);
  });

  test('names the fault that another error wraps', () => {
    const wrapped = new TypeError('fetch failed', { cause: networkFault('ECONNREFUSED') });
    expect(requestFailed(SERVER, {}, wrapped).message).toContain('nothing listens there');
  });
});

describe('an answer', () => {
  test.each([
    [{ status: 502 }, 'homeserver_error', 'HTTP 502 (not a Matrix answer'],
    [{ status: 200 }, 'homeserver_error', 'HTTP 200 (not a Matrix answer'],
    [{ status: 401 }, 'homeserver_error', 'HTTP 401 (not a Matrix answer'],
    [{ status: 500, errcode: 'M_UNKNOWN', error: 'Oops' }, 'homeserver_error', 'HTTP 500 (Oops)'],
    [{ status: 429 }, 'rate_limited', 'how often'],
    [{ status: 400, errcode: 'M_LIMIT_EXCEEDED' }, 'rate_limited', 'how often'],
    [
      { status: 403, errcode: 'M_FORBIDDEN', error: 'Not in room' },
      'refused',
      'refused: Not in room (HTTP 403)',
    ],
    [{ status: 403, errcode: 'M_FORBIDDEN', error: '' }, 'refused', 'refused: M_FORBIDDEN (HTTP 403)'],
  ] as const)('%o is a problem of kind %s', (facts, kind, words) => {
    const failure = requestFailed(SERVER, facts);
    expect(failure).toMatchObject({ kind, transient: kind !== 'refused' });
    expect(failure.message).toContain(words);
    expect(failure.remedy).toMatch(/\.$/);
  });

  test('of the homeserver with status 401 refuses the access token, a page of a proxy does not', () => {
    expect(requestFailed(SERVER, { status: 401, errcode: 'M_UNKNOWN_TOKEN' }).accessTokenRefused).toBe(true);
    expect(requestFailed(SERVER, { status: 401 }).accessTokenRefused).toBe(false);
  });

  test.each([
    [0, 100],
    [-5, 100],
    [2_500, 2_500],
    [1e12, 3_600_000],
    [undefined, undefined],
  ])('that asks to wait %s ms is waited for %s ms: no tight loop, no end of time', (asked, waited) => {
    expect(requestFailed(SERVER, { status: 429, retryAfterMs: asked }).retryAfterMs).toBe(waited);
  });
});
