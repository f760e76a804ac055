// /sync leaves out what was said in a room while the bot was off, and the homeserver does not tell more of it: only
// that room waits, and nothing is lost.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Fate, type Proxy as HttpProxy, startProxy } from '../harness/proxy.ts';
import { MortalBot, roomWith, startTown, type Town } from './exactlyOnceWorld.ts';

let town: Town;
let proxy: HttpProxy;
let bot: MortalBot;
/** The room whose history can't be read, and another. */
let missing: string;
let other: string;

beforeAll(async () => {
  town = await startTown();
  proxy = await startProxy(town.synapse.baseUrl);
});

let bots = 0;

beforeEach(async () => {
  const account = await town.synapse.registerUser(`bot${++bots}`, undefined, { admin: true });
  bot = new MortalBot(account, proxy.baseUrl);
  await bot.start();
  missing = await roomWith(town.alice, bot);
  other = await roomWith(town.alice, bot);
  await town.alice.ask(missing, 'help');
});

afterEach(async () => {
  proxy.clear();
  await bot.kill();
  await town.admin.deleteAllTokens();
});

afterAll(async () => {
  await proxy?.close();
  await town?.[Symbol.asyncDispose]();
});

/** So much that /sync leaves the first command out. */
async function talkWhileOff(): Promise<{ first: string; last: string }> {
  const { alice } = town;
  await bot.stop();
  const first = await alice.send(missing, 'create missed');
  await Promise.all(Array.from({ length: 60 }, () => alice.react(missing, first, randomUUID())));
  return { first, last: await alice.send(missing, 'edit missed uses=7') };
}

/** The history of the room hangs. `asked` resolves with the first request. */
function hang(): { asked: Promise<void>; heal(): void } {
  const asked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<Fate>();
  const path = `/rooms/${encodeURIComponent(missing)}/messages`;
  proxy.intercept((request) => {
    if (!request.path.includes(path)) return undefined;
    asked.resolve();
    return held.promise;
  });
  return {
    asked: asked.promise,
    heal() {
      proxy.clear();
      held.resolve('drop');
    },
  };
}

async function expectAnsweredOnce(...commands: string[]): Promise<void> {
  const { alice } = town;
  for (const command of commands) await alice.waitForReply(missing, command);
  await alice.ask(missing, 'help');
  for (const command of commands) expect(alice.repliesTo(missing, command)).toHaveLength(1);
  const replies = alice.timeline(missing).filter((event) => event.getSender() === bot.userId);
  const order = replies.map(
    (event) => event.getOriginalContent()['m.relates_to']?.['m.in_reply_to']?.event_id,
  );
  expect(order.filter((eventId) => commands.includes(String(eventId)))).toEqual(commands);
}

test('other rooms are answered meanwhile, and the room in its order once it works', async () => {
  const { alice, admin } = town;
  const { first, last } = await talkWhileOff();
  const { asked, heal } = hang();
  await bot.start();
  await asked;
  await alice.ask(other, 'create elsewhere');
  const later = await alice.send(missing, 'show missed');
  // Of a later /sync.
  await alice.ask(other, 'show elsewhere');
  for (const command of [first, last, later]) expect(alice.repliesTo(missing, command)).toEqual([]);
  heal();
  await expectAnsweredOnce(first, last, later);
  const tokens = await admin.listTokens();
  expect(tokens.find(({ token }) => token === 'missed')?.uses_allowed).toBe(7);
});

test('killed before it was read, the bot reads it after the next start', async () => {
  const { alice } = town;
  const { first, last } = await talkWhileOff();
  const { asked, heal } = hang();
  await bot.start();
  await asked;
  // By now the sync position is past what is missing.
  await alice.ask(other, 'help');
  await bot.kill();
  heal();
  await bot.start();
  await expectAnsweredOnce(first, last);
});

test('stopped meanwhile, the bot ends at once and reads it after the next start', async () => {
  const { first, last } = await talkWhileOff();
  const { asked, heal } = hang();
  await bot.start();
  await asked;
  const begun = performance.now();
  expect(await bot.stop()).toBe(0);
  expect(performance.now() - begun).toBeLessThan(3_000);
  heal();
  await bot.start();
  await expectAnsweredOnce(first, last);
});
