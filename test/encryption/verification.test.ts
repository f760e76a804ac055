// Emoji verification of the bot, begun by people at their clients: in a room and between devices. The bot shows its
// emoji in its log and in `status`.
import {
  type ShowSasCallbacks,
  VerificationPhase,
  type VerificationRequest,
} from 'matrix-js-sdk/lib/crypto-api/verification.js';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { cryptoOf, makeIdentity } from './keyChecks.ts';

const server = useTestServer();
let bot: RestartableBot;
let people = 0;
let alice: Person;
let chat: Conversation;

beforeAll(async () => {
  // Those whose names begin with alice have access.
  const settings = { ACCESS_ALLOW: `@alice-.*:${server.serverName}` };
  bot = await server.startBot({
    proxied: true,
    settings,
    sendPatienceMs: 1_500,
    keyPatienceMs: 1,
    // People without access were greeted just before.
    quotaWindowMs: 0,
  });
});

beforeEach(async () => {
  alice = await somebody(`alice-${++people}`);
  chat = await Conversation.start(alice, bot.userId, { encrypted: true });
});

async function somebody(localpart: string): Promise<Person> {
  const person = await server.person(localpart, { encryption: true });
  await makeIdentity(person);
  return person;
}

const inRoom = (person: Person, roomId: string) => cryptoOf(person).requestVerificationDM(bot.userId, roomId);

/** From the device of the person to that of the bot. */
async function betweenDevices(person: Person): Promise<VerificationRequest> {
  const line = bot.logLines.find((entry) => entry.includes('"End-to-end encryption is on"'));
  const { deviceId } = JSON.parse(line ?? '{}') as { deviceId: string };
  return await cryptoOf(person).requestDeviceVerification(bot.userId, deviceId);
}

/** Asks again and again: under load, matrix-js-sdk was seen to change without its event. */
async function reached(request: VerificationRequest, phase: VerificationPhase): Promise<void> {
  const over = [phase, VerificationPhase.Cancelled];
  await expect.poll(() => over.includes(request.phase), { timeout: 30_000 }).toBe(true);
  if (request.phase !== phase) throw new Error(`Cancelled: ${request.cancellationCode}`);
}

/** What the person sees once both sides have their emoji; `outcome` is settled when it is over. */
async function compare(
  request: VerificationRequest,
): Promise<{ sas: ShowSasCallbacks; emoji: string; outcome: Promise<void> }> {
  await reached(request, VerificationPhase.Ready);
  const verifier = await request.startVerification('m.sas.v1');
  const outcome = verifier.verify();
  outcome.catch(() => undefined);
  const sas = await vi.waitUntil(() => verifier.getShowSasCallbacks(), { timeout: 30_000 });
  const emoji = (sas.sas.emoji ?? []).map(([symbol, name]) => `${symbol} ${name}`).join(', ');
  expect(emoji.split(', ')).toHaveLength(7);
  return { sas, emoji, outcome };
}

/** What the bot wrote when verifications began. */
const announced = (room: Conversation) =>
  room.greetings().filter((body) => body.startsWith('To verify me, compare the emoji'));

/** Fields of the lines of the log with this message, about the person. */
function logged(message: string, { userId }: Person): Record<string, unknown>[] {
  const lines = bot.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines.filter((line) => line.msg === message && line.userId === userId);
}

const isVerified = async (person: Person) =>
  (await cryptoOf(person).getUserVerificationStatus(bot.userId)).isCrossSigningVerified();

/** The person compares, says that it is the same, and from then on trusts the bot. */
async function verify(person: Person, request: VerificationRequest, room = chat): Promise<void> {
  expect(await isVerified(person)).toBe(false);
  const { sas, emoji, outcome } = await compare(request);
  await expect.poll(() => bot.logLines.join('')).toContain(`compare the emoji: ${emoji}`);
  expect((await room.ask('status')).body).toContain(`${person.userId}: ${emoji}`);
  await sas.confirm();
  await outcome;
  await reached(request, VerificationPhase.Done);
  await expect.poll(() => logged('Verification done', person)).toMatchObject([{ deviceId: person.deviceId }]);
  expect(announced(room).length).toBeGreaterThan(0);
  // Their signature goes to the homeserver, and comes back from there.
  await expect.poll(() => isVerified(person), { timeout: 15_000 }).toBe(true);
}

test('in the room', async () => {
  await verify(alice, await inRoom(alice, chat.roomId));
  expect(announced(chat)).toEqual([expect.stringContaining('they are in my log, and for ten minutes in')]);
  expect(logged('Verification cancelled', alice)).toEqual([]);
  expect((await chat.ask('help')).body).toContain('create');
});

test('in an unencrypted room', async () => {
  const open = await Conversation.start(alice, bot.userId);
  await verify(alice, await inRoom(alice, open.roomId), open);
});

test('between devices', async () => {
  // A newer direct room, of somebody else.
  const other = await Conversation.start(await somebody(`alice-${++people}`), bot.userId);
  await verify(alice, await betweenDevices(alice));
  expect(announced(chat)).toHaveLength(1);
  await other.ask('help');
  expect(announced(other)).toEqual([]);
});

test('the person’s emoji are others: it is cancelled, and a new one works', async () => {
  const { sas, outcome } = await compare(await inRoom(alice, chat.roomId));
  sas.mismatch();
  await expect(outcome).rejects.toThrow();
  await expect
    .poll(() => logged('Verification cancelled', alice))
    .toMatchObject([{ deviceId: alice.deviceId, cancelledBy: 'user', code: 'm.mismatched_sas' }]);
  expect(await isVerified(alice)).toBe(false);
  await verify(alice, await inRoom(alice, chat.roomId));
});

test('the person gives up: nothing hangs, and a new one works', async () => {
  const request = await betweenDevices(alice);
  await reached(request, VerificationPhase.Ready);
  await request.cancel();
  await expect
    .poll(() => logged('Verification cancelled', alice))
    .toMatchObject([{ cancelledBy: 'user', code: 'm.user' }]);
  await verify(alice, await betweenDevices(alice));
});

test('somebody begins many: the chat says where the emoji are three times an hour', async () => {
  for (let begun = 0; begun < 5; begun++) {
    const request = await inRoom(alice, chat.roomId);
    await reached(request, VerificationPhase.Ready);
    await request.cancel();
    await expect.poll(() => logged('Verification cancelled', alice)).toHaveLength(begun + 1);
  }
  await chat.ask('help');
  expect(announced(chat)).toHaveLength(3);
});

test.each(['in the room', 'between devices'])(
  'the person’s client sends keys to verified devices only: verifying the bot helps (%s)',
  async (where) => {
    cryptoOf(alice).globalBlacklistUnverifiedDevices = true;
    await cryptoOf(alice).forceDiscardSession(chat.roomId);
    await chat.send('help');
    const isAdvised = () => chat.greetings().some((body) => body.includes('Verify me')) || undefined;
    await alice.waitFor(chat.roomId, isAdvised, 'the advice');
    const request = await (where === 'in the room' ? inRoom(alice, chat.roomId) : betweenDevices(alice));
    const { sas, outcome } = await compare(request);
    await sas.confirm();
    await outcome;
    await expect.poll(() => isVerified(alice), { timeout: 15_000 }).toBe(true);
    expect((await chat.ask('help')).body).toContain('create');
  },
);

test.each(['in the room', 'between devices'])('a person without access is refused (%s)', async (where) => {
  const mallory = await somebody(`mallory-${++people}`);
  const room = await Conversation.start(mallory, bot.userId, { encrypted: true });
  const lines = bot.logLines.length;
  const request = await (where === 'in the room' ? inRoom(mallory, room.roomId) : betweenDevices(mallory));
  await expect(reached(request, VerificationPhase.Ready)).rejects.toThrow('Cancelled: m.user');
  expect(bot.logLines.slice(lines).join('')).not.toContain('Somebody verifies the bot');
  await room.ask('help');
  expect(announced(room)).toEqual([]);
});

test('the bot is started again in the middle: nothing hangs, and a new one works', async () => {
  const before = await inRoom(alice, chat.roomId);
  await compare(before);
  await bot.restart();
  expect((await chat.ask('help')).body).toContain('create');
  await before.cancel();
  await verify(alice, await inRoom(alice, chat.roomId));
});

test.each(['in the room', 'between devices'])(
  'the homeserver fails at the messages of one: those of others go on (%s)',
  async (where) => {
    const path =
      where === 'in the room' ? `/rooms/${encodeURIComponent(chat.roomId)}/send/` : '/sendToDevice/m.key';
    let failures = 0;
    bot.proxy.intercept((request) => {
      if (!request.path.includes(path) || (where !== 'in the room' && !request.body.includes(alice.userId)))
        return undefined;
      failures++;
      return { status: 500, body: { errcode: 'M_UNKNOWN', error: 'Internal server error' } };
    });
    await (where === 'in the room' ? inRoom(alice, chat.roomId) : betweenDevices(alice));
    await expect.poll(() => failures, { timeout: 15_000 }).toBeGreaterThan(0);
    const other = await somebody(`alice-${++people}`);
    const room = await Conversation.start(other, bot.userId, { encrypted: true });
    await verify(other, await betweenDevices(other), room);
    bot.proxy.clear();
    expect(bot.logLines.join('')).toMatch(/A verification could not go on: .* is given up: .*HTTP 500/);
  },
);
