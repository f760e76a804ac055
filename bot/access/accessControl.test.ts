import { expect, test } from 'vitest';
import { createTokens } from '../tokens/createTokens.ts';
import { deleteTokens } from '../tokens/deleteTokens.ts';
import { editToken } from '../tokens/editToken.ts';
import { listTokens } from '../tokens/listTokens.ts';
import { showTokens } from '../tokens/showTokens.ts';
import { alice, stranger, testTokens } from '../tokens/testTokens.ts';

test('without access nothing is told and nothing is done', async () => {
  const { backend, tokens, access, request } = await testTokens();
  await createTokens(tokens, request('$event'), { token: 'party' });
  const refused = { code: 'not_allowed', remedy: expect.stringContaining(`allow ${stranger.userId}`) };
  // Every use case takes a `Manager`, which only the check returns.
  const asked = () => ({ ...request('$x'), by: access.require(stranger) });
  const tries = [
    async () => listTokens(tokens, asked()),
    async () => showTokens(tokens, asked(), ['party']),
    async () => createTokens(tokens, asked(), {}),
    async () => editToken(tokens, asked(), { token: 'party', change: { uses_allowed: 9 } }),
    async () => deleteTokens(tokens, asked(), ['party']),
    async () => access.allow(access.require(stranger), ['@mallory:elsewhere.org'], '$x'),
    async () => access.disallow(access.require(stranger), ['@alice:example.org'], '$x'),
  ];
  for (const attempt of tries) await expect(attempt()).rejects.toMatchObject(refused);
  expect([...backend.tokens.keys()]).toEqual(['party']);
});

test('changes are recorded once for a request, and emitted', async () => {
  const { access, store } = await testTokens();
  const patterns: string[][] = [];
  access.changes.listen(() => patterns.push(access.policy.patterns.map(({ text }) => text)));
  const by = access.require(alice);
  access.allow(by, ['@bob:example.org'], '$allow');
  access.allow(by, ['@bob:example.org'], '$allow');
  access.disallow(by, ['@bob:example.org'], '$disallow');
  expect(patterns).toEqual([['@bob:example.org', alice.userId], [alice.userId]]);
  expect(store.audit.latest(10).map(({ action, subject }) => `${action} ${subject}`)).toEqual([
    'disallow @bob:example.org',
    `allow ${alice.userId}`,
    'allow @bob:example.org',
  ]);
});
