// Requests about keys that fail for a while: while keys come in, and while they are to be sent.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { breakRequests, to } from '../harness/faults.ts';
import { waitForLog } from '../harness/logSearch.ts';
import { badGateway, type ProxiedRequest } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { login } from '../harness/users.ts';
import { expectNothingInClear, rawMessages, upToDate } from './ciphertext.ts';

const FATES = [badGateway(), 'drop'] as const;

const server = useTestServer();
let bot: RestartableBot;
let people = 0;

beforeAll(async () => {
  bot = await server.startBot({ proxied: true });
});

const newcomer = () => server.person(`newcomer${people++}`, { encryption: true });

const REQUESTS: [string, (request: ProxiedRequest) => boolean][] = [
  ['/keys/query', to('/keys/query')],
  ['/keys/claim', to('/keys/claim')],
  ['/sendToDevice', to('/sendToDevice/m.room.encrypted')],
];

describe.each(REQUESTS)('%s fails', (name, matches) => {
  test('for a new person, who is greeted and answered once it works', async () => {
    const anna = await newcomer();
    const broken = breakRequests(bot.proxy, matches, FATES);
    // Their key comes in the same moment as they do. With it the bot could send keys to them without claiming any.
    const greetsFirst = name === '/keys/claim';
    const { roomId, firstMessageId } = await anna.startDirectRoom(bot.userId, {
      ...(greetsFirst ? {} : { firstMessage: 'help' }),
      encrypted: true,
    });
    await broken.tried(FATES.length);
    expect(await rawMessages(server, anna, roomId, bot.userId)).toEqual([]);
    broken.restore();
    const chat = new Conversation(anna, roomId, bot.userId);
    expect(await chat.greeting()).toContain('Hello!');
    const command = firstMessageId ?? (await chat.send('help'));
    expect((await chat.answerTo(command)).body).toContain('create');
    expect(await chat.answersTo(command)).toEqual([1]);
    await expectNothingInClear(server, anna, roomId, bot.userId);
  });

  test('for a new device of a known person, which can read the answer once it works', async () => {
    const user = await server.synapse.registerUser(`newcomer${people++}`);
    const phone = await server.atClient(user, { encryption: true });
    const chat = await Conversation.start(phone, bot.userId, { encrypted: true });
    await chat.ask('help');
    const broken = breakRequests(bot.proxy, matches, FATES);
    const laterLogin = await login(server.baseUrl, user.localpart, user.password);
    const desk = await server.atClient(laterLogin, { encryption: true });
    await upToDate(phone, chat.roomId);
    const command = await chat.send('help');
    await broken.tried(2);
    broken.restore();
    await chat.answerTo(command);
    await desk.waitForReply(chat.roomId, command);
    await expectNothingInClear(server, phone, chat.roomId, bot.userId);
  });
});

test('/keys/upload fails while one-time keys run out, and they are there again once it works', async () => {
  const bert = await newcomer();
  const broken = breakRequests(bot.proxy, to('/keys/upload'), FATES);
  // The first message takes one of them.
  const { roomId, firstMessageId = '' } = await bert.startDirectRoom(bot.userId, {
    firstMessage: 'help',
    encrypted: true,
  });
  const chat = new Conversation(bert, roomId, bot.userId);
  await chat.answerTo(firstMessageId);
  await broken.tried(2);
  const mended = bot.proxy.requests.length;
  broken.restore();
  const uploads = () => bot.proxy.requests.slice(mended).filter(to('/keys/upload'));
  await vi.waitFor(() => expect(uploads()).not.toEqual([]), 10_000);
  const [{ body = '{}' } = {}] = uploads();
  expect(Object.keys(JSON.parse(body).one_time_keys)).not.toEqual([]);
  await chat.ask('help');
  await expectNothingInClear(server, bert, chat.roomId, bot.userId);
});

test('the login ends while a request is waiting, and the bot goes on once it is valid again', async () => {
  const dora = await newcomer();
  const uploading = breakRequests(bot.proxy, to('/keys/upload'), [badGateway()]);
  const { roomId, firstMessageId = '' } = await dora.startDirectRoom(bot.userId, {
    firstMessage: 'help',
    encrypted: true,
  });
  const chat = new Conversation(dora, roomId, bot.userId);
  await chat.answerTo(firstMessageId);
  await uploading.tried(1);
  bot.proxy.intercept((request) => {
    if (to('/login')(request)) return { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'No' } };
    const isRefused = to('/keys/upload')(request) || to('/whoami')(request);
    return isRefused ? { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Unknown' } } : undefined;
  });
  await waitForLog(bot, /Could not send what encryption needs: .*does not accept bot\.password/);
  bot.proxy.clear();
  await chat.ask('help');
});

test('/keys/upload fails when the bot starts for the first time, which then waits', async () => {
  await using late = await server.bot({ proxied: true });
  let tries = 0;
  late.proxy.intercept((request) =>
    to('/keys/upload')(request) && tries < FATES.length ? FATES[tries++] : undefined,
  );
  await late.start();
  const carl = await newcomer();
  const chat = await Conversation.start(carl, late.userId, { encrypted: true });
  await chat.ask('help');
  expect(late.proxy.requests.filter(to('/keys/upload')).length).toBeGreaterThan(FATES.length);
});
