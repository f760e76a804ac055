import { expect, test } from 'vitest';
import { createTokens } from './createTokens.ts';
import { deleteTokens } from './deleteTokens.ts';
import { editToken } from './editToken.ts';
import { listTokens } from './listTokens.ts';
import { showTokens } from './showTokens.ts';
import { stranger, testTokens } from './testTokens.ts';

test('without access nothing is shown and nothing is done', async () => {
  const { backend, tokens, access, request } = await testTokens();
  await createTokens(tokens, request('$event'), { token: 'party' });
  const refused = { kind: 'not_allowed', remedy: expect.stringContaining(`allow ${stranger.userId}`) };
  // Every use case takes a `Manager`, which only the check returns.
  const asked = () => ({ ...request('$x'), by: access.require(stranger) });
  const tries = [
    async () => listTokens(tokens, asked()),
    async () => showTokens(tokens, asked(), ['party']),
    async () => createTokens(tokens, asked(), {}),
    async () => editToken(tokens, asked(), { token: 'party', change: { uses_allowed: 9 } }),
    async () => deleteTokens(tokens, asked(), ['party']),
    async () => access.allow(access.require(stranger), ['@mallory:elsewhere.org'], '$x'),
    async () => access.disallow(access.require(stranger), ['@alice:example.org'], '$x', false),
  ];
  for (const attempt of tries) await expect(attempt()).rejects.toMatchObject(refused);
  expect([...backend.tokens.keys()]).toEqual(['party']);
});
