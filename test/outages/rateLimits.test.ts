// A homeserver with Synapse's own rate limits, which real ones have: after ten messages, one in five seconds, for the
// admin and for the bot alike. Nothing may get lost or be said twice because of them.
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBotForTest } from '../harness/botInRoom.ts';
import { Conversation } from '../harness/conversation.ts';
import { isSend } from '../harness/faults.ts';
import { expectNoSecrets, logged, WARN } from '../harness/logSearch.ts';
import { MatrixHttpError, requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { type CannedResponse, type ProxiedRequest, rateLimited } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';

/** Synapse's answers may take the bot as long as its burst of ten and five seconds for each event after that. */
const PATIENCE_MS = 60_000;

const server = useTestServer({ rateLimits: 'default' });
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice');
});

describe('Synapse’s default rate limits', () => {
  let bot: RestartableBot;
  let chat: Conversation;

  beforeAll(async () => {
    bot = await server.startBot();
    chat = await Conversation.start(alice, bot.userId);
  });

  test('slow down a burst of commands, but each is answered once and in order', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `burst-${index + 1}`);
    const commands: string[] = [];
    for (const name of names) commands.push(await send(`create ${name}`));
    const deletion = await send('delete burst-1 burst-2');
    const prompt = await chat.answerTo(deletion, { timeoutMs: PATIENCE_MS });
    await send('✅', prompt.eventId);
    const last = await send('help confirm');

    for (const [index, command] of commands.entries()) {
      expect((await chat.answerTo(command)).body).toContain(names[index]);
    }
    await alice.waitForReaction(chat.roomId, prompt.eventId, '✅', PATIENCE_MS);
    await alice.waitForReaction(chat.roomId, prompt.eventId, '❌', PATIENCE_MS);
    const edit = await alice.waitForEdit(chat.roomId, prompt.eventId, undefined, PATIENCE_MS);
    expect(edit.body).toContain('Deleted 2 tokens');
    await chat.answerTo(last, { timeoutMs: PATIENCE_MS });

    const asked = [...commands, deletion, last];
    expect(asked.map((command) => alice.repliesTo(chat.roomId, command).length)).toEqual(asked.map(() => 1));
    const order = alice
      .timeline(chat.roomId)
      .map((event) =>
        asked.findIndex((command) => alice.repliesTo(chat.roomId, command)[0]?.eventId === event.getId()),
      )
      .filter((index) => index >= 0);
    expect(order).toEqual(asked.map((_, index) => index));
    const tokens = (await server.admin.listTokens()).map(({ token }) => token).toSorted();
    expect(tokens).toEqual(names.slice(2));
    // Being rate-limited is no warning.
    expect(logged(bot, WARN)).toEqual([]);
    expectNoSecrets(bot.logLines, [...names, server.admin.accessToken, alice.accessToken]);
  }, 120_000);

  /** Sends a command, or a reaction, as soon as Synapse lets alice. */
  async function send(text: string, reactTo?: string): Promise<string> {
    const type = reactTo === undefined ? 'm.room.message' : 'm.reaction';
    const content =
      reactTo === undefined
        ? { msgtype: 'm.text', body: text }
        : { 'm.relates_to': { rel_type: 'm.annotation', event_id: reactTo, key: text } };
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(chat.roomId)}/send/${type}/${crypto.randomUUID()}`;
    for (;;) {
      try {
        const answer = await requestJson<{ event_id: string }>(server.baseUrl, 'PUT', path, {
          accessToken: alice.accessToken,
          body: content,
        });
        return answer.event_id;
      } catch (error) {
        if (!(error instanceof MatrixHttpError) || error.status !== 429) throw error;
        await wait(Number(error.body.retry_after_ms));
      }
    }
  }
});

describe('a rate limit', () => {
  const isJoin = ({ path }: ProxiedRequest) => path.startsWith('/_matrix/client/v3/join/');
  const htmlLimit: CannedResponse = {
    status: 429,
    headers: { 'retry-after': '1' },
    body: '<h1>Slow down</h1>',
  };

  test.each<[string, (request: ProxiedRequest) => boolean]>([
    ['joining a room', isJoin],
    ['sending', isSend],
  ])('on %s is waited out as long as it says', async (_, matches) => {
    const bob = await server.person(matches === isJoin ? 'bob' : 'carol');
    const { bot } = await startBotForTest(server, bob);
    const answers = [rateLimited(400), htmlLimit];
    const arrivals: number[] = [];
    bot.proxy.intercept((request) => {
      if (!matches(request)) return undefined;
      arrivals.push(performance.now());
      return answers.shift();
    });
    const { roomId, firstMessageId = '' } = await bob.startDirectRoom(bot.account.userId, {
      firstMessage: 'help list',
    });
    const chat = new Conversation(bob, roomId, bot.account.userId);
    await chat.answerTo(firstMessageId);
    const [first = 0, second = 0, third = 0] = arrivals;
    expect(second - first).toBeGreaterThanOrEqual(400);
    expect(third - second).toBeGreaterThanOrEqual(1_000);
    expect(await chat.answersTo(firstMessageId)).toEqual([1]);
  });
});
