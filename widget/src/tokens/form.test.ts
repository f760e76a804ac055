import { describe, expect, test } from 'vitest';
import type { RegistrationToken } from '../../../common/token.ts';
import { toLocalInput } from '../format/format.ts';
import { emptyForm, formOf, toCreateRequest, tokenError, toUpdateRequest } from './form.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;
const TOKEN: RegistrationToken = {
  id: 'abc',
  token: 'abc',
  uses_allowed: 3,
  completed: 1,
  pending: 1,
  expiry_time: NOW + DAY,
  state: 'active',
};

describe('creating', () => {
  test('the form as it opens asks for one use and seven days', () => {
    expect(toCreateRequest(emptyForm(NOW), NOW)).toEqual({
      request: { uses_allowed: 1, expiry_time: NOW + 7 * DAY },
    });
  });

  test('unlimited, never, several', () => {
    const form = { ...emptyForm(NOW), uses: 'unlimited', expiry: 'never', count: '50' } as const;
    expect(toCreateRequest(form, NOW)).toEqual({
      request: { uses_allowed: null, expiry_time: null, count: 50 },
    });
  });

  test('a custom token is created alone, whatever the count is', () => {
    const form = { ...emptyForm(NOW), token: ' for-anna ', count: '9' };
    expect(toCreateRequest(form, NOW)).toMatchObject({ request: { token: 'for-anna' } });
    expect(toCreateRequest(form, NOW)).not.toHaveProperty('request.count');
  });

  test('a date with a time is in local time', () => {
    const form = { ...emptyForm(NOW), expiry: 'at', expiryAt: toLocalInput(NOW + 2 * DAY) } as const;
    expect(toCreateRequest(form, NOW)).toMatchObject({ request: { expiry_time: NOW + 2 * DAY } });
  });

  test('all invalid fields are reported at once', () => {
    const form = {
      uses: 'number',
      usesNumber: '0',
      expiry: 'at',
      expiryAt: '',
      token: '',
      count: '51',
    } as const;
    expect(toCreateRequest(form, NOW)).toEqual({
      errors: { uses: 'uses', expiry: 'expiryMissing', count: 'count' },
    });
  });

  test.each(['', '1.5', '-1', '2147483648', 'x'])('%j is no number of uses', (usesNumber) => {
    expect(toCreateRequest({ ...emptyForm(NOW), uses: 'number', usesNumber }, NOW)).toHaveProperty(
      'errors.uses',
    );
  });

  test('a time that has passed', () => {
    const form = { ...emptyForm(NOW), expiry: 'at', expiryAt: toLocalInput(NOW - DAY) } as const;
    expect(toCreateRequest(form, NOW)).toEqual({ errors: { expiry: 'expiryPast' } });
  });
});

test.each([
  ['', undefined],
  ['A.z_0~-', undefined],
  ['ä', 'tokenCharacters'],
  ['a b', 'tokenCharacters'],
  ['..', 'tokenDots'],
  ['x'.repeat(65), 'tokenLong'],
])('while typing, %j: %s', (token, error) => {
  expect(tokenError(token)).toBe(error);
});

describe('editing', () => {
  test('unchanged form: nothing sent', () => {
    expect(toUpdateRequest(formOf(TOKEN, NOW), TOKEN, NOW)).toEqual({ request: {} });
    const unlimited = { ...TOKEN, uses_allowed: null, expiry_time: null };
    expect(toUpdateRequest(formOf(unlimited, NOW), unlimited, NOW)).toEqual({ request: {} });
  });

  test('only what was changed is sent', () => {
    const form = { ...formOf(TOKEN, NOW), usesNumber: '7' };
    expect(toUpdateRequest(form, TOKEN, NOW)).toEqual({ request: { uses_allowed: 7 } });
    expect(toUpdateRequest({ ...formOf(TOKEN, NOW), expiry: 'never' }, TOKEN, NOW)).toEqual({
      request: { expiry_time: null },
    });
  });
});
