// Logins, restarts, and what was said while the bot was away.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryDataDir } from '../harness/bot.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import type { RegisteredUser } from '../harness/users.ts';

let scene: Scene;
let alice: Person;

beforeAll(async () => {
  scene = await Scene.start();
  alice = await scene.person('alice');
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

/** The devices of the account, without the one with which it was registered. */
async function devicesOf({ accessToken, deviceId }: RegisteredUser): Promise<string[]> {
  const answer = await requestJson<{ devices: { device_id: string }[] }>(
    scene.synapse.baseUrl,
    'GET',
    '/_matrix/client/v3/devices',
    { accessToken },
  );
  return answer.devices.map(({ device_id }) => device_id).filter((id) => id !== deviceId);
}

describe('a login by password', () => {
  test('is used again at every start', async () => {
    const account = await scene.botAccount('keepbot');
    const dataDir = temporaryDataDir();
    for (let i = 0; i < 3; i++) await scene.stopBot(await scene.startBot(account, { dataDir }));
    expect(await devicesOf(account)).toHaveLength(1);
  });

  test('that was ended is replaced, at the start and while running', async () => {
    const account = await scene.botAccount('endedbot');
    let bot = await scene.startBot(account);
    const chat = await Conversation.start(alice, bot.userId);
    const [first = ''] = await devicesOf(account);
    await scene.stopBot(bot);
    await scene.admin.deleteDevice(account.userId, first);
    bot = await scene.startBot(account, { dataDir: bot.dataDir });
    await chat.ask('help help');
    const [second = ''] = await devicesOf(account);
    expect(second).toBe(first);

    await scene.admin.deleteDevice(account.userId, second);
    expect((await chat.ask('status', { timeoutMs: 45_000 })).body).toContain('✅ Token API');
    expect(await devicesOf(account)).toHaveLength(1);
  });

  test('that the homeserver refuses ends the start with what to do', async () => {
    const account = await scene.botAccount('wrongbot');
    const start = scene.startBot({ ...account, password: 'not this' });
    await expect(start).rejects.toMatchObject({ kind: 'bot_credential_refused' });
    await expect(start).rejects.toThrow(/does not accept bot\.password of wrongbot/);
  });
});

test('an access token makes no device of its own', async () => {
  const account = await scene.botAccount('tokenbot');
  const settings = { BOT_USERNAME: '', BOT_PASSWORD: '', BOT_ACCESS_TOKEN: account.accessToken };
  const bot = await scene.startBot(account, { settings });
  expect(bot.userId).toBe(account.userId);
  const chat = await Conversation.start(alice, bot.userId);
  expect((await chat.ask('create')).body).toContain('New registration token');
  expect(await devicesOf(account)).toEqual([]);
});

test('a data folder of another account is refused', async () => {
  const bot = await scene.startBot(await scene.botAccount('firstbot'));
  await scene.stopBot(bot);
  const other = await scene.botAccount('secondbot');
  const start = scene.startBot(other, { dataDir: bot.dataDir });
  await expect(start).rejects.toMatchObject({ kind: 'data_dir_unusable' });
});

describe('commands sent while the bot was off', () => {
  test('are answered in their order, once, also when there are more than one sync brings', async () => {
    const account = await scene.botAccount('awaybot');
    let bot = await scene.startBot(account);
    const chat = await Conversation.start(alice, bot.userId);
    const other = await Conversation.start(alice, bot.userId);
    const before = await chat.send('help help');
    await chat.answerTo(before);
    await scene.stopBot(bot);

    const commands = [await chat.send('create while-away uses=2')];
    for (let i = 0; i < 130; i++) commands.push(await chat.send('help help'));
    const elsewhere = await other.send('help help');
    bot = await scene.startBot(account, { dataDir: bot.dataDir });
    await other.answerTo(elsewhere);
    for (const eventId of commands) await chat.answerTo(eventId);
    expect(await chat.answersTo(before, ...commands)).toEqual([before, ...commands].map(() => 1));
    expect(await scene.admin.getToken('while-away')).toMatchObject({ uses_allowed: 2 });
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
    const account = await scene.botAccount('newbot');
    const bot = await scene.startBot(account);
    const chat = await Conversation.start(alice, bot.userId);
    const answered = await chat.send('help help');
    await chat.answerTo(answered);
    await scene.stopBot(bot);
    const missed = await chat.send('help help');
    await scene.startBot(account);
    await chat.answerTo(missed);
    expect(await chat.answersTo(answered, missed)).toEqual([1, 1]);
    expect(chat.greetings()).toHaveLength(1);
  });

  test('older commands are left alone', async () => {
    const account = await scene.botAccount('latebot');
    const bot = await scene.startBot(account);
    const chat = await Conversation.start(alice, bot.userId);
    await scene.stopBot(bot);
    const old = await chat.send('create far-too-late');
    await scene.startBot(account, { clock: () => Date.now() + 11 * 60_000 });
    expect(await chat.answersTo(old)).toEqual([0]);
    await expect(scene.admin.getToken('far-too-late')).rejects.toMatchObject({ status: 404 });
  });

  test('an invite is accepted, and the command sent with it answered however old it is', async () => {
    const account = await scene.botAccount('latecomer');
    const { roomId, firstMessageId } = await alice.startDirectRoom(account.userId, {
      firstMessage: 'help help',
    });
    await scene.startBot(account, { clock: () => Date.now() + 11 * 60_000 });
    const chat = new Conversation(alice, roomId, account.userId);
    await chat.answerTo(String(firstMessageId));
  });
});
