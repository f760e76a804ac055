// Which rooms are encrypted: one that becomes so, one of which the homeserver denies it, and outages in which the homeserver
// does not say. Nothing goes out in clear, whatever fails.
import { beforeAll, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { breakRequests, isSend, isSync, startPage, to } from '../harness/faults.ts';
import type { Person } from '../harness/person.ts';
import { badGateway, type CannedResponse, type Fault, type ProxiedRequest } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { expectEncrypted, expectNothingInClear, rawMessages } from './ciphertext.ts';

const ENCRYPTION = { algorithm: 'm.megolm.v1.aes-sha2' };
const unknown = { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'Event not found.' } };
const serverError = { status: 500, body: { errcode: 'M_UNKNOWN', error: 'Internal server error' } };
const notFoundPage = { status: 404, body: '<html><head><title>404 Not Found</title></head></html>' };
const isEncryptionRead = to('/state/m.room.encryption');

const server = useTestServer();
let bot: RestartableBot;
let alice: Person;

beforeAll(async () => {
  bot = await server.startBot({ proxied: true });
  alice = await server.person('alice', { encryption: true });
});

async function switchOn(chat: Conversation): Promise<void> {
  const eventId = await alice.sendState(chat.roomId, 'm.room.encryption', '', ENCRYPTION);
  await alice.waitForEvent(chat.roomId, (event) => event.getId() === eventId, 'the encryption');
}

describe('a room that becomes encrypted', () => {
  test('gets the very next answer encrypted, and a question asked before can be confirmed', async () => {
    const chat = await Conversation.start(alice, bot.userId);
    const { token } = await server.admin.createToken({});
    const prompt = await chat.ask(`delete ${token}`);
    await alice.waitForReaction(chat.roomId, prompt.eventId, '❌');
    const before = (await rawMessages(server, alice, chat.roomId, bot.userId)).length;
    await switchOn(chat);
    await chat.ask('help');
    await alice.react(chat.roomId, prompt.eventId, '✅');
    await alice.waitForEdit(chat.roomId, prompt.eventId, (body) => /deleted/i.test(body));
    const after = (await rawMessages(server, alice, chat.roomId, bot.userId)).slice(before);
    expect(after).toHaveLength(2);
    expectEncrypted(after);
  });

  test('while the homeserver can’t be reached gets no answer in clear that was ready before', async () => {
    const chat = await Conversation.start(alice, bot.userId);
    const before = (await rawMessages(server, alice, chat.roomId, bot.userId)).length;
    const sending = breakRequests(bot.proxy, isSend, [badGateway()]);
    const command = await chat.send('help');
    await sending.tried(1);
    // The bot must not rely on /sync: it may hear of the change only after it could send again.
    bot.proxy.intercept((request) => (isSend(request) || isSync(request) ? badGateway() : undefined));
    bot.proxy.cutConnections();
    await switchOn(chat);
    bot.proxy.intercept((request) => (isSync(request) ? badGateway() : undefined));
    await chat.answerTo(command);
    bot.proxy.clear();
    expectEncrypted((await rawMessages(server, alice, chat.roomId, bot.userId)).slice(before));
  });
});

test('a room that was encrypted stays so, even if the homeserver denies it later', async () => {
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  await bot.stop();
  bot.proxy.intercept((request) => (isEncryptionRead(request) ? unknown : undefined));
  await bot.start();
  await chat.ask('help');
  bot.proxy.clear();
  await expectNothingInClear(server, alice, chat.roomId, bot.userId);
});

describe('a room whose encryption is unknown', () => {
  test.each<[string, (request: ProxiedRequest) => boolean, NonNullable<Fault>[]]>([
    ['how it is encrypted', isEncryptionRead, [badGateway(), startPage]],
    ['who is in it', to('/members'), [{ status: 200, body: {} }, notFoundPage]],
    ['who may read it', to('/state/m.room.history_visibility'), [serverError, 'drop']],
  ])('%s, gets the answer once it does', async (_what, matches, faults) => {
    const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
    for (const [number, fault] of faults.entries()) {
      // Whatever may have changed who reads the room makes the bot ask again.
      const history_visibility = number % 2 === 0 ? 'invited' : 'shared';
      await alice.sendState(chat.roomId, 'm.room.history_visibility', '', { history_visibility });
      const broken = breakRequests(bot.proxy, matches, [fault]);
      const command = await chat.send('help');
      await broken.tried(1);
      broken.restore();
      await chat.answerTo(command);
    }
    await expectNothingInClear(server, alice, chat.roomId, bot.userId);
  });

  /** Removed from /sync, so that the bot has to ask. */
  async function withoutEncryption(request: ProxiedRequest): Promise<CannedResponse> {
    const { status, body } = await bot.proxy.pass(request);
    const hidden = JSON.stringify(body).replaceAll(
      '"type":"m.room.encryption"',
      '"type":"m.room.unheard_of"',
    );
    return { status, body: JSON.parse(hidden) };
  }

  test.each([badGateway(), serverError, startPage, notFoundPage])(
    'whether it is encrypted, gets nothing until it does: %o',
    async (failure) => {
      let failed = false;
      bot.proxy.intercept((request) => {
        if (isSync(request)) return withoutEncryption(request);
        if (failed || !isEncryptionRead(request)) return undefined;
        failed = true;
        return failure;
      });
      bot.proxy.cutConnections();
      const { roomId } = await alice.startDirectRoom(bot.userId, { encrypted: true });
      const chat = new Conversation(alice, roomId, bot.userId);
      await chat.greeting();
      bot.proxy.clear();
      expect(failed).toBe(true);
      await expectNothingInClear(server, alice, roomId, bot.userId);
      expect(await rawMessages(server, alice, roomId, bot.userId)).toHaveLength(1);
    },
  );
});

test('a room whose encryption was emptied stays encrypted', async () => {
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  await alice.sendState(chat.roomId, 'm.room.encryption', '', {});
  await chat.ask('help');
  await expectNothingInClear(server, alice, chat.roomId, bot.userId);
});

test('a room with an unknown encryption algorithm gets nothing unencrypted', async () => {
  const roomId = await alice.createRoom({
    is_direct: true,
    invite: [bot.userId],
    initial_state: [
      { type: 'm.room.encryption', state_key: '', content: { algorithm: 'org.example.rot13' } },
    ],
  });
  await alice.waitForMember(roomId, bot.userId, 'join');
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  await chat.ask('help');
  expect(await rawMessages(server, alice, roomId, bot.userId)).toEqual([]);
});
