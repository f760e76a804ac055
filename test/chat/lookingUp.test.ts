// The commands that only look: list, show, help, status, widget.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
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

describe('list', () => {
  test('says how to make the first token', async () => {
    expect((await chat.ask('list')).body).toBe('There are no registration tokens. “create” makes one.');
  });

  test('shows tokens with state, uses and expiry, counts by state, and filters', async () => {
    await server.admin.createToken({ token: 'open-end', uses_allowed: null, expiry_time: null });
    await server.admin.createToken({
      token: 'one-week',
      uses_allowed: 2,
      expiry_time: Date.now() + 7 * DAY_MS,
    });
    const all = await chat.ask('list');
    expect(all.body).toContain('2 tokens: 2 valid.');
    expect(all.body).toContain('open-end\nvalid · 0 used, no limit · never expires');
    expect(all.body).toContain('one-week\nvalid · 0 of 2 used · expires in 7 days');
    expect(all.html).toContain('<p><code>open-end</code><br>valid · ');
    expect((await chat.ask('list valid')).body).toContain('open-end');
    for (const filter of ['expired', 'used']) {
      const { body } = await chat.ask(`list ${filter}`);
      expect(body).toContain('2 tokens: 2 valid.');
      expect(body).not.toContain('open-end');
      expect(body).toMatch(/None of them is/);
    }
  });

  test('puts what was changed last first', async () => {
    await chat.ask('create first');
    await chat.ask('create second');
    await server.admin.createToken({ token: 'made-elsewhere' });
    const order = async () => (await chat.ask('list')).body.match(/first|second|made-elsewhere/g);
    expect(await order()).toEqual(['second', 'first', 'made-elsewhere']);
    await chat.ask('edit first uses=4');
    expect(await order()).toEqual(['first', 'second', 'made-elsewhere']);
  });

  test('has pages of 20, also of a filter', async () => {
    for (let i = 1; i <= 41; i++) await server.admin.createToken({ token: `t${i}`, uses_allowed: 1 });
    const rows = (body: string) => body.split('\n\n').filter((entry) => entry.includes(' · '));
    const first = (await chat.ask('list')).body;
    const second = (await chat.ask('list valid 2')).body;
    const third = (await chat.ask('list 3')).body;
    expect([first, second, third].map((body) => rows(body).length)).toEqual([20, 20, 1]);
    expect(new Set([first, second, third].flatMap(rows)).size).toBe(41);
    expect(first).toContain('Page 1 of 3. Next: “list 2”');
    expect(second).toContain('Page 2 of 3. Next: “list valid 3”');
    expect(third).toMatch(/Page 3 of 3\.$/);
    expect((await chat.ask('list 4')).body).toContain('There are only 3 pages.');
  });

  test.each([
    ['list 0', 'The page must be a whole number from 1'],
    ['list -1', 'The page must be a whole number from 1'],
    ['list 1.5', 'The page must be a whole number from 1'],
    ['list everything', 'I can’t list “everything”. Write “list”'],
    ['list used expired', 'I can’t list “expired”'],
    ['list 1 2', 'I can’t list “2”'],
    ['list page=2', 'This command has no options'],
  ])('refuses %s', async (command, words) => {
    await expectRefusal(server, chat, command, words);
  });
});

describe('show', () => {
  test('shows all details of a token', async () => {
    const expiry_time = Date.parse('2099-06-01T12:30:00Z');
    await server.admin.createToken({ token: 'party', uses_allowed: 2, expiry_time });
    const { body, html } = await chat.ask('show party');
    expect(html).toContain('<code>party</code>');
    for (const line of ['State: valid', 'Uses left: 2 of 2', 'Completed: 0 registrations'])
      expect(body).toContain(line);
    expect(body).toContain('Pending: nobody is registering right now');
    expect(body).toMatch(/Expires: in \d+ days \(2099-06-01 12:30 UTC\)/);
  });

  test('takes several tokens, separated by spaces or commas, and names unknown ones', async () => {
    await server.admin.createToken({ token: 'one' });
    await server.admin.createToken({ token: 'two' });
    const { body } = await chat.ask('show one,two  `missing`');
    expect(body.match(/State: valid/g)).toHaveLength(2);
    expect(body).toContain('There is no token missing.');
  });

  test('never interprets its input as markup', async () => {
    const { html } = await chat.ask('show <img/src=x> <b>bold</b> &amp; "quoted"', {
      html: '<p>show <code>party</code></p>',
    });
    expect(html).not.toMatch(/<b>|<img/);
    expect((await chat.ask('show <b>bold</b>')).html).toContain('<code>&lt;b&gt;bold&lt;/b&gt;</code>');
  });

  test.each([
    ['show', 'Which token? Write for example'],
    [`show ${Array.from({ length: 21 }, (_, i) => `t${i}`).join(' ')}`, 'At most 20 tokens'],
  ])('refuses %s', async (command, words) => {
    await expectRefusal(server, chat, command, words);
  });
});

describe('help, status and widget', () => {
  test('help shows every command, an example and who may manage tokens', async () => {
    const { body } = await chat.ask('help');
    const commands =
      'create list show edit delete delete-all allow disallow allowed status widget confirm cancel';
    for (const name of [...commands.split(' '), 'help']) expect(body).toMatch(new RegExp(`^• ${name} `, 'm'));
    expect(body).toContain('create uses=5 expires=14d');
    expect(body).toContain(`Every user of ${server.serverName} may manage registration tokens`);
    expect(body).toContain(`allow @somebody:${server.serverName}`);
  });

  test('help explains one command with examples', async () => {
    const { body } = await chat.ask('Help CREATE');
    expect(body).toContain('create [TOKEN] [uses=N|unlimited] [expires=7d|never|2026-12-31] [count=N]');
    expect(body).toContain('create count=10');
    expect((await chat.ask('help crate')).body).toContain('Did you mean “create”?');
  });

  test('status shows what works', async () => {
    const { body, html } = await chat.ask('status');
    expect(html).toMatch(/session key: <code>[A-Z]+, /);
    expect(body).toMatch(/✅ Homeserver: http:\S+ answers/);
    expect(body).toContain('✅ Token API: Synapse lets the bot manage registration tokens.');
    expect(body).toContain('✅ Registration: open to people with a token.');
    expect(body).toContain('Access: Every user of');
    expect(body).toContain('✅ Encryption: on.');
    expect(body).toContain('ℹ️ Identity: the bot’s device is signed.');
    expect(body).toContain('Widget: off');
  });

  test('widget says that it is off', async () => {
    expect((await chat.ask('widget')).body).toMatch(/^The widget is off/);
  });
});
