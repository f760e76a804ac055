import { beforeEach, expect, test } from 'vitest';
import type { RegistrationToken } from '../../../common/token.ts';
import { type TokenDifference, TokenMirror } from './tokenMirror.ts';

function token(name: string, change: Partial<RegistrationToken> = {}): RegistrationToken {
  return {
    id: name,
    token: name,
    uses_allowed: 1,
    completed: 0,
    pending: 0,
    expiry_time: null,
    state: 'active',
    ...change,
  };
}

let told: RegistrationToken[];
let answers: PromiseWithResolvers<RegistrationToken[]>[];
let differences: TokenDifference[];
let mirror: TokenMirror;

beforeEach(() => {
  told = [token('a'), token('b')];
  answers = [];
  differences = [];
  mirror = new TokenMirror({
    list: () => {
      const answer = Promise.withResolvers<RegistrationToken[]>();
      answers.push(answer);
      return answer.promise;
    },
    onDifference: (difference) => differences.push(difference),
  });
});

async function list(): Promise<readonly RegistrationToken[]> {
  const listing = mirror.list();
  answers.at(-1)?.resolve([...told]);
  return await listing;
}

test('the first list emits nothing; later ones emit what was added, changed and removed', async () => {
  await list();
  told = [token('c'), token('a', { completed: 1, state: 'used' })];
  await list();
  expect(differences).toEqual([{ changed: told, removed: ['b'] }]);
  await list();
  expect(differences).toHaveLength(1);
});

test('concurrent requests share an answer', async () => {
  const both = Promise.all([mirror.list(), mirror.list()]);
  answers[0]?.resolve(told);
  const [one, other] = await both;
  expect(one).toBe(other);
  expect(answers).toHaveLength(1);
});

test('a change through the bot is news at once, and not again with the next list', async () => {
  await list();
  const changed = token('a', { uses_allowed: 5 });
  mirror.apply({ kind: 'token', token: changed });
  mirror.apply({ kind: 'token_removed', token: 'b' });
  told = [changed];
  await list();
  expect(differences).toEqual([
    { changed: [changed], removed: [] },
    { changed: [], removed: ['b'] },
  ]);
});

test('a list that was asked for before a change does not undo it', async () => {
  await list();
  const listing = mirror.list();
  const changed = token('b', { uses_allowed: 5 });
  mirror.apply({ kind: 'token', token: token('new') });
  mirror.apply({ kind: 'token', token: changed });
  mirror.apply({ kind: 'token_removed', token: 'a' });
  answers.at(-1)?.resolve(told);
  expect(await listing).toEqual([changed, token('new')]);
  expect(differences).toHaveLength(3);
});

test('a list may be used again for a while, unless something was changed through the bot', async () => {
  await list();
  await mirror.list(60_000);
  expect(answers).toHaveLength(1);
  mirror.apply({ kind: 'token', token: token('a', { uses_allowed: 5 }) });
  const listing = mirror.list(60_000);
  expect(answers).toHaveLength(2);
  answers[1]?.resolve(told);
  await listing;
});

test('a failure reaches the current callers, and the next call retries', async () => {
  const listing = mirror.list();
  answers[0]?.reject(new Error('away'));
  await expect(listing).rejects.toThrow('away');
  expect(await list()).toHaveLength(2);
});
