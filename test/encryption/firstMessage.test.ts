// The command sent with the invite, before the bot was in the room; and messages whose keys come late, or never.
import { beforeAll, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { to } from '../harness/faults.ts';
import { MINUTE, MovableClock } from '../harness/movableClock.ts';
import { Person } from '../harness/person.ts';
import type { Proxy as FaultyProxy, ProxiedRequest } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { expectNothingInClear, rawMessages } from './ciphertext.ts';
import { cryptoOf } from './keyChecks.ts';

const HINT = 'I can’t read what you sent';
const DAY = 24 * 60 * MINUTE;
const clock = new MovableClock();

const server = useTestServer();
let bot: RestartableBot;

beforeAll(async () => {
  // The hint comes at once: messages sent after the unreadable one come after the hint too.
  bot = await server.startBot({
    proxied: true,
    keyPatienceMs: 1,
    // The greeting would be the one answer of the minute to somebody without access.
    quotaWindowMs: 0,
    clock: clock.now,
    settings: { BOT_PREFIX: '!', ACCESS_ALLOW: `@[a-y].*:${server.serverName}` },
  });
});

/** A person whose client's to-device messages are held back until they are released. */
interface HeldBack extends AsyncDisposable {
  readonly person: Person;
  readonly proxy: FaultyProxy;
  /** @param part of the path of what is held back; default: encrypted messages, such as keys */
  hold(part?: string): void;
  /** From now on, with a new key; what was held back stays so. */
  letThrough(roomId: string): Promise<void>;
  /** Delivers what was held back. */
  deliver(): Promise<void>;
}

async function heldBack(localpart: string): Promise<HeldBack> {
  const proxy = await server.proxy();
  const user = await server.synapse.registerUser(localpart);
  const person = await Person.withCredentials(proxy.baseUrl, user, { encryption: true });
  const held: ProxiedRequest[] = [];
  return {
    person,
    proxy,
    hold(part = '/sendToDevice/m.room.encrypted/') {
      proxy.intercept((request) => {
        if (!to(part)(request)) return undefined;
        held.push(request);
        return { status: 200, body: {} };
      });
    },
    async letThrough(roomId) {
      proxy.clear();
      await person.client.getCrypto()?.forceDiscardSession(roomId);
    },
    async deliver() {
      proxy.clear();
      for (const request of held.splice(0)) await proxy.pass(request);
    },
    async [Symbol.asyncDispose]() {
      person.stop();
      await proxy.close();
    },
  };
}

describe('the command sent with the invite', () => {
  test('is answered: clients share keys with invited members', async () => {
    const anna = await server.person('anna', { encryption: true });
    const { roomId, firstMessageId = '' } = await anna.startDirectRoom(bot.userId, {
      firstMessage: 'create withinvite',
      encrypted: true,
    });
    const { body } = await anna.waitForReply(roomId, firstMessageId);
    expect(body).toContain('withinvite');
    const chat = new Conversation(anna, roomId, bot.userId);
    expect(await chat.greeting()).toContain('Hello!');
    expect(chat.greetings()).toHaveLength(1);
    await expectNothingInClear(server, anna, roomId, bot.userId);
  });

  test('is ignored where the room hides its history from invited members', async () => {
    const bert = await server.person('bert', { encryption: true });
    const { promise: sent, resolve: letJoin } = Promise.withResolvers<undefined>();
    bot.proxy.intercept((request) => (to('/join/')(request) ? sent : undefined));
    const roomId = await bert.createRoom({
      is_direct: true,
      invite: [bot.userId],
      initial_state: [
        { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
        { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
      ],
    });
    const chat = new Conversation(bert, roomId, bot.userId);
    const early = await chat.send('list');
    letJoin(undefined);
    await bert.waitForMember(roomId, bot.userId, 'join');
    bot.proxy.clear();
    expect(await chat.greeting()).toContain('Hello!');
    await chat.ask('help');
    expect(bert.repliesTo(roomId, early)).toEqual([]);
    expect(chat.greetings()).toHaveLength(1);
    await expectNothingInClear(server, bert, roomId, bot.userId);
  });
});

describe('a message whose key has not come', () => {
  test('is reported once, also if more of them come, and again a day later', async () => {
    await using carl = await heldBack('carl');
    carl.hold();
    const { roomId } = await carl.person.startDirectRoom(bot.userId, {
      firstMessage: 'create early',
      encrypted: true,
    });
    const chat = new Conversation(carl.person, roomId, bot.userId);
    await hints(chat, 1);
    await chat.send('list');
    await chat.send('list');
    await carl.letThrough(roomId);
    await chat.ask('help');
    expect(chat.greetings().filter(isHint)).toHaveLength(1);

    // A day later, of what came since.
    clock.advance(DAY + MINUTE);
    const before = bot.proxy.requests.length;
    await chat.ask('help');
    await chat.ask('help');
    expect(bot.proxy.requests.slice(before).filter(to('/mrb.say.unreadable'))).toEqual([]);
    carl.hold();
    await carl.person.client.getCrypto()?.forceDiscardSession(roomId);
    await chat.send('create later');
    await hints(chat, 2);
    await expectNothingInClear(server, carl.person, roomId, bot.userId);
  });

  test('is answered once its key comes, also after a restart', async () => {
    await using dora = await heldBack('dora');
    dora.hold();
    const { roomId, firstMessageId = '' } = await dora.person.startDirectRoom(bot.userId, {
      firstMessage: 'create atlast',
      encrypted: true,
    });
    const chat = new Conversation(dora.person, roomId, bot.userId);
    await hints(chat, 1);
    await bot.stop();
    await dora.deliver();
    await bot.start();
    expect((await chat.answerTo(firstMessageId)).body).toContain('atlast');
    expect((await chat.ask('show atlast')).body).toContain('atlast');
    expect(dora.person.repliesTo(roomId, firstMessageId)).toHaveLength(1);
  });

  test('is not answered any more an hour later', async () => {
    await using emil = await heldBack('emil');
    emil.hold();
    const { roomId, firstMessageId = '' } = await emil.person.startDirectRoom(bot.userId, {
      firstMessage: 'create toolate',
      encrypted: true,
    });
    const chat = new Conversation(emil.person, roomId, bot.userId);
    await hints(chat, 1);
    clock.advance(61 * MINUTE);
    await emil.deliver();
    await chat.ask('help');
    expect(emil.person.repliesTo(roomId, firstMessageId)).toEqual([]);
    expect((await server.tokens()).map(({ token }) => token)).not.toContain('toolate');
  });

  test('is ignored in rooms with others', async () => {
    await using gina = await heldBack('gina');
    const { person: ginaHerself } = gina;
    const hans = await server.person('hans', { encryption: true });
    const roomId = await ginaHerself.createRoom({
      invite: [bot.userId, hans.userId],
      initial_state: [
        { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      ],
    });
    await hans.waitForMember(roomId, hans.userId, 'invite');
    await hans.join(roomId);
    await ginaHerself.waitForMember(roomId, bot.userId, 'join');
    await ginaHerself.waitForMember(roomId, hans.userId, 'join');
    gina.hold();
    const eventId = await ginaHerself.send(roomId, '!list');
    await new Conversation(hans, roomId, bot.userId).ask('!help');
    expect(await rawMessages(server, hans, roomId, bot.userId)).toHaveLength(1);
    expect(bot.store.unreadable.all().map((message) => message.eventId)).toContain(eventId);
  });
});

describe('a message whose key the sender’s client withholds from devices that are not verified', () => {
  /** Of the message, with the reason. */
  const logged = (eventId: string) =>
    bot.logLines
      .filter((line) => line.includes(eventId))
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === 'Could not decrypt a message.');

  test('leads to the advice to verify the bot, and how', async () => {
    const fred = await server.person('fred', { encryption: true });
    const chat = await Conversation.start(fred, bot.userId, { encrypted: true });
    cryptoOf(fred).globalBlacklistUnverifiedDevices = true;
    const kept = await chat.send('help');
    await hints(chat, 1);
    const hint = chat.greetings().at(-1);
    expect(hint).toMatch(
      /your app sends keys only to verified devices.*Verify me: in Element, open my profile/s,
    );
    expect(hint).not.toContain('Please send it again');
    expect(logged(kept)).toMatchObject([
      { withheld: 'm.unverified', why: 'The sender has disabled encrypting to unverified devices.' },
    ]);
    cryptoOf(fred).globalBlacklistUnverifiedDevices = false;
    await cryptoOf(fred).forceDiscardSession(chat.roomId);
    await chat.ask('help');
    expect(fred.repliesTo(chat.roomId, kept)).toEqual([]);
  });

  test('somebody without access, who can’t verify it, is told what they can do', async () => {
    const zoe = await server.person('zoe', { encryption: true });
    const chat = await Conversation.start(zoe, bot.userId, { encrypted: true });
    cryptoOf(zoe).globalBlacklistUnverifiedDevices = true;
    await chat.send('help');
    await hints(chat, 1);
    const hint = chat.greetings().at(-1);
    expect(hint).toContain('Only people with access can verify me. Allow unverified devices');
    expect(hint).not.toContain('Verify me');
  });

  test('the reason comes after the notice: the advice follows, once', async () => {
    await using ines = await heldBack('ines');
    const chat = await Conversation.start(ines.person, bot.userId, { encrypted: true });
    ines.hold('/sendToDevice/m.room_key.withheld/');
    cryptoOf(ines.person).globalBlacklistUnverifiedDevices = true;
    const kept = await chat.send('help');
    await hints(chat, 1);
    expect(chat.greetings().at(-1)).toContain('Please send it again');
    await ines.deliver();
    await hints(chat, 2);
    expect(chat.greetings().at(-1)).toContain('Verify me: in Element');
    expect(logged(kept).map(({ withheld }) => withheld)).toEqual([undefined, 'm.unverified']);

    // No more that day, whatever else is withheld; also after a restart.
    await bot.stop();
    await cryptoOf(ines.person).forceDiscardSession(chat.roomId);
    await chat.send('list');
    await bot.start();
    cryptoOf(ines.person).globalBlacklistUnverifiedDevices = false;
    await cryptoOf(ines.person).forceDiscardSession(chat.roomId);
    await chat.ask('help');
    await chat.ask('help');
    expect(chat.greetings().filter(isHint)).toHaveLength(2);
  });
});

function isHint(body: string): boolean {
  return body.startsWith(HINT);
}

async function hints(chat: Conversation, count: number): Promise<void> {
  const found = () => (chat.greetings().filter(isHint).length >= count ? true : undefined);
  await chat.person.waitFor(chat.roomId, found, `hint ${count}`);
}
