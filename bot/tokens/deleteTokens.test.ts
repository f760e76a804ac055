import { beforeEach, describe, expect, test } from 'vitest';
import { problem } from '../../common/problems/problem.ts';
import { requestFailed } from '../matrix/errors.ts';
import { deleteTokens } from './deleteTokens.ts';
import { type TestTokens, testTokens } from './testTokens.ts';

let bot: TestTokens;

beforeEach(async () => {
  bot = await testTokens();
});

/** Two quick tries. */
const twice = { quickTries: 2, mostDelayMs: 0, signal: new AbortController().signal };

async function make(...names: string[]): Promise<void> {
  for (const token of names) await bot.backend.create({ token, uses_allowed: 1, expiry_time: null });
}

test('a token that was there when its deletion was decided counts as deleted when it is gone', async () => {
  expect(await deleteTokens(bot.tokens, bot.request('$a'), ['gone'])).toEqual([
    { token: 'gone', outcome: 'not_found' },
  ]);
  expect(await deleteTokens(bot.tokens, bot.request('$a'), ['gone'], { wereThere: true })).toEqual([
    { token: 'gone', outcome: 'deleted' },
  ]);
  expect(bot.store.audit.latest(10)).toMatchObject([{ action: 'delete', subject: 'gone' }]);
});

test('a deletion whose answer was lost counts as done when the token is gone at the next try', async () => {
  await make('a');
  let isFirst = true;
  bot.backend.onDelete = (token) => {
    if (!isFirst) return;
    isFirst = false;
    bot.backend.tokens.delete(token);
    throw requestFailed('http://x', {});
  };
  const results = await deleteTokens(bot.tokens, bot.request('$a', { retries: twice }), ['a']);
  expect(results).toEqual([{ token: 'a', outcome: 'deleted' }]);
});

describe('several', () => {
  const failing = (token: string) => {
    if (token === 'b') throw problem('token_unnameable', { token });
  };

  test('are deleted four at a time, and each is tried; twice the same is one', async () => {
    await make('a', 'b', 'c', 'd', 'e', 'f');
    let [underWay, most] = [0, 0];
    bot.backend.onDelete = async (token) => {
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay--;
      failing(token);
    };
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'a'];
    const results = await deleteTokens(bot.tokens, bot.request('$a'), names);
    expect(Object.fromEntries(results.map(({ token, outcome }) => [token, outcome]))).toEqual({
      a: 'deleted',
      b: 'failed',
      c: 'deleted',
      d: 'deleted',
      e: 'deleted',
      f: 'deleted',
    });
    expect(results).toHaveLength(6);
    expect(most).toBe(4);
    expect([...bot.backend.tokens.keys()]).toEqual(['b']);
  });

  test('end at the first failure, if so wanted', async () => {
    await make('a', 'b', 'c');
    bot.backend.onDelete = failing;
    const results = await deleteTokens(bot.tokens, bot.request('$a'), ['a', 'b', 'c'], {
      stopAtFailure: true,
    });
    expect(results.map(({ outcome }) => outcome)).toEqual(['deleted', 'failed']);
    expect([...bot.backend.tokens.keys()]).toEqual(['b', 'c']);
  });

  test('are tried once each, after one has failed in all its tries', async () => {
    const tries = new Map<string, number>();
    bot.backend.onDelete = (token) => {
      tries.set(token, (tries.get(token) ?? 0) + 1);
      throw requestFailed('http://x', {});
    };
    const request = bot.request('$a', { retries: twice });
    const results = await deleteTokens(bot.tokens, request, ['a', 'b', 'c', 'd', 'e', 'f']);
    expect(results.every(({ outcome }) => outcome === 'failed')).toBe(true);
    expect([tries.get('a'), tries.get('e'), tries.get('f')]).toEqual([2, 1, 1]);
  });
});
