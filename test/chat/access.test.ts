// Who may command the bot, and how that is changed from the chat.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Settings } from '../harness/botProcess.ts';
import { Conversation } from '../harness/conversation.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

const server = useTestServer();
let alice: Person;
let bob: Person;
let serverName: string;

beforeAll(async () => {
  ({ serverName } = server);
  alice = await server.person('alice');
  bob = await server.person('bob');
});

/** A bot of its own with a direct room for each of alice and bob, that answers without a quota. */
async function startBot(localpart: string, settings: Settings = {}) {
  const bot = await server.startBot({ localpart, settings, quotaWindowMs: 0 });
  const asAlice = await Conversation.start(alice, bot.userId);
  const asBob = await Conversation.start(bob, bot.userId);
  return { bot, asAlice, asBob };
}

const mayNot = (person: Person) =>
  `You (${person.userId}) may not manage registration tokens here. Ask somebody who may to send this bot: allow ${person.userId}`;

async function expectAccess(chat: Conversation, allowed: boolean): Promise<void> {
  const { body } = await chat.ask('list');
  if (allowed) expect(body).toMatch(/^(There are no registration tokens|\d+ tokens?:)/);
  else expect(body).toBe(mayNot(chat.person));
}

describe('by default', () => {
  let bot: RestartableBot;
  let asAlice: Conversation;
  let asBob: Conversation;

  beforeAll(async () => {
    ({ bot, asAlice, asBob } = await startBot('openbot'));
  });

  test('every user of the homeserver has access, and the reply says so', async () => {
    await expectAccess(asAlice, true);
    await expectAccess(asBob, true);
    const sentence = `Every user of ${serverName} may manage registration tokens, because nobody is allowed by name.`;
    for (const command of ['help', 'status', 'allowed']) {
      const { body } = await asBob.ask(command);
      expect(body).toContain(sentence);
      expect(body).toContain(`allow @somebody:${serverName}`);
    }
    expect(await asAlice.greeting()).toContain(sentence);
    expect(bot.logLines.join('\n')).toContain(sentence);
  });

  test('the first allow also allows its sender, and the default no longer applies', async () => {
    const { body, html } = await asAlice.ask(`allow @carol:${serverName}`);
    expect(body).toContain(`Allowed: @carol:${serverName}.`);
    expect(body).toContain(`You are allowed as well (${alice.userId})`);
    expect(html).toContain(`<code>@carol:${serverName}</code>`);
    await expectAccess(asAlice, true);
    await expectAccess(asBob, false);
    const shown = await asAlice.ask('allowed');
    expect(shown.body).toMatch(new RegExp(`@carol:${serverName} \\(allowed by ${alice.userId}, \\d{4}-`));
    expect(shown.body).toContain(`${alice.userId} (allowed by`);
    expect((await asBob.ask('help')).body).toContain('People who are allowed by name may manage');
  });

  test('further people are allowed and disallowed, several at once', async () => {
    const { body } = await asAlice.ask(`ALLOW ${bob.userId} @dave:${serverName} @carol:${serverName}`);
    expect(body).toContain(`Allowed: ${bob.userId} and @dave:${serverName}.`);
    expect(body).toContain(`Allowed before: @carol:${serverName}.`);
    expect(body).not.toContain('You are allowed as well');
    await expectAccess(asBob, true);
    const taken = await asAlice.ask(`disallow ${bob.userId} @dave:${serverName}`);
    expect(taken.body).toBe(`Not allowed any more: ${bob.userId} and @dave:${serverName}.`);
    await expectAccess(asBob, false);
  });

  test('a restart keeps the list', async () => {
    const before = (await asAlice.ask('allowed')).body;
    await bot.restart();
    expect((await asAlice.ask('allowed')).body).toBe(before);
    await expectAccess(asBob, false);
  });

  test('nobody can disallow themselves while others keep access', async () => {
    const { body } = await asAlice.ask(`disallow ${alice.userId}`);
    expect(body).toContain('With this you would lose your own access, so nothing was changed.');
    await expectAccess(asAlice, true);
  });

  test('before the last one is disallowed, the bot asks; until then nothing changes', async () => {
    const before = (await asAlice.ask('allowed')).body;
    const question = await asAlice.ask(`disallow @carol:${serverName} ${alice.userId}`);
    expect(question.body).toContain(`Let every user of ${serverName} manage registration tokens?`);
    expect(question.body).toContain(
      `Without @carol:${serverName} and ${alice.userId}, nobody would be allowed`,
    );
    await expectAccess(asBob, false);
    const { body } = await asAlice.ask('cancel');
    expect(body).toBe(
      `Cancelled by ${alice.userId}. Nothing was changed. Still allowed: @carol:${serverName} and ${alice.userId}.`,
    );
    expect((await asAlice.ask('allowed')).body).toBe(before);
  });

  test('what is confirmed is decided by the list as it is then', async () => {
    await asAlice.ask(`allow ${bob.userId}`);
    const all = `@carol:${serverName} ${alice.userId} ${bob.userId}`;
    await asAlice.ask(`disallow ${all}`);
    await asBob.ask(`allow @dave:${serverName}`);
    const before = (await asAlice.ask('allowed')).body;
    const { body } = await asAlice.ask('confirm');
    expect(body).toContain(
      `Confirmed by ${alice.userId}. With this you would lose your own access, so nothing`,
    );
    expect((await asAlice.ask('allowed')).body).toBe(before);
    await asAlice.ask(`disallow ${bob.userId} @dave:${serverName}`);
  });

  test('once that is confirmed, the default decides again, and the reply says so', async () => {
    const question = await asAlice.ask(`disallow @carol:${serverName} ${alice.userId}`);
    await bot.restart();
    await alice.react(asAlice.roomId, question.eventId, '✅');
    const { body } = await alice.waitForEdit(asAlice.roomId, question.eventId);
    expect(body).toContain(`Not allowed any more: @carol:${serverName} and ${alice.userId}.`);
    expect(body).toContain(`Every user of ${serverName} may manage registration tokens`);
    await expectAccess(asBob, true);
    expect((await asAlice.ask('confirm')).body).toContain('nothing to confirm');
  });

  test('changes to access are in the audit', () => {
    const entries = bot.store.audit.latest(50).filter(({ action }) => action.endsWith('allow'));
    expect(entries.map(({ action, subject, userId, via }) => [action, subject, userId, via])).toEqual(
      [
        ['allow', `@carol:${serverName}`],
        ['allow', alice.userId],
        ['allow', bob.userId],
        ['allow', `@dave:${serverName}`],
        ['disallow', bob.userId],
        ['disallow', `@dave:${serverName}`],
        ['allow', bob.userId],
        ['allow', `@dave:${serverName}`, bob.userId],
        ['disallow', bob.userId],
        ['disallow', `@dave:${serverName}`],
        ['disallow', `@carol:${serverName}`],
        ['disallow', alice.userId],
      ]
        .map(([action, subject, by = alice.userId]) => [action, subject, by, 'chat'])
        .reverse(),
    );
  });
});

describe('with access for nobody by default and patterns in the configuration', () => {
  let bot: RestartableBot;
  let asAlice: Conversation;
  let asBob: Conversation;

  beforeAll(async () => {
    const settings = { ACCESS_DEFAULT: 'nobody', ACCESS_ALLOW: alice.userId };
    ({ bot, asAlice, asBob } = await startBot('closedbot', settings));
  });

  test('people without access can only ask for help', async () => {
    await server.admin.createToken({ token: 'kept' });
    const commands = [
      'list',
      'list nonsense',
      'show kept',
      'create',
      'create mine',
      'edit kept uses=5',
      'delete kept',
      'delete-all',
      `allow ${bob.userId}`,
      `disallow ${alice.userId}`,
      'allowed',
      'widget',
      'status',
      'confirm',
      'cancel',
    ];
    for (const command of commands) {
      const { eventId, body } = await asBob.ask(command);
      expect(body).toBe(mayNot(bob));
      expect(bob.reactionsOn(asBob.roomId, eventId)).toEqual([]);
    }
    expect(await server.admin.listTokens()).toMatchObject([{ token: 'kept', uses_allowed: null }]);
    expect(bot.store.audit.latest(10)).toEqual([]);
    expect(bot.access.policy.patterns.map(({ text }) => text)).toEqual([alice.userId]);
  });

  test('help says who has access and whom to ask, without names, and leaves out commands they can’t use', async () => {
    const { body } = await asBob.ask('help');
    expect(body).toContain('People who are allowed by name may manage registration tokens.');
    expect(body).toContain(`If you need a token, ask the administrators of ${serverName}.`);
    expect(body).toContain(`ask somebody who may to send me “allow ${bob.userId}”.`);
    expect(body).not.toContain('alice');
    expect(body).not.toContain('delete');
    expect(await asBob.greeting()).toContain('You may not manage them. ');
  });

  test('patterns from the configuration are marked and can’t be removed by command', async () => {
    await expectAccess(asAlice, true);
    expect((await asAlice.ask('allowed')).body).toContain(`${alice.userId} (configuration)`);
    await asAlice.ask(`allow ${bob.userId}`);
    const { body } = await asBob.ask(`disallow ${alice.userId}`);
    expect(body).toContain(
      'is allowed in the configuration, so nothing was changed. Remove it under access.allow',
    );
    await expectAccess(asAlice, true);
    await asAlice.ask(`disallow ${bob.userId}`);
    await expectAccess(asBob, false);
  });

  test('removing a pattern that is not on the list changes nothing', async () => {
    const { body } = await asAlice.ask('disallow @nobody:elsewhere.org');
    expect(body).toContain('is not in the list of those allowed, so nothing was changed. Send “allowed”');
  });

  test.each([
    ['allow', 'Whom? Write a user ID or a pattern'],
    ['disallow', 'Whom?'],
    ['allow bob', '“bob” matches no user ID. A user ID has the form @bob:example.org'],
    ['allow @*:example.org', 'write .* instead: “@.*:example.org”'],
    ['allow @(bob:example.org', 'is not a valid pattern'],
    ['allow @bob:example.org @[:example.org', 'is not a valid pattern'],
    [`allow @${'a'.repeat(600)}:example.org`, 'at most 512 characters'],
  ])('%s changes nothing', async (command, words) => {
    const { body } = await asAlice.ask(command);
    expect(body).toContain(words);
    expect(body).not.toMatch(/went wrong|undefined/);
    expect(bot.access.policy.patterns.map(({ text }) => text)).toEqual([alice.userId]);
  });
});

describe('a pattern', () => {
  test('must match a whole user ID', async () => {
    const settings = { ACCESS_ALLOW: alice.userId };
    const { asAlice, asBob } = await startBot('patternbot', settings);
    await asAlice.ask(`allow @bo:${serverName} @b.:${serverName} bob:${serverName.slice(0, -1)}`);
    await expectAccess(asBob, false);
    await asAlice.ask(`allow @b.*:${serverName}`);
    await expectAccess(asBob, true);
    const { body } = await asAlice.ask(`disallow ${bob.userId}`);
    expect(body).toContain(
      `It has access through the pattern @b.*:${serverName}: disallow that one instead.`,
    );
    await asAlice.ask(`disallow @b.*:${serverName}`);
    await expectAccess(asBob, false);
  });

  test('with catastrophic backtracking in other engines is matched at once', async () => {
    const settings = { ACCESS_ALLOW: alice.userId };
    const { asAlice, bot } = await startBot('busybot', settings);
    const { body } = await asAlice.ask(`allow @(a+)+b:${serverName} @(a|a)*b:${serverName}`);
    expect(body).toContain('Allowed: ');
    const user = await server.person('a'.repeat(100));
    const chat = await Conversation.start(user, bot.userId);
    await expectAccess(chat, false);
  });
});
