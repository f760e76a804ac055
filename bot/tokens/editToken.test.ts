import { beforeEach, describe, expect, test } from 'vitest';
import { createTokens } from './createTokens.ts';
import { EditConflict } from './editConflict.ts';
import { editToken } from './editToken.ts';
import type { Step } from './request.ts';
import { DAY, type MemoryBackend, NOW, recordedStep, type TestTokens, testTokens } from './testTokens.ts';

let bot: TestTokens;
let backend: MemoryBackend;

beforeEach(async () => {
  bot = await testTokens();
  backend = bot.backend;
});

const create = (input: unknown) => createTokens(bot.tokens, bot.request('$event'), input);

async function edit(
  token: string,
  change: unknown,
  { ref = '$edit', step }: { ref?: string; step?: Step } = {},
) {
  return await editToken(bot.tokens, bot.request(ref, step && { step }), { token, change });
}

test('changes what is named and keeps the rest', async () => {
  await create({ token: 'party', uses_allowed: 3 });
  expect(await edit('party', { expiry_time: null })).toMatchObject({ uses_allowed: 3, expiry_time: null });
});

test.each([
  [{}, 'invalid_input'],
  [{ uses_allowed: 0 }, 'invalid_input'],
  [{ expiry_time: NOW - 1 }, 'invalid_input'],
  [{ uses_allowed: 2 }, 'token_not_found'],
])('an unknown token with %j: %s', async (change, kind) => {
  await expect(edit('nobody', change)).rejects.toMatchObject({ kind });
});

describe('an edit that is done again with its plan', () => {
  const wanted = { uses_allowed: 5, expiry_time: NOW + DAY };
  let step: Step;
  const again = () => edit('party', wanted, { step });

  beforeEach(async () => {
    step = recordedStep();
    await create({ token: 'party', uses_allowed: 3, expiry_time: null });
    backend.lostUpdates = 1;
    await expect(again()).rejects.toMatchObject({ transient: true });
  });

  const edits = () => bot.store.audit.latest(10).filter(({ action }) => action === 'edit');

  test('finds that it was done: it is recorded once, and the homeserver is not asked to change anything', async () => {
    const asked = backend.updates;
    expect(await again()).toMatchObject(wanted);
    expect(await again()).toMatchObject(wanted);
    expect(backend.updates).toBe(asked);
    expect(edits()).toMatchObject([{ subject: 'party', details: wanted }]);
  });

  test('is done if the token has the limits that it had', async () => {
    await backend.update('party', { uses_allowed: 3, expiry_time: null });
    expect(await again()).toMatchObject(wanted);
    expect(backend.tokens.get('party')).toMatchObject(wanted);
  });

  test.each([
    { uses_allowed: 9, expiry_time: NOW + DAY },
    { uses_allowed: 9, expiry_time: null },
    { uses_allowed: 3, expiry_time: NOW + 2 * DAY },
  ])('leaves what somebody else has set since: %j', async (theirs) => {
    await backend.update('party', theirs);
    await expect(again()).rejects.toBeInstanceOf(EditConflict);
    await expect(again()).rejects.toMatchObject({ current: theirs });
    expect(backend.tokens.get('party')).toMatchObject(theirs);
    expect(edits()).toEqual([]);
  });

  test('keeps other limits that another person has set', async () => {
    step = recordedStep();
    await backend.update('party', { uses_allowed: 3, expiry_time: null });
    backend.lostUpdates = 1;
    const uses = () => edit('party', { uses_allowed: 5 }, { step });
    await expect(uses()).rejects.toMatchObject({ transient: true });
    await backend.update('party', { expiry_time: NOW + DAY });
    expect(await uses()).toMatchObject({ uses_allowed: 5, expiry_time: NOW + DAY });
  });

  test('says that the token is gone, if it is', async () => {
    await backend.delete('party');
    await expect(again()).rejects.toMatchObject({ kind: 'conflict', current: null });
  });
});

test('an answer that is lost within a request is found at the next try', async () => {
  await create({ token: 'party', uses_allowed: 3 });
  backend.lostUpdates = 1;
  const retries = { quickTries: 2, maxDelayMs: 0, signal: new AbortController().signal };
  const edited = await editToken(bot.tokens, bot.request('$edit', { retries }), {
    token: 'party',
    change: { uses_allowed: 5 },
  });
  expect(edited.uses_allowed).toBe(5);
  expect(backend.updates).toBe(1);
});

test('edits of a token at once are done one after the other: the last one counts', async () => {
  await create({ token: 'party' });
  const uses = [2, 3, 4];
  const edited = await Promise.all(
    uses.map((uses_allowed) => edit('party', { uses_allowed }, { ref: `$${uses_allowed}` })),
  );
  expect(edited.map(({ uses_allowed }) => uses_allowed)).toEqual(uses);
  expect(backend.tokens.get('party')?.uses_allowed).toBe(4);
});
