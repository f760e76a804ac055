// The homeserver fails at one message only: its room gives up on it after a while.
import { afterEach, beforeAll, expect, test } from 'vitest';
import { startBotInRoom } from '../harness/botInRoom.ts';
import { Conversation } from '../harness/conversation.ts';
import { isSend, waitForRequests } from '../harness/faults.ts';
import { ERROR, logged } from '../harness/logSearch.ts';
import type { Person } from '../harness/person.ts';
import { type CannedResponse, type ProxiedRequest, rateLimited } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

const INSTEAD = /^I can’t show the answer to this, because the homeserver does not take it\./;

const server = useTestServer();
let alice: Person;
let bob: Person;
let bot: RestartableBot;
let chat: Conversation;

beforeAll(async () => {
  alice = await server.person('alice');
  bob = await server.person('bob');
  const settings = { ACCESS_ALLOW: alice.userId };
  ({ bot, chat } = await startBotInRoom(server, alice, {
    settings,
    sendPatienceMs: 1_500,
    quotaWindowMs: 0,
  }));
});

afterEach(() => bot.proxy.clear());

/** Synapse's answer to an internal error. */
const fault = (): CannedResponse => ({
  status: 500,
  body: { errcode: 'M_UNKNOWN', error: 'Internal server error' },
});
const sends = (word: string) => (request: ProxiedRequest) => isSend(request) && request.body.includes(word);
const transactions = (requests: readonly ProxiedRequest[]) => [
  ...new Set(requests.map(({ path }) => decodeURIComponent(path.split('/').at(-1) ?? ''))),
];
const givenUp = () =>
  logged(bot, ERROR)
    .map(({ msg }) => msg)
    .filter((msg) => msg.includes('fixed text'));

test.each([false, true])(
  'a word with an emoji where it is cut does not silence a room (encrypted: %s)',
  async (encrypted) => {
    const chat = await Conversation.start(encrypted ? await atEncryptedClient('anna') : alice, bot.userId, {
      encrypted,
    });
    const word = `${'a'.repeat(39)}💥yyyy`;
    expect((await chat.ask(word)).body).toContain(`“${'a'.repeat(39)}…”`);
    expect((await chat.ask('help')).body).toContain('I manage the registration tokens');
  },
);

/** A person without access in an encrypted room. */
async function atEncryptedClient(localpart: string): Promise<Person> {
  return await server.person(localpart, { encryption: true });
}

test('a stranger’s mention does not keep the admin from being answered', async () => {
  const { botId, roomId } = chat;
  const { roomId: shared } = await alice.startDirectRoom(botId);
  expect(shared).not.toBe(roomId);
  const asAlice = new Conversation(alice, shared, botId);
  await asAlice.greeting();
  await alice.invite(shared, bob.userId);
  await bob.join(shared);
  const asBob = new Conversation(bob, shared, botId);
  const mentions = [botId];
  const stranger = await asBob.send(`${'a'.repeat(39)}💥yyyy`, { mentions });
  expect((await asAlice.ask('list', { mentions })).body).toMatch(/registration tokens|tokens?:/);
  expect((await asBob.answerTo(stranger)).body).toContain('I don’t know “');
});

test('a reply at which the homeserver fails is replaced and logged, and the next one is sent', async () => {
  const { proxy } = bot;
  proxy.intercept((request) => (sends('poison-1')(request) ? fault() : undefined));
  const command = await chat.send('create poison-1');
  const next = await chat.send('create fine-1');
  expect((await chat.answerTo(command)).body).toMatch(INSTEAD);
  expect((await chat.answerTo(next)).body).toContain('fine-1');
  expect(givenUp()).toEqual([expect.stringMatching(/given up: The homeserver at .* answered HTTP 500/)]);

  const given = proxy.requests
    .filter(isSend)
    .filter(({ path }) => path.includes(encodeURIComponent(command)));
  expect(transactions(given)).toEqual([`mrb.reply.${command}`, `mrb.instead.${command}`]);
  proxy.clear();
  await bot.restart();
  expect(await chat.answersTo(command, next)).toEqual([1, 1]);
  const names = (await server.tokens()).map(({ token }) => token);
  expect(names).toEqual(expect.arrayContaining(['fine-1', 'poison-1']));
});

test('a reply that was given up is not sent after a restart', async () => {
  const { proxy } = bot;
  // The fixed text waits as well: the homeserver limits.
  proxy.intercept((request) => {
    if (sends('poison-2')(request)) return fault();
    return isSend(request) ? rateLimited(200) : undefined;
  });
  const command = await chat.send('create poison-2');
  await waitForRequests(proxy, ({ path }) => path.includes('mrb.instead.'), 1);
  await bot.stop();
  proxy.clear();
  await bot.restart();
  expect((await chat.answerTo(command)).body).toMatch(INSTEAD);
  expect(await chat.answersTo(command)).toEqual([1]);
  const about = proxy.requests
    .filter(isSend)
    .filter(({ path }) => path.includes(encodeURIComponent(command)));
  expect(transactions(about)).toEqual([`mrb.reply.${command}`, `mrb.instead.${command}`]);
});

test('an outcome at which the homeserver fails is replaced, and the deletion is done', async () => {
  const { proxy } = bot;
  await chat.ask('create poison-3');
  const question = await chat.ask('delete poison-3');
  proxy.intercept((request) =>
    sends('m.new_content')(request) && request.body.includes('poison-3') ? fault() : undefined,
  );
  await alice.react(chat.roomId, question.eventId, '✅');
  await waitForRequests(proxy, ({ path }) => path.includes('mrb.outcome-instead.'), 1);
  proxy.clear();
  expect((await chat.ask('list')).body).not.toContain('poison-3');
  expect(bot.store.confirmations.get(question.eventId)?.state).toBe('done');
});

test('where no reply can be sent, the commands after it still run', async () => {
  const { proxy } = bot;
  const broken = (request: ProxiedRequest) =>
    isSend(request) && request.path.includes(encodeURIComponent(chat.roomId));
  proxy.intercept((request) => (broken(request) ? fault() : undefined));
  const first = await chat.send('create silent-1');
  await chat.send('create silent-2');
  const names = async () => (await server.tokens()).map(({ token }) => token);
  await expect.poll(names, { timeout: 30_000 }).toContain('silent-2');
  expect(bot.store.inbox.open().map(({ id }) => id)).not.toContain(first);
});
