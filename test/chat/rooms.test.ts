// Invites, joining, greeting and leaving; and the profile that people see of the bot.
import { beforeAll, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import { Person } from '../harness/person.ts';
import { useTestServer } from '../harness/suite.ts';
import type { RegisteredUser } from '../harness/users.ts';

const server = useTestServer();
let alice: Person;
let bob: Person;

beforeAll(async () => {
  alice = await server.person('alice');
  bob = await server.person('bob');
});

/** Another client of the bot's account. */
async function asBot(account: RegisteredUser): Promise<Person> {
  return await Person.withCredentials(server.baseUrl, account);
}

describe('invites', () => {
  test('by users of the homeserver are accepted by default, also without access', async () => {
    const settings = { ACCESS_ALLOW: alice.userId };
    const bot = await server.startBot({ localpart: 'homebot', settings });
    const asAlice = await Conversation.start(alice, bot.userId);
    expect(await asAlice.greeting()).toContain('Write “create”');
    const asBob = await Conversation.start(bob, bot.userId);
    expect(await asBob.greeting()).toContain('You may not manage them. ');
  });

  test('from people without access are declined if only people with access may invite', async () => {
    const settings = { ACCESS_ALLOW: alice.userId, BOT_ACCEPT_INVITES: 'allowed' };
    const bot = await server.startBot({ localpart: 'strictbot', settings });
    const { roomId } = await bob.startDirectRoom(bot.userId, { firstMessage: 'help' });
    await bob.waitForMember(roomId, bot.userId, 'leave');
    const changes = bob.timeline(roomId).filter((event) => event.getStateKey() === bot.userId);
    expect(changes.map((event) => event.getContent().membership)).toEqual(['invite', 'leave']);
    expect(changes.at(-1)?.getContent()).toMatchObject({
      reason: 'This bot accepts invites only from people it works for.',
    });
    const asAlice = await Conversation.start(alice, bot.userId);
    // A person who gets access later is let in then.
    await asAlice.ask(`allow ${bob.userId}`);
    await bob.invite(roomId, bot.userId);
    await bob.waitForMember(roomId, bot.userId, 'join');
  });

  test('by anybody are accepted where anyone may', async () => {
    const settings = { ACCESS_ALLOW: alice.userId, BOT_ACCEPT_INVITES: 'anyone' };
    const bot = await server.startBot({ localpart: 'friendlybot', settings });
    await Conversation.start(bob, bot.userId);
  });
});

describe('a new direct room', () => {
  let account: RegisteredUser;

  beforeAll(async () => {
    account = await server.botAccount('regbot');
  });

  test('is greeted, then the command that was sent with the invite is answered, once', async () => {
    await using bot = await server.startBot({ account });
    const { roomId, firstMessageId } = await alice.startDirectRoom(bot.userId, { firstMessage: 'create' });
    const chat = new Conversation(alice, roomId, bot.userId);
    const reply = await chat.answerTo(String(firstMessageId));
    expect(reply.body).toContain('New registration token');
    expect(await chat.answersTo(String(firstMessageId))).toEqual([1]);
    expect(await server.admin.listTokens()).toHaveLength(1);
    const notices = alice
      .timeline(roomId)
      .filter((event) => event.getSender() === bot.userId && event.getType() === 'm.room.message');
    expect(String(notices[0]?.getContent().body)).toMatch(/^Hello!/);
    expect(chat.greetings()).toHaveLength(1);
  });

  test('that was made while the bot was off is joined, greeted and answered at its start', async () => {
    await using bot = await server.bot({ account });
    await bot.start();
    await bot.stop();
    const rooms = [
      await alice.startDirectRoom(account.userId, { firstMessage: 'help help' }),
      await bob.startDirectRoom(account.userId, { firstMessage: 'help help' }),
    ] as const;
    await bot.start();
    for (const [index, person] of [alice, bob].entries()) {
      const { roomId, firstMessageId } = rooms[index as 0 | 1];
      const chat = new Conversation(person, roomId, account.userId);
      await chat.greeting();
      await chat.answerTo(String(firstMessageId));
      expect(await chat.answersTo(String(firstMessageId))).toEqual([1]);
    }
  });

  test('in which much was said before the bot joined has every command answered', async () => {
    await using bot = await server.bot({ account });
    await bot.start();
    await bot.stop();
    const { roomId } = await alice.startDirectRoom(account.userId);
    const commands: string[] = [];
    for (let i = 0; i < 60; i++) commands.push(await alice.send(roomId, 'help help'));
    await bot.start();
    const chat = new Conversation(alice, roomId, account.userId);
    for (const eventId of commands) await chat.answerTo(eventId);
    expect(await chat.answersTo(...commands)).toEqual(commands.map(() => 1));
  });

  test('is greeted once: not after a restart, and not after another invite', async () => {
    await using bot = await server.startBot({ account });
    const chat = await Conversation.start(alice, bot.userId);
    await bot.restart();
    await chat.ask('help help');
    expect(chat.greetings()).toHaveLength(1);

    // Not by a kick: in a room as Element makes it, neither can do that to the other.
    using onlooker = await asBot(account);
    await onlooker.leave(chat.roomId);
    const whileAway = await chat.send('create');
    await alice.invite(chat.roomId, bot.userId);
    const again = await chat.send('help help');
    await chat.answerTo(again);
    expect(await chat.answersTo(whileAway, again)).toEqual([0, 1]);
    expect(chat.greetings()).toHaveLength(1);
  });
});

describe('a room in which only the bot is left', () => {
  test('is left', async () => {
    await using bot = await server.startBot({ localpart: 'lonelybot' });
    using onlooker = await asBot(bot.account);
    const { roomId } = await Conversation.start(alice, bot.userId);
    await alice.leave(roomId);
    await onlooker.waitFor(roomId, () => hasLeft(onlooker, roomId), 'the bot to leave');
  });

  test('is left at the start if they went while the bot was off', async () => {
    const bot = await server.startBot({ localpart: 'sleepybot' });
    using onlooker = await asBot(bot.account);
    const { roomId } = await Conversation.start(alice, bot.userId);
    const { roomId: kept } = await Conversation.start(bob, bot.userId);
    await bot.stop();
    await alice.leave(roomId);
    await bot.start();
    await onlooker.waitFor(roomId, () => hasLeft(onlooker, roomId), 'the bot to leave');
    expect(onlooker.client.getRoom(kept)?.getMyMembership()).toBe('join');
  });

  function hasLeft(onlooker: Person, roomId: string): true | undefined {
    return onlooker.client.getRoom(roomId)?.getMyMembership() === 'leave' || undefined;
  }
});

describe('the profile', () => {
  const profile = (userId: string) =>
    requestJson(server.baseUrl, 'GET', `/_matrix/client/v3/profile/${encodeURIComponent(userId)}`);
  const setProfile = async ({ userId, accessToken }: RegisteredUser, field: string, value: string) => {
    const path = `/_matrix/client/v3/profile/${encodeURIComponent(userId)}/${field}`;
    await requestJson(server.baseUrl, 'PUT', path, { accessToken, body: { [field]: value } });
  };
  const profileInRoom = ({ person, roomId, botId }: Conversation) => {
    const { displayname, avatar_url } = person.state(roomId, 'm.room.member', botId) ?? {};
    return { displayname, avatar_url };
  };

  test('gets a name and a picture, once', async () => {
    const bot = await server.startBot({ localpart: 'plainbot' });
    const chat = await Conversation.start(alice, bot.userId);
    const complete = () => {
      const { displayname, avatar_url } = profileInRoom(chat);
      return displayname === 'Registration Bot' && avatar_url !== undefined ? avatar_url : undefined;
    };
    expect(await alice.waitFor(chat.roomId, complete, 'a name and a picture')).toMatch(/^mxc:/);
    await bot.stop();

    await setProfile(bot.account, 'displayname', 'plainbot');
    await setProfile(bot.account, 'avatar_url', '');
    await bot.start();
    await chat.ask('help help');
    await bot.stop();
    const { displayname, avatar_url } = await profile(bot.userId);
    expect([displayname, avatar_url ?? '']).toEqual(['plainbot', '']);
  });

  test('set by an admin stays; only missing parts are added', async () => {
    const bot = await server.bot({ localpart: 'namedbot' });
    await setProfile(bot.account, 'displayname', 'Doorkeeper');
    await bot.start();
    const chat = await Conversation.start(alice, bot.userId);
    await alice.waitFor(chat.roomId, () => profileInRoom(chat).avatar_url, 'a picture');
    expect(profileInRoom(chat).displayname).toBe('Doorkeeper');
    expect((await chat.ask('Doorkeeper: help help')).body).toContain('help');
  });
});
