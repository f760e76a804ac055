import { expect, test } from 'vitest';
import { editToken } from './editToken.ts';
import { listTokens } from './listTokens.ts';
import { testTokens } from './testTokens.ts';

test('most recently changed tokens come first, then the newest on the homeserver', async () => {
  const { backend, tokens, request } = await testTokens();
  for (const token of ['old', 'newer', 'newest'])
    await backend.create({ token, uses_allowed: 1, expiry_time: null });
  await editToken(tokens, request('$edit'), { token: 'old', change: { uses_allowed: 5 } });
  const listed = await listTokens(tokens, request('$list'));
  expect(listed.map(({ token }) => token)).toEqual(['old', 'newest', 'newer']);
});
