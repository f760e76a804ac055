// Answers of the token API that are cut on the way: the request may have been done, so the bot retries, checks the
// tokens, and reports their state.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ApiError } from '../../common/api.ts';
import type { CreatedTokens, DeletedTokens } from '../../common/apiResponses.ts';
import type { RegistrationToken } from '../../common/token.ts';
import { ApiUser } from '../api/apiUser.ts';
import { startBotForTest, startBotInRoom } from '../harness/botInRoom.ts';
import type { Conversation } from '../harness/conversation.ts';
import { cutInHalf, isTokenApi, startPage } from '../harness/faults.ts';
import type { Person } from '../harness/person.ts';
import type { CannedResponse, ProxiedRequest } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';

const server = useTestServer();
let alice: Person;
let bot: RestartableBot;
let chat: Conversation;
let user: ApiUser;

beforeAll(async () => {
  alice = await server.person('alice');
  ({ bot, chat } = await startBotInRoom(server, alice, { settings: WIDGET_SETTINGS }));
  user = await ApiUser.signIn(server, bot, alice);
});

beforeEach(async () => {
  await server.admin.createToken({ token: 'party', uses_allowed: 2 });
});

afterEach(async () => {
  bot.proxy.clear();
  await server.admin.deleteAllTokens();
});

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** How an answer is corrupted after the homeserver has handled the request. */
const SPOILED: [string, (request: ProxiedRequest) => Promise<CannedResponse>][] = [
  ['is cut in half', (request) => cutInHalf(bot.proxy, request)],
  [
    'is empty',
    async (request) => {
      const { status } = await bot.proxy.pass(request);
      return { status, headers: { 'content-type': 'application/json' }, body: '' };
    },
  ],
  [
    'becomes a start page, although the API has worked',
    async (request) => {
      await bot.proxy.pass(request);
      return startPage;
    },
  ],
];

/** Corrupts the first answers to requests of a method. */
function corrupt(method: Method, [, how]: (typeof SPOILED)[number], times = 1): void {
  let left = times;
  bot.proxy.intercept((request) =>
    isTokenApi(request) && request.method === method && left-- > 0 ? how(request) : undefined,
  );
}

const audited = (action: string) =>
  bot.store.audit
    .latest(100)
    .filter((entry) => entry.action === action)
    .map(({ subject }) => subject);

test('the very first answer, cut in half, does not mean that there is no API', async () => {
  const fresh = await startBotForTest(server, alice);
  let left = 1;
  const { proxy } = fresh.bot;
  proxy.intercept((request) => (isTokenApi(request) && left-- > 0 ? cutInHalf(proxy, request) : undefined));
  const { body } = await fresh.chat.ask('create very-first');
  expect(body).toContain('New registration token');
  expect((await server.tokens()).map(({ token }) => token)).toEqual(['party', 'very-first']);
});

describe.each(SPOILED)('an answer that %s', (...spoiled) => {
  beforeEach(async () => {
    await chat.ask('list');
  });

  describe('in the room', () => {
    test('to a creation: the reply has the token', async () => {
      corrupt('POST', spoiled);
      expect((await chat.ask('create uses=3')).body).toContain('New registration token');
      const tokens = await server.admin.listTokens();
      expect(tokens.filter(({ uses_allowed }) => uses_allowed === 3)).toHaveLength(1);
    });

    test('to a deletion: the reply says that it is done', async () => {
      const prompt = await chat.ask('delete party');
      corrupt('DELETE', spoiled);
      await alice.react(chat.roomId, prompt.eventId, '✅');
      const { body } = await alice.waitForEdit(chat.roomId, prompt.eventId);
      expect(body).toContain('Deleted 1 token');
      expect(body).not.toMatch(/Nothing|Not all|Gone/);
    });

    test('to an edit: the reply says that it is done', async () => {
      const before = bot.proxy.requests.length;
      corrupt('PUT', spoiled);
      expect((await chat.ask('edit party uses=7')).body).toContain('Changed party: 7 uses');
      const changes = bot.proxy.requests
        .slice(before)
        .filter(({ method }) => method === 'PUT')
        .filter(isTokenApi);
      expect(changes).toHaveLength(1);
      expect(await server.admin.getToken('party')).toMatchObject({ uses_allowed: 7 });
    });

    test.each(['list', 'show party'])('to %s: the reply has the token', async (command) => {
      corrupt('GET', spoiled);
      expect((await chat.ask(command)).body).toContain('party');
    });
  });

  describe('in the API', () => {
    test('to a creation: the token comes back', async () => {
      corrupt('POST', spoiled);
      const { status, body } = await user.ask<CreatedTokens>('/tokens', { method: 'POST', json: {} });
      expect([status, body.failed]).toEqual([201, undefined]);
      expect((await server.admin.listTokens()).map(({ token }) => token).toSorted()).toEqual(
        ['party', body.created[0]?.token].toSorted(),
      );
    });

    test('to the deletion of one token: 200', async () => {
      const before = audited('delete').length;
      corrupt('DELETE', spoiled);
      expect((await user.ask('/tokens/party', { method: 'DELETE' })).status).toBe(200);
      expect(audited('delete')).toHaveLength(before + 1);
    });

    test('to the deletion of several: tokens that disappeared count as deleted, tokens that never existed as not found', async () => {
      corrupt('DELETE', spoiled, 2);
      const json = { tokens: ['party', 'never-was'] };
      const { body } = await user.ask<DeletedTokens>('/tokens/delete', { method: 'POST', json });
      const outcomes = body.results.map(({ token, outcome }) => [token, outcome]);
      expect(outcomes).toContainEqual(['party', 'deleted']);
      expect(await server.tokens()).toEqual([]);
      // An HTML page does not reveal the homeserver's answer.
      if (spoiled[0].startsWith('is ')) expect(outcomes).toContainEqual(['never-was', 'not_found']);
    });

    test('to an edit that names the limits it was decided on: 200, and no conflict', async () => {
      const { headers } = await user.ask('/tokens/party');
      const etag = headers.get('etag') ?? '';
      corrupt('PUT', spoiled);
      const { status, body } = await user.ask<RegistrationToken>('/tokens/party', {
        method: 'PATCH',
        json: { uses_allowed: 7 },
        headers: { 'if-match': etag },
      });
      expect([status, body.uses_allowed]).toEqual([200, 7]);
    });

    test('to a list and to one token: 200', async () => {
      corrupt('GET', spoiled);
      expect((await user.ask('/tokens')).status).toBe(200);
      corrupt('GET', spoiled);
      expect((await user.ask('/tokens/party')).status).toBe(200);
    });
  });
});

describe('when every answer is cut in half', () => {
  const cutAll = () =>
    bot.proxy.intercept((request) => (isTokenApi(request) ? cutInHalf(bot.proxy, request) : undefined));

  test('a deletion is not reported as not done', async () => {
    const prompt = await chat.ask('delete party');
    bot.proxy.intercept((request) =>
      request.method === 'DELETE' ? cutInHalf(bot.proxy, request) : undefined,
    );
    await alice.react(chat.roomId, prompt.eventId, '✅');
    const { body } = await alice.waitForEdit(chat.roomId, prompt.eventId);
    expect(body).toContain('its JSON breaks off');
    expect(body).toContain('did not confirm any deletion');
    expect(body).toContain('Then send “list” to see which tokens are left.');
    expect(body).not.toMatch(/Nothing was deleted|Not all could|no registration token API/);
    expect(await server.tokens()).toEqual([]);
  });

  test('a creation is reported as unconfirmed', async () => {
    cutAll();
    const { body } = await chat.ask('create uses=4');
    expect(body).toMatch(/its JSON breaks off.*may have been created all the same: “show \w+” tells/s);
  });

  test('the API reports a fault of the homeserver', async () => {
    cutAll();
    const { status, body } = await user.ask<ApiError>('/tokens');
    expect([status, body.code]).toEqual([502, 'homeserver_error']);
  });
});
