import { beforeEach, describe, expect, test } from 'vitest';
import { problem } from '../../common/problems/problem.ts';
import { createTokens } from './createTokens.ts';
import { DAY, type MemoryBackend, NOW, recordedStep, type TestTokens, testTokens } from './testTokens.ts';

let bot: TestTokens;
let backend: MemoryBackend;

beforeEach(async () => {
  bot = await testTokens();
  backend = bot.backend;
});

async function create(input: unknown, step = recordedStep()) {
  return await createTokens(bot.tokens, bot.request('$event', { step }), input);
}

test('fills in the configured defaults', async () => {
  const { created } = await create({});
  expect(created).toEqual([
    expect.objectContaining({
      token: 'made-10000000000',
      uses_allowed: 1,
      expiry_time: NOW + 7 * DAY,
      state: 'active',
    }),
  ]);
});

test('takes null as no limit and no expiry', async () => {
  const { created } = await create({ uses_allowed: null, expiry_time: null });
  expect(created).toEqual([expect.objectContaining({ uses_allowed: null, expiry_time: null })]);
});

test.each([
  [{ uses_allowed: 0 }],
  [{ expiry_time: NOW }],
  [{ token: 'not allowed' }],
  [{ token: 'x'.repeat(65) }],
  [{ token: 'one', count: 2 }],
  [{ count: 51 }],
])('%j is refused before the homeserver is asked', async (input) => {
  await expect(create(input)).rejects.toMatchObject({ kind: 'invalid_input' });
  expect(backend.tokens.size).toBe(0);
});

test('a name that is taken is refused', async () => {
  await create({ token: 'party' });
  await expect(create({ token: 'party' })).rejects.toMatchObject({ kind: 'token_exists' });
});

test('the default expiry counts from when the creation was asked for', async () => {
  const { created } = await createTokens(bot.tokens, bot.request('$event'), {}, NOW - DAY);
  expect(created[0]?.expiry_time).toBe(NOW + 6 * DAY);
});

describe('with the first choice', () => {
  test('repeated after a lost answer creates nothing more and is recorded once', async () => {
    const step = recordedStep();
    await create({ count: 2 }, step);
    const again = await create({ count: 2 }, step);
    expect(again.created).toHaveLength(2);
    expect(backend.tokens.size).toBe(2);
    expect(bot.store.audit.latest(10)).toHaveLength(2);
  });

  test('a token of the planned name made by another person with other limits is not taken for the bot’s', async () => {
    const plan = { tokens: [{ token: 'party', uses_allowed: 1, expiry_time: NOW + 7 * DAY }] };
    await backend.create({ token: 'party', uses_allowed: 99, expiry_time: null });
    const step = recordedStep(new Map([['create', JSON.stringify(plan)]]));
    await expect(create({ token: 'party' }, step)).rejects.toMatchObject({ kind: 'token_exists' });
  });

  test('after a transient failure all are retried; tokens already created stay', async () => {
    const step = recordedStep();
    const second = 'made-20000000000';
    backend.fault = {
      token: second,
      error: problem('token_api_odd_answer', { baseUrl: 'http://x' }),
      created: true,
    };
    const first = await create({ count: 3 }, step);
    expect(first.failed).toMatchObject({ transient: true });
    expect(first.planned[1]).toBe(second);
    backend.fault = undefined;
    expect((await create({ count: 3 }, step)).created).toHaveLength(3);
    expect(backend.tokens.size).toBe(3);
  });

  test('a token that may have been created without confirmation is named', async () => {
    const error = problem('token_api_odd_answer', { baseUrl: 'http://x' });
    backend.fault = { token: 'party', error, created: true };
    expect(await create({ token: 'party' })).toEqual({ created: [], failed: error, planned: ['party'] });
  });

  test('a lasting failure is reported with the tokens created before it', async () => {
    const error = problem('admin_rights_missing', { baseUrl: 'http://x' });
    backend.fault = { token: 'made-20000000000', error, created: false };
    const outcome = await create({ count: 3 });
    expect(outcome.created).toHaveLength(1);
    expect(outcome.failed).toBe(error);
  });
});
