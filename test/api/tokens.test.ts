// The widget’s API: everything about tokens, with what it answers to good and bad requests.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { limitsTag } from '../../common/api.ts';
import type { CreatedTokens, DeletedTokens } from '../../common/apiResponses.ts';
import type { RegistrationToken } from '../../common/token.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { ApiUser, expectError } from './apiUser.ts';

const DAY_MS = 86_400_000;

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;
let user: ApiUser;

beforeAll(async () => {
  bot = await server.startBot({ settings: WIDGET_SETTINGS });
  alice = await server.person('alice');
  user = await ApiUser.signIn(server, bot, alice);
});

beforeEach(async () => {
  await server.admin.deleteAllTokens();
});

describe('creating', () => {
  test('without further wishes makes one token with the defaults, and the server has it', async () => {
    const { status, body } = await user.ask<CreatedTokens>('/tokens', { method: 'POST', json: {} });
    expect(status).toBe(201);
    expect(body.failed).toBeUndefined();
    const [token] = body.created;
    expect(token).toMatchObject({ uses_allowed: 1, completed: 0, pending: 0, state: 'active' });
    expect(token?.expiry_time).toBeGreaterThan(Date.now() + 6.9 * DAY_MS);
    expect(await server.tokens()).toMatchObject([{ token: token?.token, uses_allowed: 1 }]);
  });

  test('makes several with wishes of one’s own, and says who asked for them', async () => {
    const expiry_time = Date.now() + DAY_MS;
    const json = { count: 3, length: 32, uses_allowed: null, expiry_time };
    const { body } = await user.ask<CreatedTokens>('/tokens', { method: 'POST', json });
    expect(body.created).toHaveLength(3);
    for (const token of body.created) {
      expect(token).toMatchObject({ uses_allowed: null, expiry_time });
      expect(token.token).toHaveLength(32);
    }
    expect(bot.store.audit.latest(3)).toMatchObject(
      body.created.map(() => ({ action: 'create', userId: alice.userId, via: 'widget' })),
    );
  });

  test('a name that is taken', async () => {
    await user.createToken({ token: 'party' });
    const answer = await user.ask('/tokens', { method: 'POST', json: { token: 'party' } });
    expectError(answer, 400, 'M_INVALID_PARAM', { code: 'token_exists' });
  });

  test('problems are in German where that is preferred, and always have their own code', async () => {
    const request = { method: 'POST', json: { uses_allowed: 0 } };
    const expected = { code: 'invalid_input', problem: 'uses_too_small', params: {} };
    const english = await user.ask('/tokens', { ...request, headers: { 'accept-language': 'en' } });
    expectError(english, 400, 'M_INVALID_PARAM', expected);
    expect(english.body).not.toHaveProperty('translation');
    const german = await user.ask('/tokens', {
      ...request,
      headers: { 'accept-language': 'de-AT,en;q=0.5' },
    });
    expectError(german, 400, 'M_INVALID_PARAM', {
      ...expected,
      error: english.body.error,
      translation: expect.stringContaining('mindestens 1'),
    });
  });

  test.each([
    [{ uses_allowed: 0 }, 'at least 1'],
    [{ uses_allowed: '5' }, 'whole number'],
    [{ expiry_time: 1 }, 'must lie in the future'],
    [{ expiry_time: '2030-01-01' }, 'whole number of milliseconds'],
    [{ token: 'a b' }, 'only the letters'],
    [{ token: '..' }, 'dots'],
    [{ token: ['a'] }, 'piece of text'],
    [{ token: 'one', count: 2 }, 'Only one token'],
    [{ count: 51 }, 'At most 50'],
    [{ length: 7 }, 'at least 8'],
    [{ something: 'else' }, 'something'],
    [[], 'not what it should be'],
    ['text', 'JSON'],
    [null, 'JSON'],
  ])('%j is refused before the homeserver is asked', async (json, words) => {
    const answer = await user.ask('/tokens', { method: 'POST', json });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', error: expect.stringContaining(words) },
    });
    expect(await server.tokens()).toEqual([]);
  });
});

describe('listing', () => {
  test('newest first, with counts of all and a total of what fits', async () => {
    await server.admin.createToken({ token: 'outside' });
    await server.admin.createToken({ token: 'usedup', uses_allowed: 0 });
    await user.createToken({ token: 'first' });
    await user.createToken({ token: 'Second' });
    await server.admin.updateToken('usedup', { expiry_time: null });
    const all = await user.tokens();
    expect(all.tokens.map(({ token }) => token)).toEqual(['Second', 'first', 'usedup', 'outside']);
    expect(all).toMatchObject({ next_cursor: null, total: 4, counts: { active: 4, used: 0 } });
    const found = await user.tokens('?search=SEC&state=active,pending');
    expect(found).toMatchObject({ tokens: [{ token: 'Second' }], total: 1, counts: { active: 4 } });
    expect(await user.tokens('?state=expired')).toMatchObject({ tokens: [], total: 0 });
  });

  test.each(['', '&sort=token', '&sort=token&order=desc', '&sort=expiry_time', '&sort=completed'])(
    'pages go on where the one before ended, also when tokens come and go (%s)',
    async (sorting) => {
      for (let n = 10; n < 30; n++) {
        await server.admin.createToken({
          token: `t${n}`,
          expiry_time: n % 3 === 0 ? null : Date.now() + n * DAY_MS,
        });
      }
      const seen: string[] = [];
      let page = await user.tokens(`?limit=5${sorting}`);
      for (let n = 0; ; n++) {
        seen.push(...page.tokens.map(({ token }) => token));
        // Every time the last one of the page is gone, and there is a new one.
        await user.ask(`/tokens/${seen.at(-1)}`, { method: 'DELETE' });
        await user.createToken({ token: `new${n}` });
        if (page.next_cursor === null) break;
        page = await user.tokens(`?limit=5${sorting}&cursor=${page.next_cursor}`);
      }
      const old = seen.filter((token) => token.startsWith('t'));
      expect(new Set(old).size).toBe(20);
      expect(old.length).toBeLessThanOrEqual(22);
    },
  );

  test.each([
    'state=nonsense',
    'state=',
    'state=active&state=used',
    'sort=size',
    'order=up',
    'limit=0',
    'limit=x',
    'limit=1000',
    'cursor=nonsense',
    'cursor=',
    `cursor=${'x'.repeat(513)}`,
    `cursor=${Buffer.from('["token asc",["a"],null,1]').toString('base64url')}`,
    `search=${'x'.repeat(65)}`,
    'unknown=1',
    '__proto__[state]=active',
  ])('?%s is refused', async (query) => {
    expectError(await user.ask(`/tokens?${query}`), 400, 'M_INVALID_PARAM', { code: 'invalid_input' });
  });
});

describe('one token', () => {
  test('is shown, changed and deleted', async () => {
    const token = await user.createToken({ token: 'party', uses_allowed: 2 });
    const shown = await user.ask<RegistrationToken>('/tokens/party');
    expect(shown).toMatchObject({ status: 200, body: token });
    expect(shown.headers.get('etag')).toBe(limitsTag(token));
    const json = { uses_allowed: 5, expiry_time: null };
    const changed = await user.ask<RegistrationToken>('/tokens/party', { method: 'PATCH', json });
    expect(changed).toMatchObject({ status: 200, body: json });
    expect(await server.tokens()).toMatchObject([json]);
    const partly = await user.ask('/tokens/party', { method: 'PATCH', json: { uses_allowed: null } });
    expect(partly.body).toMatchObject({ uses_allowed: null, expiry_time: null });
    expect(await user.ask('/tokens/party', { method: 'DELETE' })).toMatchObject({ status: 200, body: {} });
    expect(await server.tokens()).toEqual([]);
  });

  test.each([['GET'], ['PATCH'], ['DELETE']])('that is not there: %s', async (method) => {
    const json = method === 'PATCH' ? { uses_allowed: 1 } : undefined;
    const answer = await user.ask('/tokens/nobody', { method, json });
    expectError(answer, 404, 'M_NOT_FOUND', { code: 'token_not_found' });
  });

  test.each([{}, { uses_allowed: 0 }, { expiry_time: 5 }, { token: 'other' }, { completed: 0 }])(
    '%j is no change',
    async (json) => {
      await user.createToken({ token: 'party' });
      const before = await server.tokens();
      const answer = await user.ask('/tokens/party', { method: 'PATCH', json });
      expectError(answer, 400, 'M_INVALID_PARAM', { code: 'invalid_input' });
      expect(await server.tokens()).toEqual(before);
    },
  );

  test('that another person changed in between is left as it is, and shown', async () => {
    const token = await user.createToken({ token: 'party', uses_allowed: 2 });
    const headers = { 'if-match': limitsTag(token) };
    const change = (uses_allowed: number) =>
      user.ask<RegistrationToken>('/tokens/party', { method: 'PATCH', headers, json: { uses_allowed } });
    const answers = await Promise.all([change(3), change(4)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const [won, lost] = answers.sort((a, b) => a.status - b.status);
    expect(lost?.body).toMatchObject({ errcode: 'M_UNKNOWN', code: 'conflict', current: won?.body });
    expect(await server.tokens()).toMatchObject([{ uses_allowed: won?.body.uses_allowed }]);
    await server.admin.deleteToken('party');
    expectError(await change(5), 412, 'M_UNKNOWN', { code: 'conflict', current: null });
  });

  test('may be used in between: that is no conflict', async () => {
    const token = await user.createToken({ token: 'party', uses_allowed: 2 });
    expect(limitsTag({ ...token, completed: 1 } as RegistrationToken)).toBe(limitsTag(token));
  });
});

describe('deleting many', () => {
  test('returns the outcome of each; the maximum fits into one request', async () => {
    await user.createToken({ token: 'a' });
    await user.createToken({ token: 'b' });
    const tokens = ['a', 'none', 'b', 'a', ...Array.from({ length: 96 }, (_, n) => `${n}`.padEnd(64, 'x'))];
    const { body } = await user.ask<DeletedTokens>('/tokens/delete', { method: 'POST', json: { tokens } });
    const outcomes = Object.fromEntries(body.results.map(({ token, outcome }) => [token, outcome]));
    expect(outcomes).toMatchObject({ a: 'deleted', b: 'deleted', none: 'not_found' });
    expect(body.results).toHaveLength(99);
    expect(await server.tokens()).toEqual([]);
    const most = Array.from({ length: 1_001 }, (_, n) => `${n}`.padEnd(64, 'x'));
    const tooMany = await user.ask('/tokens/delete', { method: 'POST', json: { tokens: most } });
    expectError(tooMany, 400, 'M_INVALID_PARAM', { code: 'invalid_input' });
  });

  test.each([{}, { tokens: [] }, { tokens: 'a' }, { tokens: ['a', '../b'] }, { tokens: [1] }])(
    '%j is refused as a whole',
    async (json) => {
      await user.createToken({ token: 'a' });
      const answer = await user.ask('/tokens/delete', { method: 'POST', json });
      expectError(answer, 400, 'M_INVALID_PARAM', { code: 'invalid_input' });
      expect(await server.tokens()).toHaveLength(1);
    },
  );

  test('does not keep a token from being called “delete”', async () => {
    await user.createToken({ token: 'delete' });
    expect(await user.ask('/tokens/delete', { method: 'DELETE' })).toMatchObject({ status: 200 });
    expectError(await user.ask('/tokens/delete'), 404, 'M_NOT_FOUND');
  });
});
