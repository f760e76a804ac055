// A copy of crypto.sqlite that was made while the bot ran, and is put back after its keys were used again.
import { beforeAll, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { login } from '../harness/users.ts';
import { expectNothingInClear } from './ciphertext.ts';
import { copyKeys, expectEnd, putKeysBack } from './lostKeys.ts';

const KEYS_UNUSABLE = 3;
const RENEWED = /crypto\.sqlite is an older copy: the bot starts new sessions/;

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice', { encryption: true });
});

/** The count of key uses in the account data. */
async function countOf({ account }: RestartableBot): Promise<number> {
  const { userId, accessToken } = account;
  const path = `/_matrix/client/v3/user/${encodeURIComponent(userId)}/account_data/matrix-registration-bot.starts`;
  const { starts } = await requestJson<{ starts: number }>(server.baseUrl, 'GET', path, {
    accessToken,
  });
  return starts;
}

test('if the use of the keys was counted since, the bot ends', async () => {
  const bot = await server.startBot({
    localpart: 'counted-copy',
    signIn: 'access token',
    countKeysEveryMs: 200,
  });
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  copyKeys(bot);
  const before = await countOf(bot);
  // The count in the copy may be one ahead.
  while ((await countOf(bot)) <= before + 1) await chat.ask('help');
  await bot.stop();
  putKeysBack(bot);
  await expectEnd(
    bot,
    KEYS_UNUSABLE,
    /crypto\.sqlite is a copy of before the bot’s last start, or of an earlier hour/,
  );
});

test('if it was not counted, the bot and other devices can still read each other', async () => {
  const bot = await server.startBot({ localpart: 'younger-copy', signIn: 'access token' });
  const password = 'a password';
  const user = await server.synapse.registerUser('bob', password);
  const bob = await server.atClient(user, { encryption: true });
  const chat = await Conversation.start(bob, bot.userId, { encrypted: true });
  for (const round of [1, 2, 3]) {
    copyKeys(bot);
    // Olm sessions go on in both directions, and others begin: a new room key, a new device, a new person.
    await chat.ask('help');
    await bob.client.getCrypto()?.forceDiscardSession(chat.roomId);
    await chat.ask(`create copied-${round}`);
    const desk = await server.atClient(await login(server.baseUrl, bob.userId, password), {
      encryption: true,
    });
    const command = await chat.send('list');
    await desk.waitForReply(chat.roomId, command);
    const carol = await server.person(`carol-${round}`, { encryption: true });
    const first = await Conversation.start(carol, bot.userId, { encrypted: true });
    await first.ask('help');
    await bot.stop();

    putKeysBack(bot);
    await bot.start();
    expect(bot.logLines.join('')).toMatch(RENEWED);
    const next = await chat.send('list');
    expect((await chat.answerTo(next)).body).toContain(`copied-${round}`);
    await desk.waitForReply(chat.roomId, next);
    expect((await first.ask('help')).body).toContain('create');
    await expectNothingInClear(server, bob, chat.roomId, bot.userId);
    await bot.stop();
    await bot.start();
    expect(bot.logLines.join('')).not.toMatch(RENEWED);
    await chat.ask('help');
  }
  await bot.stop();
});
