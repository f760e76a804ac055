// A copy of crypto.sqlite that was made while the bot ran, and is put back after its keys were used again.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import { login } from '../harness/users.ts';
import { Home } from './encryptionHome.ts';
import { expectNothingInClear } from './encryptionWorld.ts';

const KEYS_UNUSABLE = 3;
const RENEWED = /crypto\.sqlite is an older copy: the bot starts new sessions/;

let scene: Scene;
let alice: Person;

beforeAll(async () => {
  scene = await Scene.start();
  alice = await scene.person('alice', { encryption: true });
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

/** What the account's data says of the use of its keys. */
async function countOf({ account }: Home): Promise<number> {
  const { userId, accessToken } = account;
  const path = `/_matrix/client/v3/user/${encodeURIComponent(userId)}/account_data/matrix-registration-bot.starts`;
  const { starts } = await requestJson<{ starts: number }>(scene.synapse.baseUrl, 'GET', path, {
    accessToken,
  });
  return starts;
}

test('if the use of the keys was counted since, the bot ends', async () => {
  const home = new Home(scene, await scene.botAccount('counted-copy'), 'token');
  const bot = await home.start({}, { countKeysEveryMs: 200 });
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  home.copyKeys();
  const before = await countOf(home);
  // The count in the copy may be one ahead.
  while ((await countOf(home)) <= before + 1) await chat.ask('help');
  await scene.stopBot(bot);
  home.putKeysBack();
  await home.expectEnd(
    KEYS_UNUSABLE,
    /crypto\.sqlite is a copy of before the bot’s last start, or of an earlier hour/,
  );
});

test('if it was not, the bot and the devices of others go on reading each other', async () => {
  const home = new Home(scene, await scene.botAccount('younger-copy'), 'token');
  let bot = await home.start();
  const password = 'a password';
  const user = await scene.synapse.registerUser('bob', password);
  const bob = await scene.atClient(user, { encryption: true });
  const chat = await Conversation.start(bob, bot.userId, { encrypted: true });
  for (const round of [1, 2, 3]) {
    home.copyKeys();
    // Olm sessions go on in both directions, and others begin: a new room key, a new device, a new person.
    await chat.ask('help');
    await bob.client.getCrypto()?.forceDiscardSession(chat.roomId);
    await chat.ask(`create copied-${round}`);
    const desk = await scene.atClient(await login(scene.synapse.baseUrl, bob.userId, password), {
      encryption: true,
    });
    const command = await chat.send('list');
    await desk.waitForReply(chat.roomId, command);
    const carol = await scene.person(`carol-${round}`, { encryption: true });
    const first = await Conversation.start(carol, bot.userId, { encrypted: true });
    await first.ask('help');
    await scene.stopBot(bot);

    home.putKeysBack();
    bot = await home.start();
    expect(bot.logLines.join('')).toMatch(RENEWED);
    const next = await chat.send('list');
    expect((await chat.answerTo(next)).body).toContain(`copied-${round}`);
    await desk.waitForReply(chat.roomId, next);
    expect((await first.ask('help')).body).toContain('create');
    await expectNothingInClear(scene, bob, chat.roomId, bot.userId);
    await scene.stopBot(bot);
    bot = await home.start();
    expect(bot.logLines.join('')).not.toMatch(RENEWED);
    await chat.ask('help');
  }
  await scene.stopBot(bot);
});
