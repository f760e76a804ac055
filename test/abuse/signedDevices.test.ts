// `bot.trust: signed`: what a device can do that its owner has not verified, and what people with verified ones see.
import type { MatrixEvent } from 'matrix-js-sdk';
import { DecryptionFailureCode } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { VerificationPhase } from 'matrix-js-sdk/lib/crypto-api/verification.js';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { cryptoOf, makeIdentity } from '../encryption/keyChecks.ts';
import { Conversation } from '../harness/conversation.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { login, type RegisteredUser } from '../harness/users.ts';
import { widgetAppears, widgetEvents, widgetGoes } from '../room-widget/roomState.ts';

const SIGNED = { BOT_TRUST: 'signed' };

const server = useTestServer();
let bot: RestartableBot;
let people = 0;

beforeAll(async () => {
  bot = await server.startBot({ settings: { ...WIDGET_SETTINGS, ...SIGNED } });
});

/** Somebody whose first device is verified, in an encrypted room with the bot. */
async function somebody(): Promise<{ user: RegisteredUser; phone: Person; chat: Conversation }> {
  const user = await server.synapse.registerUser(`somebody-${++people}`);
  const phone = await server.atClient(user, { encryption: true });
  await makeIdentity(phone);
  const chat = await Conversation.start(phone, bot.userId, { encrypted: true });
  return { user, phone, chat };
}

describe('a device that its owner has not verified', () => {
  let phone: Person;
  let chat: Conversation;
  let thief: Person;

  beforeEach(async () => {
    const one = await somebody();
    ({ phone, chat } = one);
    const credentials = await login(server.baseUrl, one.user.localpart, one.user.password);
    thief = await server.atClient(credentials, { encryption: true });
    await thief.waitForMember(chat.roomId, bot.userId, 'join');
  });

  /** The answer as it arrives there. */
  async function arrives(commandId: string): Promise<MatrixEvent> {
    const answers = (event: MatrixEvent) =>
      event.getSender() === bot.userId &&
      event.getWireContent()['m.relates_to']?.['m.in_reply_to']?.event_id === commandId;
    return await thief.waitForEvent(chat.roomId, answers, 'an answer, readable or not');
  }

  test.each(['create stolen', 'list', 'allow @thief:example.org', 'status', 'confirm'])(
    '“%s” is refused, with what to do, and the device can’t read it',
    async (command) => {
      const commandId = await thief.send(chat.roomId, command);
      const { body } = await chat.answerTo(commandId);
      expect(body).toMatch(
        /^I take this only from devices that you have verified, and this one is not\. Verify it/,
      );
      const seen = await arrives(commandId);
      await expect
        .poll(() => seen.decryptionFailureReason)
        .toBe(DecryptionFailureCode.MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE);
      expect(await server.tokens()).toEqual([]);
    },
  );

  test('“help” is answered: it changes nothing', async () => {
    const { body } = await chat.answerTo(await thief.send(chat.roomId, 'help'));
    expect(body).toContain('create');
  });

  test('is obeyed and answered once it is verified', async () => {
    await chat.answerTo(await thief.send(chat.roomId, 'create too-early'));
    await cryptoOf(phone).getUserDeviceInfo([phone.userId], true);
    await cryptoOf(phone).crossSignDevice(thief.deviceId);
    const commandId = await thief.send(chat.roomId, 'create verified');
    expect((await thief.waitForReply(chat.roomId, commandId)).body).toContain('verified');
    expect(await server.tokenNames()).toEqual(['verified']);
    await server.admin.deleteToken('verified');
  });
});

test('somebody without any verification is refused, and sees nothing that they can read', async () => {
  const novice = await server.person('novice', { encryption: true });
  const { roomId } = await novice.startDirectRoom(bot.userId, { encrypted: true });
  await novice.waitForMember(roomId, bot.userId, 'join');
  const commandId = await novice.send(roomId, 'create novice');
  const fromBot = (event: MatrixEvent) =>
    event.getSender() === bot.userId && event.getWireContent()['m.relates_to'] !== undefined;
  const seen = await novice.waitForEvent(roomId, fromBot, 'an answer');
  await expect
    .poll(() => seen.decryptionFailureReason)
    .toBe(DecryptionFailureCode.MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE);
  expect(await server.tokenNames()).toEqual([]);
  // With an identity of their own they are as good as anybody.
  await makeIdentity(novice);
  const again = await novice.send(roomId, 'create novice');
  expect((await novice.waitForReply(roomId, again)).body).toContain('novice');
  expect(novice.repliesTo(roomId, commandId)).toEqual([]);
  await server.admin.deleteToken('novice');
});

test('in an unencrypted room restricted commands are refused, others are answered', async () => {
  const { phone } = await somebody();
  const open = await Conversation.start(phone, bot.userId);
  for (const command of ['create open', 'list', 'confirm', 'widget'])
    expect((await open.ask(command)).body).toMatch(
      /^I take this only in encrypted rooms.*Open an encrypted chat/,
    );
  expect((await open.ask('help')).body).toContain('create');
  expect(await server.tokenNames()).toEqual([]);
});

test('somebody who has verified the bot and then replaces their identity goes on', async () => {
  const { user, phone, chat } = await somebody();
  const request = await cryptoOf(phone).requestVerificationDM(bot.userId, chat.roomId);
  await expect.poll(() => request.phase, { timeout: 30_000 }).toBe(VerificationPhase.Ready);
  const verifier = await request.startVerification('m.sas.v1');
  const outcome = verifier.verify();
  const sas = await vi.waitUntil(() => verifier.getShowSasCallbacks(), { timeout: 30_000 });
  await sas.confirm();
  await outcome;
  await expect.poll(() => bot.logLines.join('')).toContain('"Verification done"');
  await chat.ask('list');
  await cryptoOf(phone).bootstrapCrossSigning({
    setupNewCrossSigning: true,
    authUploadDeviceSigningKeys: async (upload) => {
      const session = await upload(null).catch(({ data }) => (data as { session: string }).session);
      const identifier = { type: 'm.id.user', user: user.userId };
      const { password } = user;
      await upload({ type: 'm.login.password', identifier, password, session: String(session) });
    },
  });
  await chat.ask('list');
  expect(bot.logLines.join('')).toContain('Somebody who had verified the bot has replaced their identity.');
});

describe('a deletion', () => {
  test('is confirmed by typing; reactions don’t count, and none are offered', async () => {
    const { phone, chat } = await somebody();
    const { token } = await server.admin.createToken({});
    const prompt = await chat.ask(`delete ${token}`);
    expect(prompt.body).toMatch(
      /Write “confirm” to delete or “cancel” to keep, .* Reactions don’t count here\./,
    );
    expect(prompt.body).not.toContain('✅');
    await phone.react(chat.roomId, prompt.eventId, '✅');
    await chat.ask('help');
    expect(phone.reactionsOn(chat.roomId, prompt.eventId).map(({ sender }) => sender)).toEqual([
      phone.userId,
    ]);
    expect(await server.tokenNames()).toEqual([token]);
    await chat.send('confirm');
    await phone.waitForEdit(chat.roomId, prompt.eventId, (body) => /deleted/i.test(body));
    expect(await server.tokenNames()).toEqual([]);
  });
});

describe('the widget', () => {
  test('is not served, and nobody gets it; the bot says why', async () => {
    const { phone, chat } = await somebody();
    expect((await chat.ask('widget')).body).toContain('bot.trust is signed');
    const { body } = await chat.ask('status');
    expect(body).toContain('from devices that their owner has verified (bot.trust is signed)');
    expect(body).toContain('off, because bot.trust is signed');
    expect(widgetEvents(phone, chat.roomId)).toEqual([]);
    expect(bot.webAddress).toBeUndefined();
  });

  test('is taken out of rooms once the mode is set', async () => {
    const { phone, chat } = await somebody();
    await bot.restart({ settings: { BOT_TRUST: 'any' } });
    await widgetAppears(phone, chat.roomId);
    expect((await chat.ask('status')).body).toContain(
      'from any device of people with access (bot.trust is any)',
    );
    await bot.restart();
    await widgetGoes(phone, chat.roomId);
  });
});
