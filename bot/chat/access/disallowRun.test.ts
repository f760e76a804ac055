import { beforeEach, describe, expect, test } from 'vitest';
import { NOW, type TestTokens, testTokens } from '../../tokens/testTokens.ts';
import { ENGLISH } from '../../words/en/english.ts';
import type { ConfirmationEnd } from '../confirmation/confirmations.ts';
import { concludeDisallow } from './disallowRun.ts';

const ALICE = { userId: '@alice:example.org', via: 'chat' } as const;
const CAROL = '@carol:example.org';
const DAVE = '@dave:example.org';

let bot: TestTokens;

beforeEach(async () => {
  bot = await testTokens();
  const { access, store } = bot;
  access.allow(access.require(ALICE), [CAROL], '$allow');
  store.confirmations.add({
    promptEventId: '$question',
    roomId: '!a:x',
    requester: ALICE.userId,
    kind: 'disallow',
    request: { patterns: [CAROL, ALICE.userId] },
    createdAt: NOW,
    expiresAt: NOW + 1,
  });
});

async function conclude(end: ConfirmationEnd): Promise<string> {
  const question = bot.store.confirmations.get('$question');
  if (question === undefined) throw new Error('There is no question.');
  return (await concludeDisallow(question, end, { ...bot, words: ENGLISH })).body;
}

const texts = () => bot.access.policy.patterns.map(({ text }) => text);

test('confirmed, it gives access to everybody on the homeserver', async () => {
  expect(await conclude('confirmed')).toContain(`Not allowed any more: ${CAROL} and ${ALICE.userId}.`);
  expect(bot.access.policy.isOpen).toBe(true);
  expect(bot.store.audit.has('disallow', CAROL, '$question')).toBe(true);
});

test('interrupted after that, it is not done again: what was allowed since stays', async () => {
  const first = await conclude('confirmed');
  const { access } = bot;
  access.allow(access.require(ALICE), [CAROL], '$again');
  expect(await conclude('confirmed')).toContain(first.split('\n')[0]);
  expect(texts()).toEqual([CAROL, ALICE.userId]);
});

describe('the list stays as it is', () => {
  test.each<[ConfirmationEnd, string]>([
    ['cancelled', `Cancelled by ${ALICE.userId}. Nothing was changed. Still allowed: ${CAROL} and`],
    ['expired', 'I saw no answer in time. Nothing was changed. Still allowed:'],
    ['access_lost', `${ALICE.userId} may not manage tokens any more. Nothing was changed.`],
  ])('%s', async (end, words) => {
    expect(await conclude(end)).toContain(words);
    expect(texts()).toEqual([CAROL, ALICE.userId]);
    expect(bot.store.confirmations.get('$question')).toMatchObject({ decision: undefined });
  });

  test.each<[string, (by: ReturnType<TestTokens['access']['require']>) => unknown, string, string[]]>([
    [
      'somebody else was allowed meanwhile',
      (by) => bot.access.allow(by, [DAVE], '$since'),
      'With this you would lose your own access, so nothing was changed.',
      [CAROL, ALICE.userId, DAVE],
    ],
    [
      'somebody of those was disallowed meanwhile',
      (by) => bot.access.disallow(by, [CAROL], '$since', false),
      `${CAROL} is not in the list of those allowed, so nothing was changed.`,
      [ALICE.userId],
    ],
  ])('%s', async (_what, change, words, left) => {
    change(bot.access.require(ALICE));
    expect(await conclude('confirmed')).toContain(`Confirmed by ${ALICE.userId}. ${words}`);
    expect(texts()).toEqual(left);
  });
});
