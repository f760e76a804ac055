// Logins, restarts, and messages sent while the bot was off.
import { beforeAll, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import type { Person } from '../harness/person.ts';
import { useTestServer } from '../harness/suite.ts';
import { devicesOf, type RegisteredUser } from '../harness/users.ts';

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice');
});

/** The devices of the account, without the one with which it was registered. */
async function newDevicesOf(account: RegisteredUser): Promise<string[]> {
  const devices = await devicesOf(server.baseUrl, account);
  return devices.map(({ device_id }) => device_id).filter((id) => id !== account.deviceId);
}

describe('a login by password', () => {
  test('is used again at every start', async () => {
    const bot = await server.startBot({ localpart: 'keepbot' });
    for (let i = 0; i < 2; i++) await bot.restart();
    expect(await newDevicesOf(bot.account)).toHaveLength(1);
  });

  test('that was ended is replaced, at the start and while running', async () => {
    const bot = await server.startBot({ localpart: 'endedbot' });
    const { account } = bot;
    const chat = await Conversation.start(alice, bot.userId);
    const [first = ''] = await newDevicesOf(account);
    await bot.stop();
    await server.admin.deleteDevice(account.userId, first);
    await bot.start();
    await chat.ask('help help');
    const [second = ''] = await newDevicesOf(account);
    expect(second).toBe(first);

    await server.admin.deleteDevice(account.userId, second);
    expect((await chat.ask('status', { timeoutMs: 45_000 })).body).toContain('✅ Token API');
    expect(await newDevicesOf(account)).toHaveLength(1);
  });

  test('that the homeserver refuses ends the start with what to do', async () => {
    const account = await server.botAccount('wrongbot');
    const start = server.startBot({ account: { ...account, password: 'not this' } });
    await expect(start).rejects.toMatchObject({ kind: 'bot_credential_refused' });
    await expect(start).rejects.toThrow(/does not accept bot\.password of wrongbot/);
  });
});

test('an access token makes no device of its own', async () => {
  const account = await server.botAccount('tokenbot');
  const bot = await server.startBot({ account, signIn: 'access token' });
  expect(bot.userId).toBe(account.userId);
  const chat = await Conversation.start(alice, bot.userId);
  expect((await chat.ask('create')).body).toContain('New registration token');
  expect(await newDevicesOf(account)).toEqual([]);
});

test('a data folder of another account is refused', async () => {
  const bot = await server.startBot({ localpart: 'firstbot' });
  await bot.stop();
  const start = server.startBot({ localpart: 'secondbot', dataDir: bot.dataDir });
  await expect(start).rejects.toMatchObject({ kind: 'data_dir_unusable' });
});

describe('commands sent while the bot was off', () => {
  test('are answered in their order, once, also when there are more than one sync brings', async () => {
    const bot = await server.startBot({ localpart: 'awaybot' });
    const chat = await Conversation.start(alice, bot.userId);
    const other = await Conversation.start(alice, bot.userId);
    const before = await chat.send('help help');
    await chat.answerTo(before);
    await bot.stop();

    const commands = [await chat.send('create while-away uses=2')];
    for (let i = 0; i < 130; i++) commands.push(await chat.send('help help'));
    const elsewhere = await other.send('help help');
    await bot.start();
    await other.answerTo(elsewhere);
    for (const eventId of commands) await chat.answerTo(eventId);
    expect(await chat.answersTo(before, ...commands)).toEqual([before, ...commands].map(() => 1));
    expect(await server.admin.getToken('while-away')).toMatchObject({ uses_allowed: 2 });
    const answered = alice
      .timeline(chat.roomId)
      .filter((event) => event.getSender() === bot.userId)
      .map((event) => event.getContent()['m.relates_to']?.['m.in_reply_to']?.event_id)
      .filter((eventId) => commands.includes(String(eventId)));
    expect(answered).toEqual(commands);
  });
});

describe('with a new data folder', () => {
  test('commands of the last minutes are answered, unless they were before', async () => {
    const bot = await server.startBot({ localpart: 'newbot' });
    const chat = await Conversation.start(alice, bot.userId);
    const answered = await chat.send('help help');
    await chat.answerTo(answered);
    await bot.stop();
    const missed = await chat.send('help help');
    await server.startBot({ account: bot.account });
    await chat.answerTo(missed);
    expect(await chat.answersTo(answered, missed)).toEqual([1, 1]);
    expect(chat.greetings()).toHaveLength(1);
  });

  test('older commands are left alone', async () => {
    const bot = await server.startBot({ localpart: 'latebot' });
    const chat = await Conversation.start(alice, bot.userId);
    await bot.stop();
    const old = await chat.send('create far-too-late');
    await server.startBot({ account: bot.account, clock: () => Date.now() + 11 * 60_000 });
    expect(await chat.answersTo(old)).toEqual([0]);
    await expect(server.admin.getToken('far-too-late')).rejects.toMatchObject({ status: 404 });
  });

  test('an invite is accepted, and the command sent with it answered however old it is', async () => {
    const account = await server.botAccount('latecomer');
    const { roomId, firstMessageId } = await alice.startDirectRoom(account.userId, {
      firstMessage: 'help help',
    });
    await server.startBot({ account, clock: () => Date.now() + 11 * 60_000 });
    const chat = new Conversation(alice, roomId, account.userId);
    await chat.answerTo(String(firstMessageId));
  });
});
