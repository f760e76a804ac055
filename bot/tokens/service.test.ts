import { beforeEach, describe, expect, test } from 'vitest';
import { problem } from '../../common/problems/problem.ts';
import type { TokenFacts } from '../../common/token.ts';
import type { Actor } from '../access/actor.ts';
import { AllowList } from '../access/allowList.ts';
import { createLog } from '../observability/log.ts';
import { Store } from '../store/store.ts';
import type { NewToken, RegistrationBackend } from './backends/backend.ts';
import type { EditPlan } from './edits.ts';
import { EditConflict } from './problems.ts';
import { RegistrationService } from './service.ts';

const NOW = Date.UTC(2026, 10, 1);
const DAY = 86_400_000;
const alice: Actor = { userId: '@alice:example.org', via: 'chat' };
const stranger: Actor = { userId: '@mallory:elsewhere.org', via: 'widget' };

class MemoryBackend implements RegistrationBackend {
  readonly name = 'memory';
  readonly capabilities = { delete: true, pending: true };
  readonly tokens = new Map<string, TokenFacts>();
  /** Thrown by the creation of this token, instead of or after creating it. */
  fault: { token: string; error: Error; created: boolean } | undefined;
  updates = 0;
  /** So many updates are done, and their answers lost. */
  lostUpdates = 0;
  async check(): Promise<void> {}
  async list(): Promise<TokenFacts[]> {
    return [...this.tokens.values()];
  }
  async get(token: string): Promise<TokenFacts | null> {
    return this.tokens.get(token) ?? null;
  }
  async create(token: NewToken): Promise<TokenFacts> {
    const { fault } = this;
    if (this.tokens.has(token.token)) throw problem('token_name_taken');
    const facts = { ...token, completed: 0, pending: 0 };
    if (fault?.token !== token.token || fault.created) this.tokens.set(token.token, facts);
    if (fault?.token === token.token) throw fault.error;
    return facts;
  }
  async update(token: string, change: Partial<NewToken>): Promise<TokenFacts | null> {
    const facts = this.tokens.get(token);
    if (facts === undefined) return null;
    const updated = { ...facts, ...change };
    this.tokens.set(token, updated);
    this.updates++;
    if (this.lostUpdates-- > 0) throw problem('machine_slept');
    return updated;
  }
  async delete(token: string): Promise<boolean> {
    return this.tokens.delete(token);
  }
}

let backend: MemoryBackend;
let store: Store;
let service: RegistrationService;
let made: number;

beforeEach(async () => {
  backend = new MemoryBackend();
  store = new Store(':memory:');
  made = 0;
  service = new RegistrationService({
    backend,
    allowList: new AllowList({
      serverName: 'example.org',
      accessDefault: 'homeserver',
      configured: [],
      table: store.allowed,
      clock: () => NOW,
    }),
    audit: store.audit,
    defaults: { uses: 1, expiry: 7 * DAY, length: 16 },
    clock: () => NOW,
    generate: (length) => `made-${++made}`.padEnd(length, '0'),
    log: await createLog({ level: 'error', format: 'json' }, { write: () => undefined }),
  });
});

async function create(input: Parameters<RegistrationService['planCreation']>[1], ref = '$event') {
  return await service.create(alice, await service.planCreation(alice, input), ref);
}

describe('creating', () => {
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

  test('carried out again after its answer was lost makes nothing more and is recorded once', async () => {
    const plan = await service.planCreation(alice, { count: 2 });
    await service.create(alice, plan, '$event');
    const again = await service.create(alice, plan, '$event');
    expect(again.created).toHaveLength(2);
    expect(backend.tokens.size).toBe(2);
    expect(store.audit.latest(10)).toHaveLength(2);
  });

  test('a token of the planned name that somebody else made with other limits is not taken for ours', async () => {
    const plan = await service.planCreation(alice, { token: 'party' });
    await backend.create({ token: 'party', uses_allowed: 99, expiry_time: null });
    await expect(service.create(alice, plan, '$event')).rejects.toMatchObject({ kind: 'token_exists' });
  });

  test('what passes is tried again as a whole; what was created stays', async () => {
    const plan = await service.planCreation(alice, { count: 3 });
    const second = plan.tokens[1]?.token ?? '';
    backend.fault = {
      token: second,
      error: problem('token_api_odd_answer', { baseUrl: 'http://x' }),
      created: true,
    };
    await expect(service.create(alice, plan, '$event')).rejects.toMatchObject({ transient: true });
    backend.fault = undefined;
    expect((await service.create(alice, plan, '$event')).created).toHaveLength(3);
    expect(backend.tokens.size).toBe(3);
  });

  test('what does not pass is told along with what was created until then', async () => {
    const plan = await service.planCreation(alice, { count: 3 });
    const error = problem('admin_rights_missing', { baseUrl: 'http://x' });
    backend.fault = { token: plan.tokens[1]?.token ?? '', error, created: false };
    const outcome = await service.create(alice, plan, '$event');
    expect(outcome.created).toHaveLength(1);
    expect(outcome.failed).toBe(error);
  });
});

test('what was changed last is listed first, then what the homeserver got last', async () => {
  for (const token of ['old', 'newer', 'newest'])
    await backend.create({ token, uses_allowed: 1, expiry_time: null });
  await service.edit(alice, 'old', { uses_allowed: 5 }, '$edit');
  expect((await service.list(alice)).map(({ token }) => token)).toEqual(['old', 'newest', 'newer']);
});

test('what can’t be a token is unknown', async () => {
  await create({ token: 'party' });
  const [found, unknown, impossible] = await service.get(alice, ['party', 'none', '../users']);
  expect([found?.token, unknown, impossible]).toEqual(['party', null, null]);
});

describe('editing', () => {
  test('changes what is named and keeps the rest', async () => {
    await create({ token: 'party', uses_allowed: 3 });
    const edited = await service.edit(alice, 'party', { expiry_time: null }, '$edit');
    expect(edited).toMatchObject({ uses_allowed: 3, expiry_time: null });
  });

  test.each([
    [{}, 'invalid_input'],
    [{ uses_allowed: 0 }, 'invalid_input'],
    [{ expiry_time: NOW - 1 }, 'invalid_input'],
    [{ uses_allowed: 2 }, 'token_not_found'],
  ])('an unknown token with %j: %s', async (change, kind) => {
    await expect(service.edit(alice, 'nobody', change, '$edit')).rejects.toMatchObject({ kind });
  });
});

describe('an edit that is done again with its plan', () => {
  const wanted = { uses_allowed: 5, expiry_time: NOW + DAY };
  let planned: EditPlan | undefined;
  const plan = async (choose: () => Promise<EditPlan>) => {
    planned ??= await choose();
    return planned;
  };
  const again = () => service.edit(alice, 'party', wanted, '$edit', { plan });

  beforeEach(async () => {
    planned = undefined;
    await create({ token: 'party', uses_allowed: 3, expiry_time: null });
    backend.lostUpdates = 1;
    await expect(again()).rejects.toMatchObject({ transient: true });
  });

  const edits = () => store.audit.latest(10).filter(({ action }) => action === 'edit');

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

  test('keeps what somebody else has set beside it', async () => {
    planned = undefined;
    await backend.update('party', { uses_allowed: 3, expiry_time: null });
    backend.lostUpdates = 1;
    const uses = () => service.edit(alice, 'party', { uses_allowed: 5 }, '$edit', { plan });
    await expect(uses()).rejects.toMatchObject({ transient: true });
    await backend.update('party', { expiry_time: NOW + DAY });
    expect(await uses()).toMatchObject({ uses_allowed: 5, expiry_time: NOW + DAY });
  });

  test('says that the token is gone, if it is', async () => {
    await backend.delete('party');
    await expect(again()).rejects.toMatchObject({ kind: 'conflict', current: null });
  });
});

test('edits of a token at once are done one after the other: the last one counts', async () => {
  await create({ token: 'party' });
  const uses = [2, 3, 4];
  const edited = await Promise.all(
    uses.map((uses_allowed) => service.edit(alice, 'party', { uses_allowed }, `$${uses_allowed}`)),
  );
  expect(edited.map(({ uses_allowed }) => uses_allowed)).toEqual(uses);
  expect(backend.tokens.get('party')?.uses_allowed).toBe(4);
});

test('the default expiry counts from when the creation was asked for', async () => {
  const { tokens } = await service.planCreation(alice, {}, NOW - DAY);
  expect(tokens[0]?.expiry_time).toBe(NOW + 6 * DAY);
});

test('a token that was there when its deletion was decided counts as deleted when it is gone', async () => {
  expect(await service.delete(alice, 'gone', '$a')).toBe(false);
  expect(await service.delete(alice, 'gone', '$a', { wasThere: true })).toBe(true);
  expect(store.audit.latest(10)).toMatchObject([{ action: 'delete', subject: 'gone' }]);
});

test('without access nothing is told and nothing is done', async () => {
  await create({ token: 'party' });
  const refused = { kind: 'not_allowed', remedy: expect.stringContaining(`allow ${stranger.userId}`) };
  const plan = { tokens: [{ token: 'mine', uses_allowed: null, expiry_time: null }] };
  const tries = [
    () => service.list(stranger),
    () => service.get(stranger, ['party']),
    () => service.planCreation(stranger, {}),
    () => service.create(stranger, plan, '$x'),
    () => service.edit(stranger, 'party', { uses_allowed: 9 }, '$x'),
    () => service.delete(stranger, 'party', '$x'),
    async () => service.allow(stranger, ['@mallory:elsewhere.org'], '$x'),
    async () => service.disallow(stranger, ['@alice:example.org'], '$x'),
  ];
  for (const attempt of tries) await expect(attempt()).rejects.toMatchObject(refused);
  expect([...backend.tokens.keys()]).toEqual(['party']);
});
