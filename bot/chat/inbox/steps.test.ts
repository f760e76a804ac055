import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { allowOutcomeSchema } from '../../access/allowList.ts';
import type { NewInboxItem } from '../../store/inbox.ts';
import { Store } from '../../store/store.ts';
import { createTokens } from '../../tokens/createTokens.ts';
import { editToken } from '../../tokens/editToken.ts';
import { DAY, NOW, testTokens } from '../../tokens/testTokens.ts';
import { askedSchema } from '../deletion/deleteCommand.ts';
import { seenTokenSchema } from '../deletion/deletion.ts';
import { stepsOf } from './steps.ts';

const ITEM: NewInboxItem = {
  id: '$command',
  kind: 'command',
  roomId: '!a:x',
  sender: '@a:x',
  content: { text: 'create' },
  receivedAt: 1,
};
const number = z.object({ chosen: z.number() });

let store: Store;

beforeEach(() => {
  store = new Store(':memory:');
  store.inbox.add(ITEM);
});

/** As after a restart. */
function steps() {
  const [item] = store.inbox.open();
  if (item === undefined) throw new Error('The inbox is empty.');
  return stepsOf(item, store);
}

describe('a step', () => {
  test('runs once for each name, also over a restart', async () => {
    const first = steps();
    expect(await first.step('one', number, async () => ({ chosen: 1 }))).toEqual({ chosen: 1 });
    expect(await first.step('one', number, async () => ({ chosen: 2 }))).toEqual({ chosen: 1 });
    expect(await steps().step('two', number, async () => ({ chosen: 3 }))).toEqual({ chosen: 3 });
    expect(await steps().step('one', number, async () => ({ chosen: 4 }))).toEqual({ chosen: 1 });
  });

  test('runs again if it failed', async () => {
    const fail = async () => Promise.reject(new Error('away'));
    await expect(steps().step('one', number, fail)).rejects.toThrow('away');
    expect(await steps().step('one', number, async () => ({ chosen: 2 }))).toEqual({ chosen: 2 });
  });

  test('throws if the stored value does not match the schema', async () => {
    store.inbox.setPlan('$command', { steps: { one: { chosen: 'x' } } });
    await expect(steps().step('one', number, async () => ({ chosen: 2 }))).rejects.toThrow();
  });
});

describe('a step that changes the bot’s own state', () => {
  const outcome = z.nullable(z.string());

  test('runs once, also if its outcome is null', () => {
    let made = 0;
    const change = () => {
      made++;
      return null;
    };
    expect(steps().commitStep('answer', outcome, change)).toBeNull();
    expect(steps().commitStep('answer', outcome, change)).toBeNull();
    expect(made).toBe(1);
  });

  test('is rolled back together with its outcome', () => {
    const change = () => {
      store.meta.set('profile_set', 'yes');
      throw new Error('in the middle');
    };
    const same = steps();
    expect(() => same.commitStep('answer', outcome, change)).toThrow('in the middle');
    expect(store.meta.get('profile_set')).toBeUndefined();
    expect(same.commitStep('answer', outcome, () => 'done')).toBe('done');
  });
});

describe('a command that version 0.1 has begun', () => {
  test('creates the tokens that were chosen', async () => {
    const planned = { token: 'party', uses_allowed: 3, expiry_time: NOW + DAY };
    store.inbox.setPlan('$command', { tokens: [planned] });
    const { tokens, request, backend } = await testTokens();
    await backend.create(planned);
    const again = request('$command', { step: steps().step });
    const { created, failed } = await createTokens(tokens, again, {});
    expect({ created, failed }).toMatchObject({ created: [planned], failed: undefined });
    expect([...backend.tokens.keys()]).toEqual(['party']);
  });

  test('does not overwrite what another person has set since', async () => {
    const seen = { uses_allowed: 3, expiry_time: null };
    store.inbox.setPlan('$command', { change: { uses_allowed: 5 }, seen });
    const { tokens, request, backend } = await testTokens();
    await backend.create({ token: 'party', uses_allowed: 9, expiry_time: null });
    const again = request('$command', { step: steps().step });
    const edit = { token: 'party', change: { uses_allowed: 5 } };
    await expect(editToken(tokens, again, edit)).rejects.toMatchObject({ current: { uses_allowed: 9 } });
  });

  test.each([
    ['delete', { found: [{ id: 'a', ...seenToken('a') }], unknown: ['b'] }, askedSchema],
    ['delete', [{ id: 'a', ...seenToken('a') }], z.array(seenTokenSchema)],
  ])('asks about the tokens that were there: %s %j', async (name, plan, schema) => {
    store.inbox.setPlan('$command', plan);
    const kept = await steps().step<z.ZodMiniType>(name, schema, () =>
      Promise.reject(new Error('chosen anew')),
    );
    const a = seenToken('a');
    expect(kept).toEqual(Array.isArray(plan) ? [a] : { found: [a], unknown: ['b'] });
  });

  test('does not change who is allowed again', () => {
    store.inbox.setPlan('$command', { outcome: { added: ['@b:x'], already: [] } });
    const anew = () => {
      throw new Error('made again');
    };
    expect(steps().commitStep('allow', allowOutcomeSchema, anew)).toEqual({ added: ['@b:x'], already: [] });
  });

  test('answers the question that was chosen, or none', () => {
    const anew = () => {
      throw new Error('chosen anew');
    };
    for (const outcome of ['$prompt', null]) {
      store.inbox.setPlan('$command', { outcome });
      expect(steps().commitStep('answer', z.nullable(z.string()), anew)).toBe(outcome);
    }
  });
});

function seenToken(token: string) {
  return {
    token,
    uses_allowed: null,
    completed: 0,
    pending: 0,
    expiry_time: null,
    state: 'active' as const,
  };
}
