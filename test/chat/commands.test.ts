// The commands that change tokens, as a person with access sends them: what they answer, and what they did on the server.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TokenFacts } from '../../common/token.ts';
import { Conversation, expectRefusal } from '../harness/conversation.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

const DAY_MS = 86_400_000;

const server = useTestServer();
let bot: RestartableBot;
let chat: Conversation;

beforeAll(async () => {
  bot = await server.startBot();
  chat = await Conversation.start(await server.person('alice'), bot.userId);
});

beforeEach(async () => {
  await server.admin.deleteAllTokens();
});

async function onlyToken(): Promise<TokenFacts> {
  const [token, ...more] = await server.tokens();
  expect(more).toEqual([]);
  if (token === undefined) throw new Error('There is no token on the server.');
  return token;
}

describe('create', () => {
  test('alone makes a token for one person and seven days, and shows it as code', async () => {
    const started = Date.now();
    const { body, html } = await chat.ask('create');
    const { token, uses_allowed, expiry_time } = await onlyToken();
    expect(token).toMatch(/^[A-Za-z0-9]{16}$/);
    expect(uses_allowed).toBe(1);
    expect(expiry_time).toBeGreaterThanOrEqual(started + 7 * DAY_MS);
    expect(expiry_time).toBeLessThanOrEqual(Date.now() + 7 * DAY_MS);
    expect(html).toContain(`<code>${token}</code>`);
    expect(body).toContain('1 use, expires in 7 days (');
    // On a line of its own, so that a phone selects it with a long press.
    expect(body.split('\n')).toContain(token);
  });

  test('takes uses and an expiry', async () => {
    const { body } = await chat.ask('create uses=5 expires=2w');
    const { uses_allowed, expiry_time } = await onlyToken();
    expect(uses_allowed).toBe(5);
    expect(Math.abs((expiry_time ?? 0) - Date.now() - 14 * DAY_MS)).toBeLessThan(60_000);
    expect(body).toContain('5 uses, expires in 14 days');
  });

  test('takes a name, no limit and no expiry, in any order and any case', async () => {
    const { body } = await chat.ask('CREATE Expires=NEVER Summer-Party USES=Unlimited');
    expect(await onlyToken()).toMatchObject({ token: 'Summer-Party', uses_allowed: null, expiry_time: null });
    expect(body).toContain('Any number of uses, never expires.');
  });

  test('takes a date, which means the end of that day in UTC', async () => {
    const { body } = await chat.ask('create expires=2099-12-31');
    expect((await onlyToken()).expiry_time).toBe(Date.parse('2099-12-31T23:59:59Z'));
    expect(body).toContain('2099-12-31 23:59 UTC');
  });

  test.each([
    ['create 5', 'create uses=5'],
    ['create unlimited', 'create uses=unlimited'],
    ['create 7d', 'create expires=7d'],
    ['create never', 'create expires=never'],
  ])('%s is asked back instead of making a token that anybody guesses', async (line, meant) => {
    expect((await chat.ask(line)).body).toContain(`“${meant}”`);
    expect(await server.tokens()).toEqual([]);
  });

  test('accepts even such a name with token=', async () => {
    await chat.ask('create token=2027');
    expect((await onlyToken()).token).toBe('2027');
  });

  test('makes several at once', async () => {
    const { html } = await chat.ask('create count=3 uses=2');
    const tokens = await server.tokens();
    expect(tokens).toHaveLength(3);
    for (const { token, uses_allowed } of tokens) {
      expect(uses_allowed).toBe(2);
      expect(html).toContain(`<code>${token}</code>`);
    }
  });

  test.each(['A.z_0~-', '...', '-', 'x'.repeat(64)])('takes every character of a token: %s', async (name) => {
    await chat.ask(`create ${name}`);
    expect((await onlyToken()).token).toBe(name);
    expect((await chat.ask(`show ${name}`)).body).toContain('Uses left: 1 of 1');
    expect((await chat.ask(`edit ${name} uses=2`)).body).toContain(`Changed ${name}: 2 uses`);
    expect((await onlyToken()).uses_allowed).toBe(2);
  });

  test('of a name that is taken changes nothing', async () => {
    await server.admin.createToken({ token: 'party', uses_allowed: 3 });
    await expectRefusal(
      server,
      chat,
      'create party uses=9',
      'The token party exists already. Choose another name',
    );
  });

  test.each([
    ['create uses=0', 'must be at least 1'],
    ['create uses=-1', 'uses=-1 is not a number of uses'],
    ['create uses=1.5', 'is not a number of uses'],
    ['create uses=three', 'Write a whole number such as uses=3, or uses=unlimited'],
    ['create uses=9999999999', 'must be at most 2147483647'],
    ['create uses=', 'uses= has no value'],
    ['create uses=1 uses=2', 'uses= is given twice'],
    ['create expires=tomorrow', 'expires=tomorrow is not a time'],
    ['create expires=0d', 'is not a time'],
    ['create expires=7', 'is not a time'],
    ['create expires=2026-02-31', 'expires=2026-02-31 is not a time'],
    ['create expires=2020-01-01', 'must lie in the future'],
    ['create expires=999999999w', /too far in the future|is not a time/],
    ['create count=0', 'count must be a whole number from 1'],
    ['create count=51', 'At most 50 tokens can be created at once'],
    ['create party count=2', 'Only one token can have a name of your own'],
    ['create two words', 'A token has no spaces'],
    ['create päßwort', 'may contain only the letters'],
    ['create a/b', 'may contain only the letters'],
    [`create ${'x'.repeat(65)}`, 'at most 64 characters'],
    ['create ..', 'can’t be just one or two dots'],
    ['create use=5', 'There is no option use=. Did you mean uses=?'],
    ['create colour=red', 'The options are token=, uses=, expires=, count='],
  ])('refuses %s', async (command, words) => {
    await expectRefusal(server, chat, command, words);
  });
});

describe('edit', () => {
  beforeEach(async () => {
    const expiry_time = Date.now() + DAY_MS;
    await server.admin.createToken({ token: 'party', uses_allowed: 1, expiry_time });
  });

  test('changes the uses and keeps the expiry', async () => {
    const before = await onlyToken();
    const { body } = await chat.ask('edit party uses=3');
    expect(await onlyToken()).toEqual({ ...before, uses_allowed: 3 });
    expect(body).toContain('Changed party: 3 uses, expires in');
  });

  test('changes the expiry and keeps the uses', async () => {
    await chat.ask('edit party expires=never');
    expect(await onlyToken()).toMatchObject({ uses_allowed: 1, expiry_time: null });
    await chat.ask('edit party expires=2099-12-31T12:00+02:00');
    expect((await onlyToken()).expiry_time).toBe(Date.parse('2099-12-31T10:00:00Z'));
  });

  test('changes both, also to no limit', async () => {
    const { body } = await chat.ask('edit expires=3d party uses=unlimited');
    expect((await onlyToken()).uses_allowed).toBeNull();
    expect(body).toContain('any number of uses, expires in 3 days');
  });

  test.each([
    ['edit', 'Which token?'],
    ['edit party', 'There is nothing to change. Say what'],
    ['edit nobody uses=2', 'There is no token nobody. Send “list”'],
    ['edit party uses=0', 'at least 1. To stop a token from being used, delete it.'],
    ['edit party expires=2020-01-01', 'must lie in the future'],
    ['edit party other uses=2', 'One token at a time can be changed'],
    ['edit party 5', 'One token at a time can be changed. Write what to change as uses=… or expires=…'],
    ['edit pärty uses=2', 'may contain only the letters'],
    ['edit party count=2', 'There is no option count='],
  ])('refuses %s', async (command, words) => {
    await expectRefusal(server, chat, command, words);
  });
});

describe('delete and delete-all', () => {
  test('ask before they do anything, and say what would be deleted', async () => {
    await server.admin.createToken({ token: 'one', uses_allowed: 3 });
    await server.admin.createToken({ token: 'two', expiry_time: null });
    const before = await server.tokens();
    // Two tokens in one message: as the predecessor took them, which deleted at once.
    const named = await chat.ask('delete one two');
    expect(named.body).toContain('Delete 2 tokens?');
    expect(named.body).toContain('one (valid, 0 of 3 used)');
    expect(named.body).toContain('two (valid, 0 used, no limit)');
    expect(named.body).toContain('within 5 minutes');
    const all = await chat.ask('delete-all');
    expect(all.body).toContain('Delete ALL 2 tokens?');
    expect(all.html).toContain('<code>one</code>');
    // A phone's keyboard makes one long dash of two hyphens, and its own hyphen of one.
    expect((await chat.ask('delete—all')).body).toContain('Delete ALL 2 tokens?');
    expect(await server.tokens()).toEqual(before);
    for (let i = 0; i < 3; i++) expect((await chat.ask('cancel')).body).toContain('Nothing was deleted');
    expect(await server.tokens()).toEqual(before);
  });

  test('name the tokens that do not exist', async () => {
    await server.admin.createToken({ token: 'one' });
    const { body } = await chat.ask('delete one missing');
    expect(body).toContain('Delete 1 token?');
    expect(body).toContain('There is no token missing.');
    await chat.ask('cancel');
  });

  test.each([
    ['delete', 'Which token?'],
    ['delete missing', 'There is no token missing'],
    [`delete ${Array.from({ length: 51 }, (_, i) => `t${i}`).join(',')}`, 'At most 50 tokens'],
    ['delete-all expired', 'There are no expired tokens to delete'],
    ['delete-all used', 'There are no used up tokens to delete'],
    ['delete-all please', 'I can’t delete “please” at once'],
    ['delete-all used expired', 'I can’t delete “used expired” at once'],
    ['confirm', 'There is nothing to confirm'],
    ['cancel', 'There is nothing to confirm'],
  ])('%s without anything to do deletes nothing', async (command, words) => {
    await server.admin.createToken({ token: 'kept' });
    await expectRefusal(server, chat, command, words);
  });
});

test('the predecessor’s commands work; only deletions ask first', async () => {
  const [first, second] = [(await chat.ask('create')).html, (await chat.ask('create')).html].map(
    (html) => /<code>(\w{16})<\/code>/.exec(html ?? '')?.[1],
  );
  expect((await chat.ask('list')).body).toContain(`${first}\nvalid · 0 of 1 used`);
  expect((await chat.ask(`show ${first}`)).body).toContain('Uses left: 1 of 1');
  expect((await chat.ask('allow @carol:example.org')).body).toContain('Allowed: @carol:example.org');
  expect((await chat.ask('disallow @carol:example.org')).body).toContain('Not allowed any more');
  expect((await chat.ask('help')).body).toContain('• create');
  expect((await chat.ask(`delete ${first} ${second}`)).body).toContain('Delete 2 tokens?');
  expect((await chat.ask('delete-all')).body).toContain('Delete ALL 2 tokens?');
  expect(await server.tokens()).toHaveLength(2);
  expect((await chat.ask('confirm')).body).toContain('Deleted 2 tokens');
  expect(await server.tokens()).toEqual([]);
});

test('a very long message is answered too', async () => {
  for (const command of ['list', 'create', 'show', 'delete-all', 'help', 'disallow', 'create uses=1']) {
    await expectRefusal(server, chat, `${command} ${'ä'.repeat(14_000)}`, /./);
    await expectRefusal(server, chat, `${command} ${'<x>'.repeat(10_000)}`, /./);
  }
});
