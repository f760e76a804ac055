import { expect, test } from 'vitest';
import { createTokens } from './createTokens.ts';
import { showTokens } from './showTokens.ts';
import { testTokens } from './testTokens.ts';

test('an invalid token name counts as unknown', async () => {
  const { tokens, request } = await testTokens();
  await createTokens(tokens, request('$event'), { token: 'party' });
  const [found, unknown, impossible] = await showTokens(tokens, request('$show'), [
    'party',
    'none',
    '../users',
  ]);
  expect([found?.token, unknown, impossible]).toEqual(['party', null, null]);
});
