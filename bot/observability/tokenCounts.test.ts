import { expect, test } from 'vitest';
import type { RegistrationToken, TokenState } from '../../common/token.ts';
import { TokenCounts } from './tokenCounts.ts';

const token = (name: string, state: TokenState): RegistrationToken => ({
  id: name,
  token: name,
  uses_allowed: 1,
  completed: 0,
  pending: 0,
  expiry_time: null,
  state,
});

test('states without a token are reported too', async () => {
  const counts = new TokenCounts({
    list: async () => [token('a', 'active'), token('b', 'active'), token('c', 'used')],
  });
  expect(Object.fromEntries((await counts.get()) ?? [])).toEqual({
    active: 2,
    pending: 0,
    used: 1,
    expired: 0,
    revoked: 0,
  });
});

test('the homeserver is not asked again while the answer is fresh, not even by many at a time', async () => {
  let asked = 0;
  const list = async () => {
    asked++;
    return [];
  };
  const counts = new TokenCounts({ list });
  await Promise.all([counts.get(), counts.get(), counts.get()]);
  await counts.get();
  expect(asked).toBe(1);
  const impatient = new TokenCounts({ list, freshMs: 0 });
  await impatient.get();
  await impatient.get();
  expect(asked).toBe(3);
});

test('a homeserver that does not answer does not block the caller', async () => {
  const { promise, resolve } = Promise.withResolvers<RegistrationToken[]>();
  const counts = new TokenCounts({ list: () => promise, waitMs: 1 });
  expect(await counts.get()).toBeUndefined();
  resolve([]);
  await promise;
  expect((await counts.get())?.get('active')).toBe(0);
});

test('counts are left out once the homeserver stops giving them', async () => {
  let fails = false;
  const list = async () => {
    if (fails) throw new Error('away');
    return [];
  };
  const counts = new TokenCounts({ list, freshMs: 0 });
  expect(await counts.get()).toBeDefined();
  fails = true;
  expect(await counts.get()).toBeUndefined();
});
