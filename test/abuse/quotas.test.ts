// What people without access can make the bot send and store, on a homeserver with Synapse's own rate limits: all the
// bot's messages share one, so each answer to a stranger is one that an admin waits for.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { isSend, isTokenApi, waitForRequests } from '../harness/faults.ts';
import { MINUTE } from '../harness/movableClock.ts';
import type { Person } from '../harness/person.ts';
import { type ProxiedRequest, rateLimited } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

const server = useTestServer({ rateLimits: 'default' });
/** As the bot sees it: it stands still, so that a slow machine gives nobody more answers. */
let now = Date.now();
let bot: RestartableBot;
let asAlice: Conversation;
/** Each in a room with the bot, without access. */
let strangers: [Conversation, Conversation, Conversation];

beforeAll(async () => {
  const alice = await server.person('alice');
  bot = await server.startBot({
    settings: { ACCESS_ALLOW: alice.userId, METRICS_LISTEN: '127.0.0.1:0' },
    proxied: true,
    clock: () => now,
  });
  asAlice = await Conversation.start(alice, bot.userId);
  strangers = [await stranger('eve'), await stranger('mallory'), await stranger('trudy')];
});

beforeEach(() => {
  bot.proxy.clear();
  now += MINUTE;
});

/** Messages that are neither stored nor answered, so far. */
async function unanswered(): Promise<number> {
  const metrics = await (await fetch(`${bot.metricsAddress}/metrics`)).text();
  return Number(/^registration_bot_unanswered_total (\d+)$/m.exec(metrics)?.[1]);
}

async function stranger(localpart: string): Promise<Conversation> {
  return await Conversation.start(await server.person(localpart), bot.userId);
}

const sends = () => bot.proxy.requests.filter(isSend);

/** What was sent before an answered command has been received as well. */
const received = () => asAlice.ask('list');

const replies = ({ person, roomId }: Conversation, events: readonly string[]) =>
  events.map((event) => person.repliesTo(roomId, event).length);

test('a flood from several people gets one answer each, and the admin’s is not put off', async () => {
  const before = await unanswered();
  const sent = sends().length;
  const words = ['help', 'list', 'nonsense', 'help create', '!help'];
  const floods = await Promise.all(
    strangers.map(async (chat) => {
      const events: string[] = [];
      for (const word of words) events.push(await chat.send(word));
      return { chat, events };
    }),
  );
  await received();
  expect(await unanswered()).toBe(before + strangers.length * (words.length - 1));
  for (const { chat, events } of floods) {
    const [first = '', ...others] = events;
    expect((await chat.answerTo(first)).body).toContain('I manage the registration tokens');
    expect(replies(chat, others)).toEqual(others.map(() => 0));
  }
  const paths = new Set(
    sends()
      .slice(sent)
      .map(({ path }) => path),
  );
  expect(paths.size).toBe(strangers.length + 1);
});

test('a minute later there is another answer', async () => {
  const [chat] = strangers;
  await chat.ask('help');
  const tooSoon = await chat.send('help');
  await received();
  now += MINUTE;
  await chat.ask('help');
  expect(replies(chat, [tooSoon])).toEqual([0]);
});

test('many rooms don’t make it more', async () => {
  const walter = await server.person('walter');
  const before = await unanswered();
  const rooms = [];
  for (let count = 0; count < 4; count++) rooms.push(await walter.roomWith(bot.userId));
  await received();
  expect(await unanswered()).toBe(before + 3);
  const greetings = rooms.flatMap((roomId) => new Conversation(walter, roomId, bot.userId).greetings());
  expect(greetings.length).toBeLessThanOrEqual(1);
});

test('an answer that the homeserver limits does not keep its room waiting, and comes once', async () => {
  const [{ person: eve }] = strangers;
  const roomId = await asAlice.person.groupRoom(bot.userId, [eve]);
  const shared = (person: Person) => new Conversation(person, roomId, bot.userId);
  const mentions = [bot.userId];
  const isForEve = ({ body }: ProxiedRequest) => body.includes('manage registration tokens');
  bot.proxy.intercept((request) => (isSend(request) && isForEve(request) ? rateLimited(300_000) : undefined));
  const asked = await shared(eve).send('create', { mentions });
  await waitForRequests(bot.proxy, (request) => isSend(request) && isForEve(request), 1);
  await shared(asAlice.person).ask('list', { mentions });
  expect(bot.store.inbox.open().map(({ id }) => id)).toEqual([asked]);
  bot.proxy.clear();
  await bot.restart();
  expect((await shared(eve).answerTo(asked)).body).toContain('may not manage registration tokens');
  await received();
  expect(replies(shared(eve), [asked])).toEqual([1]);
});

test('while somebody with access waits, nobody else is answered', async () => {
  const [chat] = strangers;
  const release = Promise.withResolvers<undefined>();
  bot.proxy.intercept((request) => (isTokenApi(request) ? release.promise : undefined));
  const sent = sends().length;
  const waiting = await asAlice.send('list');
  await waitForRequests(bot.proxy, isTokenApi, 1);
  const asked = await chat.send('help');
  await expect
    .poll(() => bot.store.inbox.open().map(({ id }) => id), { timeout: 20_000 })
    .toEqual([waiting, asked]);
  expect(sends()).toHaveLength(sent);
  release.resolve(undefined);
  await asAlice.answerTo(waiting);
  await chat.answerTo(asked);
});

test('reactions on anything but an open question of one’s own are not written down', async () => {
  const [chat] = strangers;
  const { eventId: listed } = await asAlice.ask('list');
  const asked = await chat.send('help');
  const { eventId: answer } = await chat.answerTo(asked);
  const reactions = [
    await chat.person.react(chat.roomId, answer, '✅'),
    await chat.person.react(chat.roomId, asked, '❌'),
    await asAlice.person.react(asAlice.roomId, listed, '✅'),
  ];
  await received();
  const { inbox } = bot.store;
  const isNew = (id: string) =>
    inbox.add({ id, kind: 'reaction', roomId: '!none', sender: '@none', content: null, receivedAt: now });
  expect(reactions.map(isNew)).toEqual([true, true, true]);
  expect(isNew(asked)).toBe(false);
  for (const id of reactions) inbox.setDone(id);
});
