// Guests and users of bridges have accounts on the homeserver, but are not among the people who may manage tokens.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Preset } from 'matrix-js-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ApiUser, ask, expectError, openIdToken } from '../api/apiUser.ts';
import { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { testFolder } from '../harness/testFolder.ts';
import { type Credentials, registerGhost, registerGuest } from '../harness/users.ts';

const AS_TOKEN = randomUUID();
const folder = mkdtempSync(join(testFolder(), 'bridge-'));
const registrationFile = join(folder, 'bridge.yaml');
writeFileSync(
  registrationFile,
  stringify({
    id: 'bridge',
    url: null,
    as_token: AS_TOKEN,
    hs_token: randomUUID(),
    sender_localpart: '_bridge',
    namespaces: { users: [{ exclusive: true, regex: '@_telegram_.*' }], aliases: [], rooms: [] },
  }),
);
const server = useTestServer({
  extraConfig: { allow_guest_access: true, app_service_config_files: [registrationFile] },
});
let alice: Person;
let guest: Credentials;
let ghost: Credentials;

beforeAll(async () => {
  alice = await server.person('alice');
  guest = await registerGuest(server.baseUrl);
  ghost = await registerGhost(server.baseUrl, AS_TOKEN, '_telegram_123');
  expect(guest.userId).toMatch(/^@\d+:/);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A room of Alice and the bot that lets everybody in, guests too. */
async function openRoom(bot: RestartableBot): Promise<string> {
  const roomId = await alice.createRoom({
    preset: Preset.PublicChat,
    invite: [bot.userId],
    initial_state: [{ type: 'm.room.guest_access', state_key: '', content: { guest_access: 'can_join' } }],
  });
  await alice.waitForMember(roomId, bot.userId, 'join');
  return roomId;
}

async function joinAs(user: Credentials, roomId: string): Promise<void> {
  const { accessToken } = user;
  const path = `/_matrix/client/v3/join/${encodeURIComponent(roomId)}`;
  await requestJson(server.baseUrl, 'POST', path, { accessToken, body: {} });
  await alice.waitForMember(roomId, user.userId, 'join');
}

/** What the bot replies to a command of this user, as Alice sees it. */
async function askAs(user: Credentials, bot: RestartableBot, roomId: string, text: string): Promise<string> {
  const { accessToken } = user;
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${randomUUID()}`;
  const body = { msgtype: 'm.text', body: text, 'm.mentions': { user_ids: [bot.userId] } };
  const sent = await requestJson<{ event_id: string }>(server.baseUrl, 'PUT', path, { accessToken, body });
  return (await alice.waitForReply(roomId, sent.event_id, { from: bot.userId })).body;
}

const mayNot = ({ userId }: Credentials) => `You (${userId}) may not manage registration tokens here.`;

describe('where every person of the homeserver has access', () => {
  let bot: RestartableBot;
  let roomId: string;

  beforeAll(async () => {
    bot = await server.startBot({ localpart: 'openbot', settings: WIDGET_SETTINGS, quotaWindowMs: 0 });
    roomId = await openRoom(bot);
    await joinAs(guest, roomId);
    await joinAs(ghost, roomId);
  });

  test('a guest and a user of a bridge have none', async () => {
    for (const user of [guest, ghost]) {
      for (const command of ['create mine', 'list', `allow ${user.userId}`, 'status'])
        expect(await askAs(user, bot, roomId, command)).toContain(mayNot(user));
    }
    expect(await server.tokenNames()).toEqual([]);
    expect(bot.access.policy.byDefault).toBe(true);
    expect((await alice.ask(roomId, 'list', { mentions: [bot.userId] })).body).toContain('There are no');
  });

  test('nor by the widget’s API', async () => {
    const json = { openid_token: await openIdToken(server, ghost) };
    const refusal = await ask(bot, '/session', { method: 'POST', json });
    expectError(refusal, 403, 'M_FORBIDDEN', { problem: 'access_denied' });
    const person = await ApiUser.signIn(server, bot, alice);
    expect(await person.tokens()).toMatchObject({ tokens: [] });
  });

  test('the list says who is left out', async () => {
    const { body } = await alice.ask(roomId, 'allowed', { mentions: [bot.userId] });
    expect(body).toContain(`Every user of ${server.serverName} may manage registration tokens`);
    expect(body).toContain('Guests and @_.* only if exactly their user ID is allowed.');
  });
});

describe('where a pattern matches them', () => {
  test('they have no access through it, but by their exact user ID', async () => {
    const { serverName } = server;
    const settings = { ACCESS_ALLOW: `@.*:${serverName}` };
    const bot = await server.startBot({ localpart: 'patternbot', settings, quotaWindowMs: 0 });
    const roomId = await openRoom(bot);
    await joinAs(guest, roomId);
    await joinAs(ghost, roomId);
    for (const user of [guest, ghost]) {
      expect(await askAs(user, bot, roomId, 'list')).toContain(mayNot(user));
      await alice.ask(roomId, `allow ${user.userId}`, { mentions: [bot.userId] });
      expect(await askAs(user, bot, roomId, 'list')).toContain('There are no registration tokens');
      await alice.ask(roomId, `disallow ${user.userId}`, { mentions: [bot.userId] });
      expect(await askAs(user, bot, roomId, 'list')).toContain(mayNot(user));
    }
  });
});

test('an invite of theirs is treated as one of a person without access', async () => {
  const settings = { BOT_ACCEPT_INVITES: 'allowed' };
  const bot = await server.startBot({ localpart: 'strictbot', settings, quotaWindowMs: 0 });
  const bridged = await server.atClient(ghost);
  const { roomId } = await bridged.startDirectRoom(bot.userId, { firstMessage: 'create' });
  await bridged.waitForMember(roomId, bot.userId, 'leave');
  await Conversation.start(alice, bot.userId);
  expect(await server.tokenNames()).toEqual([]);
});

test('access.deny says who the users of bridges are; guests are always left out', async () => {
  const bot = await server.startBot({ localpart: 'trustingbot', settings: { ACCESS_DENY: '@irc_.*' } });
  const roomId = await openRoom(bot);
  await joinAs(guest, roomId);
  await joinAs(ghost, roomId);
  expect(await askAs(ghost, bot, roomId, 'list')).toContain('There are no registration tokens');
  expect(await askAs(guest, bot, roomId, 'list')).toContain(mayNot(guest));
});
