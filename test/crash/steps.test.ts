// kill -9 at each step of a command, just before and just after the homeserver has done it.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { BARE_BOT } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { killAt, STEPS, type Step } from './killAt.ts';
import { auditedTokens, deletionFaultsIn, eventsSentBy, faultsIn, type SentEvents } from './ledger.ts';

const server = useTestServer();
let alice: Person;
let bot: RestartableBot;
let roomId: string;

beforeAll(async () => {
  alice = await server.person('alice');
});

beforeEach(async () => {
  await server.admin.deleteAllTokens();
  bot = await server.bot({ proxied: true, ...BARE_BOT });
  await bot.startProcess();
  roomId = await alice.roomWith(bot.userId);
  // The greeting does not count.
  await alice.waitForEvent(
    roomId,
    (event) => event.getSender() === bot.userId && event.getType() === 'm.room.message',
    'the greeting',
  );
});

/** Lets the bot finish what it has to do after its last start, then ends it. */
async function endWith(lastEventId: string): Promise<SentEvents> {
  await alice.waitForReply(roomId, lastEventId);
  const last = await alice.ask(roomId, 'no-such-command');
  expect(await bot.stop()).toBe(0);
  const { accessToken } = alice;
  const sent = await eventsSentBy(bot.userId, { baseUrl: server.baseUrl, accessToken }, roomId);
  const index = sent.answerIds.indexOf(last.eventId);
  sent.answers.splice(index, 1);
  sent.answerIds.splice(index, 1);
  return sent;
}

const second = (step: Step): Step => ({ ...step, name: `${step.name} (the second)`, nth: 2 });

describe('a creation', () => {
  test.each<[string, 'before' | 'after', Step, string, number]>(
    (['before', 'after'] as const).flatMap((when) =>
      [STEPS.creation, second(STEPS.creation), STEPS.reply].map(
        (step) => [step.name, when, step, 'create count=2', 2] as [string, typeof when, Step, string, number],
      ),
    ),
  )('killed at %s, %s it is done', async (_name, when, step, command, count) => {
    const killed = killAt(step, when, bot);
    const eventId = await alice.send(roomId, command);
    await killed;
    await bot.startProcess();
    const { answers } = await endWith(eventId);
    const evidence = { asked: [{ eventId, command, count }], answers, onServer: await server.tokenNames() };
    expect(faultsIn({ ...evidence, audited: auditedTokens(bot.dataDir, 'create') })).toEqual([]);
  });

  test('with a chosen name, killed twice after it was done, is not reported as existing already', async () => {
    let killed = killAt(STEPS.creation, 'after', bot);
    const eventId = await alice.send(roomId, 'create summer-party uses=3 expires=never');
    await killed;
    killed = killAt(STEPS.reply, 'before', bot);
    bot.spawn();
    await killed;
    await bot.startProcess();
    const { answers } = await endWith(eventId);
    const asked = [{ eventId, command: 'create summer-party', count: 1 }];
    const audited = auditedTokens(bot.dataDir, 'create');
    expect(faultsIn({ asked, answers, onServer: await server.tokenNames(), audited })).toEqual([]);
    expect(answers[0]?.body).toContain('3 uses, never expires');
  });

  test.each(['before', 'after'] as const)(
    'that was refused stays refused, killed %s the reply',
    async (when) => {
      const { admin } = server;
      await admin.createToken({ token: 'party' });
      const killed = killAt(STEPS.reply, when, bot);
      const eventId = await alice.send(roomId, 'create party');
      await killed;
      // Run again now, it would create a token that the answer denies.
      await admin.deleteToken('party');
      await bot.startProcess();
      const { answers } = await endWith(eventId);
      expect(answers.map(({ body }) => body)).toEqual([
        expect.stringContaining('The token party exists already.'),
      ]);
      expect(await server.tokenNames()).toEqual([]);
    },
  );
});

describe('an edit', () => {
  const command = 'edit party uses=5 expires=1h';
  const hour = 3_600_000;

  /** The limits in the bot's last request before it was killed. */
  function setByBot(): { uses_allowed: number; expiry_time: number } {
    const request = bot.proxy.requests.findLast(STEPS.update.matches);
    return JSON.parse(request?.body ?? '{}');
  }

  /** Sends the edit of a token with 2 uses and no expiry; resolves when the bot is gone. */
  async function sendWithKill(step: Step, when: 'before' | 'after'): Promise<string> {
    const { admin } = server;
    await admin.createToken({ token: 'party', uses_allowed: 2, expiry_time: null });
    const killed = killAt(step, when, bot);
    const eventId = await alice.send(roomId, command);
    await killed;
    return eventId;
  }

  test.each(
    (['before', 'after'] as const).flatMap((when) =>
      [STEPS.update, STEPS.reply].map((step) => [step.name, when, step] as [string, typeof when, Step]),
    ),
  )('killed at %s, %s it is done, is done once, and its expiry does not move', async (_name, when, step) => {
    const sentAt = Date.now();
    const eventId = await sendWithKill(step, when);
    const wanted = setByBot();
    expect(wanted.uses_allowed).toBe(5);
    expect(wanted.expiry_time - hour).toBeGreaterThanOrEqual(sentAt);
    await bot.startProcess();
    const { answers } = await endWith(eventId);
    expect(answers.map(({ body }) => body)).toEqual([expect.stringContaining('Changed party: 5 uses')]);
    expect(await server.admin.getToken('party')).toMatchObject(wanted);
    expect(setByBot()).toEqual(wanted);
    expect(auditedTokens(bot.dataDir, 'edit')).toEqual(['party']);
    const changes = bot.proxy.requests.filter(STEPS.update.matches);
    expect(
      changes.filter(({ headers }) => headers.authorization?.endsWith(bot.account.accessToken)),
    ).toHaveLength(step === STEPS.update && when === 'before' ? 2 : 1);
  });

  test.each<[string, 'before' | 'after', { uses_allowed?: number; expiry_time?: number | null }]>([
    ['undone in part', 'after', { uses_allowed: 2 }],
    ['changed otherwise', 'after', { uses_allowed: 9, expiry_time: null }],
    ['changed before it was done', 'before', { uses_allowed: 9 }],
  ])(
    'that another admin has %s while the bot was down is reported as a conflict',
    async (_how, when, theirs) => {
      const eventId = await sendWithKill(STEPS.update, when);
      const left = await server.admin.updateToken('party', theirs);
      await bot.startProcess();
      const { answers } = await endWith(eventId);
      expect(answers.map(({ body }) => body)).toEqual([
        expect.stringContaining('Somebody else has changed this token meanwhile. Look at how it stands now'),
      ]);
      expect(await server.admin.getToken('party')).toMatchObject({
        uses_allowed: left.uses_allowed,
        expiry_time: left.expiry_time,
      });
      expect(auditedTokens(bot.dataDir, 'edit')).toEqual([]);
    },
  );

  test('of a token that another admin has deleted meanwhile says so', async () => {
    const eventId = await sendWithKill(STEPS.update, 'after');
    await server.admin.deleteToken('party');
    await bot.startProcess();
    const { answers } = await endWith(eventId);
    expect(answers.map(({ body }) => body)).toEqual([
      expect.stringContaining('Somebody else has deleted this token meanwhile.'),
    ]);
    expect(await server.tokenNames()).toEqual([]);
  });
});

describe('a confirmed deletion', () => {
  /** Both tokens are named in one command and confirmed by word, so that there is an outcome and an answer. */
  async function deleteWithKill(step: Step, when: 'before' | 'after', asking: boolean): Promise<string[]> {
    const { admin } = server;
    const tokens = ['first', 'second'];
    for (const token of tokens) await admin.createToken({ token, uses_allowed: 1 });
    const kill = () => killAt(step, when, bot);
    let killed = asking ? kill() : undefined;
    const eventId = await alice.send(roomId, `delete ${tokens.join(' ')}`);
    if (killed !== undefined) {
      await killed;
      await bot.startProcess();
    }
    const prompt = await alice.waitForReply(roomId, eventId);
    await alice.waitForReaction(roomId, prompt.eventId, '❌');
    expect(alice.reactionsOn(roomId, prompt.eventId).map(({ key }) => key)).toEqual(['✅', '❌']);
    killed = asking ? undefined : kill();
    const confirmId = await alice.send(roomId, 'confirm');
    if (killed !== undefined) {
      await killed;
      await bot.startProcess();
    }
    const sent = await endWith(confirmId);
    return deletionFaultsIn({
      ...sent,
      asked: [{ eventId, tokens, confirmId }],
      onServer: await server.tokenNames(),
      audited: auditedTokens(bot.dataDir, 'delete'),
    });
  }

  const when = ['before', 'after'] as const;
  const cases = (steps: Step[]) =>
    when.flatMap((w) => steps.map((step) => [step.name, w, step] as [string, typeof w, Step]));

  test.each(cases([STEPS.reply, STEPS.reaction, second(STEPS.reaction)]))(
    'killed while asking at %s, %s it is done',
    async (_name, w, step) => {
      expect(await deleteWithKill(step, w, true)).toEqual([]);
    },
  );

  const { deletion, edit, reply, redaction } = STEPS;
  test.each(cases([deletion, second(deletion), edit, reply, redaction, second(redaction)]))(
    'killed while deleting at %s, %s it is done',
    async (_name, w, step) => {
      expect(await deleteWithKill(step, w, false)).toEqual([]);
    },
  );

  test('deletes what the prompt showed, not what there is after the restart', async () => {
    const { admin } = server;
    await admin.createToken({ token: 'shown' });
    const killed = killAt(STEPS.reply, 'after', bot);
    const eventId = await alice.send(roomId, 'delete-all');
    await killed;
    await admin.createToken({ token: 'made-later' });
    await bot.startProcess();
    const prompt = await alice.waitForReply(roomId, eventId);
    expect(prompt.body).toContain('Delete 1 token?');
    await alice.waitForReaction(roomId, prompt.eventId, '❌');
    await endWith(await alice.send(roomId, 'confirm'));
    expect(await server.tokenNames()).toEqual(['made-later']);
  });
});
