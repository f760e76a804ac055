import { beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { beginRegistration, registerWithToken } from '../harness/users.ts';
import {
  askToDelete,
  editsOf,
  existing,
  expectStillOpen,
  newToken,
  newTokens,
  outcomeOf,
  recordedDeletions,
  settled,
} from './prompts.ts';

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;
let bob: Person;
let roomId: string;

beforeAll(async () => {
  alice = await server.person('alice');
  bob = await server.person('bob');
  bot = await server.startBot();
  roomId = await alice.roomWith(bot.userId);
});

describe('the question', () => {
  test('shows state and uses of each token, names unknown ones and says how to answer', async () => {
    const [fresh, partly] = (await newTokens(server, 2)) as [string, string];
    await registerWithToken(server.baseUrl, {
      username: 'user-partly',
      password: 'pw',
      token: partly,
    });
    await server.admin.createToken({ token: 'in-use', uses_allowed: 1 });
    await beginRegistration(server.baseUrl, {
      username: 'user-begun',
      password: 'pw',
      token: 'in-use',
    });
    await server.admin.createToken({ token: 'endless' });
    const prompt = await askToDelete(alice, roomId, `delete ${fresh} ${partly} in-use endless no-such-token`);
    expect(prompt.body).toContain('Delete 4 tokens?');
    expect(prompt.body).toContain(`${fresh} (valid, 0 of 5 used)`);
    expect(prompt.body).toContain(`${partly} (valid, 1 of 5 used)`);
    expect(prompt.body).toContain('in-use (in use, 0 of 1 used, 1 registering)');
    expect(prompt.body).toContain('endless (valid, 0 used, no limit)');
    expect(prompt.body).toContain('There is no token no-such-token.');
    expect(prompt.body).toMatch(/✅.*❌.*confirm.*cancel.*within 5 minutes/);
    expect(prompt.content.msgtype).toBe('m.notice');
    expect(prompt.html).toContain(`<code>${fresh}</code>`);
    expect(alice.reactionsOn(roomId, prompt.eventId).map(({ sender, key }) => [sender, key])).toEqual([
      [bot.userId, '✅'],
      [bot.userId, '❌'],
    ]);
    await alice.react(roomId, prompt.eventId, '❌');
    await outcomeOf(alice, roomId, prompt);
  });

  test('is not put when none of the tokens exists', async () => {
    const reply = await alice.ask(roomId, 'delete nothing-here');
    await settled(alice, roomId, bot);
    expect(reply.body).toContain('There is no token nothing-here');
    expect(alice.reactionsOn(roomId, reply.eventId)).toEqual([]);
  });
});

describe('the answer', () => {
  test('✅ deletes, and the prompt becomes the outcome with who confirmed', async () => {
    const [token, kept] = (await newTokens(server, 2)) as [string, string];
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    expect(await existing(server, [token])).toEqual([token]);
    await alice.react(roomId, prompt.eventId, '✅');
    const content = await alice.waitForEdit(roomId, prompt.eventId);
    expect(content).toMatchObject({ msgtype: 'm.notice' });
    expect(content.body).toContain(`Deleted 1 token, confirmed by ${alice.userId}.`);
    expect(content.body).toContain(token);
    expect(await existing(server, [token, kept])).toEqual([kept]);
    expect(recordedDeletions(bot, [token, kept])).toEqual([1, 0]);
    const [entry] = bot.store.audit.latest(1);
    expect(entry).toMatchObject({ userId: alice.userId, via: 'chat', action: 'delete', subject: token });
  });

  test('❌ cancels', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await alice.react(roomId, prompt.eventId, '❌');
    expect(await outcomeOf(alice, roomId, prompt)).toBe(
      `Cancelled by ${alice.userId}. Nothing was deleted: ${token} stays.`,
    );
    await alice.react(roomId, prompt.eventId, '✅');
    await settled(alice, roomId, bot);
    expect(editsOf(alice, roomId, prompt.eventId)).toBe(1);
    expect(await existing(server, [token])).toEqual([token]);
  });

  test.each([
    ['the plain emoji', '✅'],
    ['U+FE0F', '✅\uFE0F'],
    ['U+FE0E', '✅\uFE0E'],
  ])('counts with %s', async (_what, key) => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await alice.react(roomId, prompt.eventId, key);
    expect(await outcomeOf(alice, roomId, prompt)).toContain('Deleted 1 token');
    expect(await existing(server, [token])).toEqual([]);
  });

  test('❌ with a variation selector cancels', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    await alice.react(roomId, prompt.eventId, '❌\uFE0F');
    expect(await outcomeOf(alice, roomId, prompt)).toContain('Cancelled');
  });

  test('other emoji do not count', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    for (const key of ['👍', '✔️', '☑️', '✅✅', 'yes', '✅ ']) await alice.react(roomId, prompt.eventId, key);
    await expectStillOpen(server, bot, { person: alice, roomId, prompt, tokens: [token] });
  });

  test('a reaction to another message of the bot does not count', async () => {
    const token = await newToken(server);
    const before = await alice.ask(roomId, `show ${token}`);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    const after = await alice.ask(roomId, `show ${token}`);
    for (const { eventId } of [before, after]) await alice.react(roomId, eventId, '✅');
    await expectStillOpen(server, bot, { person: alice, roomId, prompt, tokens: [token] });
  });

  test('taking the reaction back afterwards changes nothing', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    const reaction = await alice.react(roomId, prompt.eventId, '✅');
    await outcomeOf(alice, roomId, prompt);
    await alice.redact(roomId, reaction);
    await settled(alice, roomId, bot);
    expect(editsOf(alice, roomId, prompt.eventId)).toBe(1);
  });
});

describe('in a room with others', () => {
  let group: string;

  beforeAll(async () => {
    group = await alice.groupRoom(bot.userId, [bob]);
  });

  test('only the reaction of the one who asked counts', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, group, `delete ${token}`, [bot.userId]);
    await bob.react(group, prompt.eventId, '✅');
    await bob.react(group, prompt.eventId, '❌');
    await settled(bob, group, bot);
    await expectStillOpen(server, bot, { person: alice, roomId: group, prompt, tokens: [token] });
    await alice.react(group, prompt.eventId, '✅');
    expect(await outcomeOf(alice, group, prompt)).toContain(`confirmed by ${alice.userId}`);
    expect(await existing(server, [token])).toEqual([]);
  });

  test('only the typed word of the one who asked counts', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, group, `delete ${token}`, [bot.userId]);
    for (const word of ['confirm', 'cancel']) {
      for (const replyTo of [undefined, prompt.eventId]) {
        const options = replyTo === undefined ? {} : { replyTo };
        const reply = await bob.ask(group, word, { mentions: [bot.userId], ...options });
        expect(reply.body).not.toMatch(/deleted|cancelled/i);
      }
    }
    await expectStillOpen(server, bot, { person: alice, roomId: group, prompt, tokens: [token] });
  });

  test('a prompt forged by a member is not acted on', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, group, `delete ${token}`, [bot.userId]);
    const { 'm.relates_to': inReply, ...looks } = prompt.content;
    const forgeries = [
      await bob.sendEvent(group, 'm.room.message', looks),
      await bob.sendEvent(group, 'm.room.message', { ...looks, 'm.relates_to': inReply }),
    ];
    for (const forgery of forgeries) {
      await bob.react(group, forgery, '✅');
      await alice.react(group, forgery, '✅');
    }
    await expectStillOpen(server, bot, { person: alice, roomId: group, prompt, tokens: [token] });
  });

  test('an edit of the prompt by a member does not change which tokens are deleted', async () => {
    const [token, other] = (await newTokens(server, 2)) as [string, string];
    const prompt = await askToDelete(alice, group, `delete ${token}`, [bot.userId]);
    const body = prompt.body.replaceAll(token, other);
    await bob.sendEvent(group, 'm.room.message', {
      msgtype: 'm.notice',
      body,
      'm.new_content': { msgtype: 'm.notice', body },
      'm.relates_to': { rel_type: 'm.replace', event_id: prompt.eventId },
    });
    await alice.react(group, prompt.eventId, '✅');
    await alice.waitForEdit(group, prompt.eventId, (text) => text.includes('Deleted'));
    expect(await existing(server, [token, other])).toEqual([other]);
  });
});

describe('two answers at the same moment', () => {
  test('two ✅ delete once', async () => {
    const tokens = await newTokens(server, 3);
    const prompt = await askToDelete(alice, roomId, `delete ${tokens.join(' ')}`);
    // The homeserver refuses the same reaction twice: two clients that write it differently get through.
    const keys = ['✅', '✅\uFE0F', '✅\uFE0E'];
    await Promise.all(keys.map((key) => alice.react(roomId, prompt.eventId, key)));
    expect(await outcomeOf(alice, roomId, prompt)).toContain('Deleted 3 tokens');
    await settled(alice, roomId, bot);
    expect(editsOf(alice, roomId, prompt.eventId)).toBe(1);
    expect(await existing(server, tokens)).toEqual([]);
    expect(recordedDeletions(bot, tokens)).toEqual([1, 1, 1]);
  });

  test('✅ and ❌ come to one outcome', async () => {
    for (let round = 0; round < 5; round++) {
      const token = await newToken(server);
      const prompt = await askToDelete(alice, roomId, `delete ${token}`);
      await Promise.all(['✅', '❌'].map((key) => alice.react(roomId, prompt.eventId, key)));
      const outcome = await outcomeOf(alice, roomId, prompt);
      await settled(alice, roomId, bot);
      expect(editsOf(alice, roomId, prompt.eventId)).toBe(1);
      const cancelled = outcome.startsWith('Cancelled');
      expect(outcome).toContain(cancelled ? 'Nothing was deleted' : 'Deleted 1 token');
      expect(await existing(server, [token])).toEqual(cancelled ? [token] : []);
      expect(recordedDeletions(bot, [token])).toEqual([cancelled ? 0 : 1]);
    }
  });

  test('a reaction and a typed word delete once', async () => {
    const token = await newToken(server);
    const prompt = await askToDelete(alice, roomId, `delete ${token}`);
    const [, word] = await Promise.all([
      alice.react(roomId, prompt.eventId, '✅'),
      alice.send(roomId, 'confirm', { replyTo: prompt.eventId }),
    ]);
    await alice.waitForReply(roomId, word);
    await settled(alice, roomId, bot);
    expect(editsOf(alice, roomId, prompt.eventId)).toBe(1);
    expect(recordedDeletions(bot, [token])).toEqual([1]);
  });
});
