// /sync leaves out a part of a room's history after a downtime, and the homeserver does not return it: only that room
// waits, and nothing is lost.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Person } from '../harness/person.ts';
import type { Fault, Proxy as HttpProxy } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { BARE_BOT } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';

const server = useTestServer();
let alice: Person;
let proxy: HttpProxy;
let bot: RestartableBot;
/** The room whose history can't be read, and another. */
let missing: string;
let other: string;

beforeAll(async () => {
  alice = await server.person('alice');
});

beforeEach(async () => {
  bot = await server.bot({ proxied: true, ...BARE_BOT });
  ({ proxy } = bot);
  await bot.startProcess();
  missing = await alice.roomWith(bot.userId);
  other = await alice.roomWith(bot.userId);
  await alice.ask(missing, 'help');
});

afterEach(async () => {
  proxy.clear();
  await bot.kill();
  await server.admin.deleteAllTokens();
});

/** So much that /sync leaves the first command out. */
async function sendWhileOff(): Promise<{ first: string; last: string }> {
  await bot.stop();
  const first = await alice.send(missing, 'create missed');
  await Promise.all(Array.from({ length: 60 }, () => alice.react(missing, first, randomUUID())));
  return { first, last: await alice.send(missing, 'edit missed uses=7') };
}

/** The history of the room hangs. `asked` resolves with the first request. */
function hang(): { asked: Promise<void>; answer(): void } {
  const asked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<Fault>();
  const path = `/rooms/${encodeURIComponent(missing)}/messages`;
  proxy.intercept((request) => {
    if (!request.path.includes(path)) return undefined;
    asked.resolve();
    return held.promise;
  });
  return {
    asked: asked.promise,
    answer() {
      proxy.clear();
      held.resolve('drop');
    },
  };
}

async function expectAnsweredOnce(...commands: string[]): Promise<void> {
  for (const command of commands) await alice.waitForReply(missing, command);
  await alice.ask(missing, 'help');
  for (const command of commands) expect(alice.repliesTo(missing, command)).toHaveLength(1);
  const replies = alice.timeline(missing).filter((event) => event.getSender() === bot.userId);
  const order = replies.map(
    (event) => event.getOriginalContent()['m.relates_to']?.['m.in_reply_to']?.event_id,
  );
  expect(order.filter((eventId) => commands.includes(String(eventId)))).toEqual(commands);
}

test('other rooms are answered during that time, and the room in its order once it works', async () => {
  const { first, last } = await sendWhileOff();
  const { asked, answer } = hang();
  await bot.startProcess();
  await asked;
  await alice.ask(other, 'create elsewhere');
  const later = await alice.send(missing, 'show missed');
  // Of a later /sync.
  await alice.ask(other, 'show elsewhere');
  for (const command of [first, last, later]) expect(alice.repliesTo(missing, command)).toEqual([]);
  answer();
  await expectAnsweredOnce(first, last, later);
  const tokens = await server.admin.listTokens();
  expect(tokens.find(({ token }) => token === 'missed')?.uses_allowed).toBe(7);
});

test('killed before it was read, the bot reads it after the next start', async () => {
  const { first, last } = await sendWhileOff();
  const { asked, answer } = hang();
  await bot.startProcess();
  await asked;
  // By now the sync position is past what is missing.
  await alice.ask(other, 'help');
  await bot.kill();
  answer();
  await bot.startProcess();
  await expectAnsweredOnce(first, last);
});

test('stopped during that time, the bot ends at once and reads it after the next start', async () => {
  const { first, last } = await sendWhileOff();
  const { asked, answer } = hang();
  await bot.startProcess();
  await asked;
  const begun = performance.now();
  expect(await bot.stop()).toBe(0);
  expect(performance.now() - begun).toBeLessThan(3_000);
  answer();
  await bot.startProcess();
  await expectAnsweredOnce(first, last);
});
