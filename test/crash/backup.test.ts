// Back-ups: what may be put back, what may not, and what is left if everything is lost.
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { formatRecoveryKey, makeRecoveryKey } from '../../bot/lib/recoveryKey.ts';
import { temporaryDataDir } from '../harness/botProcess.ts';
import { Conversation } from '../harness/conversation.ts';
import { isSend } from '../harness/faults.ts';
import { logged, WARN } from '../harness/logSearch.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

// Otherwise Synapse would answer a /sync from an old position from its cache of the last two minutes. That hardly ever
// happens elsewhere.
const server = useTestServer({ extraConfig: { caches: { sync_response_cache_duration: '0s' } } });
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice', { encryption: true });
});

/** Starts it again; `proxy.requests` are those of this run. */
async function start(bot: RestartableBot): Promise<void> {
  bot.proxy.requests.length = 0;
  await bot.start();
}

/** As docs/operations.md says: while the bot is stopped. Returns the folder of the back-up. */
function backUp({ dataDir }: RestartableBot): string {
  const backup = temporaryDataDir();
  cpSync(dataDir, backup, { recursive: true });
  return backup;
}

function restoreState({ dataDir }: RestartableBot, backup: string): void {
  rmSync(join(dataDir, 'bot.sqlite-wal'), { force: true });
  copyFileSync(join(backup, 'bot.sqlite'), join(dataDir, 'bot.sqlite'));
}

function lose({ dataDir }: RestartableBot): void {
  rmSync(dataDir, { recursive: true });
  mkdirSync(dataDir);
}

function deviceOf({ store }: RestartableBot): unknown {
  return JSON.parse(store.meta.get('bot_session') ?? '{}').deviceId;
}

/** The public part of the account's cross-signing identity. */
async function identityOf(userId: string): Promise<unknown> {
  const { master_keys } = await requestJson<{ master_keys: Record<string, { keys: unknown }> }>(
    server.baseUrl,
    'POST',
    '/_matrix/client/v3/keys/query',
    { accessToken: alice.accessToken, body: { device_keys: { [userId]: [] } } },
  );
  return master_keys[userId]?.keys;
}

/** A command gets its answer, encrypted or not. */
async function expectAnswer(chat: Conversation, encrypted: boolean): Promise<void> {
  const answer = await chat.ask('help');
  const event = alice.timeline(chat.roomId).find((e) => e.getId() === answer.eventId);
  expect(event?.isEncrypted()).toBe(encrypted);
}

test('a stopped bot leaves nothing beside its two files', async () => {
  await using bot = await server.startBot({ localpart: 'tidybot' });
  await bot.stop();
  expect(readdirSync(bot.dataDir).toSorted()).toEqual(['bot.sqlite', 'crypto.sqlite']);
});

test.each([
  ['an encrypted room', true],
  ['a room that is not encrypted', false],
])('bot.sqlite put back, in %s: nothing is done or said again', async (_name, encrypted) => {
  await using bot = await server.startBot({ localpart: `restored-${encrypted}`, proxied: true });
  const device = deviceOf(bot);
  const chat = await Conversation.start(alice, bot.userId, { encrypted });
  const early = await chat.send(`allow ${alice.userId} @kept:example.org`);
  await chat.answerTo(early);
  await bot.stop();
  const backup = backUp(bot);

  await start(bot);
  const commands: string[] = [];
  for (const text of ['create', 'create count=2', 'allow @lost:example.org', 'create goes-1', 'nonsense']) {
    const command = await chat.send(text);
    commands.push(command);
    await chat.answerTo(command);
  }
  const prompt = await chat.ask('delete goes-1');
  await alice.react(chat.roomId, prompt.eventId, '✅');
  await alice.waitForEdit(chat.roomId, prompt.eventId);
  await chat.ask('create goes-2');
  await chat.ask('delete goes-2');
  const confirm = await chat.ask('confirm');
  expect(confirm.body).toContain('goes-2');
  const second = await Conversation.start(alice, bot.userId, { encrypted });
  await second.ask('create');
  const tokens = await server.tokenNames();
  await bot.stop();

  restoreState(bot, backup);
  await start(bot);
  await expectAnswer(chat, encrypted);
  // Synapse does not send the same twice, but only because it remembers that for a while.
  expect(bot.proxy.requests.filter(isSend)).toHaveLength(1);
  expect(await chat.answersTo(early, ...commands)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(second.greetings()).toHaveLength(1);
  expect(await server.tokenNames()).toEqual(tokens);
  // As of the back-up: who was allowed since has to be allowed again.
  const { body: allowed } = await chat.ask('allowed');
  expect(allowed).toContain('@kept:example.org');
  expect(allowed).not.toContain('@lost:example.org');
  expect(deviceOf(bot)).toBe(device);
  expect(bot.proxy.requests.filter(({ path }) => path.endsWith('/login'))).toEqual([]);
  expect(logged(bot, WARN)).toEqual([]);
});

test('messages sent while the bot was off are answered after bot.sqlite was restored', async () => {
  await using bot = await server.startBot({ localpart: 'awaybot', proxied: true });
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  await bot.stop();
  const backup = backUp(bot);
  await start(bot);
  await chat.ask('create away-1');
  await bot.stop();
  const command = await chat.send('create away-2');
  restoreState(bot, backup);
  await start(bot);
  expect((await chat.answerTo(command)).body).toContain('away-2');
});

test.each([
  ['nothing is left', false],
  ['only bot.sqlite is put back', true],
])('with the password and the recovery key, if %s, the bot is itself again', async (_name, withState) => {
  const recoveryKey = formatRecoveryKey(makeRecoveryKey());
  await using bot = await server.startBot({
    localpart: `lost-${withState}`,
    proxied: true,
    settings: { BOT_RECOVERY_KEY: recoveryKey },
  });
  const device = deviceOf(bot);
  const chat = await Conversation.start(alice, bot.userId, { encrypted: true });
  await chat.ask(`allow ${alice.userId} @kept:example.org`);
  const identity = await identityOf(bot.userId);
  await bot.stop();
  const backup = backUp(bot);
  await start(bot);
  const created = await chat.send('create');
  await chat.answerTo(created);
  const tokens = await server.tokenNames();
  await bot.stop();

  lose(bot);
  if (withState) restoreState(bot, backup);
  await start(bot);
  expect(deviceOf(bot)).not.toBe(device);
  await expectAnswer(chat, true);
  expect(await identityOf(bot.userId)).toEqual(identity);
  expect(await chat.answersTo(created)).toEqual([1]);
  expect(await server.tokenNames()).toEqual(tokens);
  const { body: allowed } = await chat.ask('allowed');
  if (withState) expect(allowed).toContain('@kept:example.org');
  else expect(allowed).not.toContain('@kept:example.org');
});
