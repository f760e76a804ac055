// kill -9 at each step of a command, just before and just after the homeserver has done it.

import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { BARE_BOT } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { killAt, STEPS, type Step } from './killAt.ts';
import { auditedTokens, deletionFaultsIn, faultsIn, type Spoken, spokenBy } from './ledger.ts';

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
  // The greeting is not what is counted.
  await alice.waitForEvent(
    roomId,
    (event) => event.getSender() === bot.userId && event.getType() === 'm.room.message',
    'the greeting',
  );
});

/** Lets the bot finish what it has to do after its last start, then ends it. */
async function endWith(lastEventId: string): Promise<Spoken> {
  await alice.waitForReply(roomId, lastEventId);
  const last = await alice.ask(roomId, 'no-such-command');
  expect(await bot.stop()).toBe(0);
  const { accessToken } = alice;
  const spoken = await spokenBy(bot.userId, { baseUrl: server.baseUrl, accessToken }, roomId);
  const index = spoken.answerIds.indexOf(last.eventId);
  spoken.answers.splice(index, 1);
  spoken.answerIds.splice(index, 1);
  return spoken;
}

async function onServer(): Promise<string[]> {
  return await server.tokenNames();
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
    const evidence = { asked: [{ eventId, command, count }], answers, onServer: await onServer() };
    expect(faultsIn({ ...evidence, audited: auditedTokens(bot.dataDir, 'create') })).toEqual([]);
  });

  test('with a name of its own, killed twice after it was done, is not told as existing already', async () => {
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
    expect(faultsIn({ asked, answers, onServer: await onServer(), audited })).toEqual([]);
    expect(answers[0]?.body).toContain('3 uses, never expires');
  });

  test.each(['before', 'after'] as const)(
    'that was refused stays refused, killed %s it is told',
    async (when) => {
      const { admin } = server;
      await admin.createToken({ token: 'party' });
      const killed = killAt(STEPS.reply, when, bot);
      const eventId = await alice.send(roomId, 'create party');
      await killed;
      // Carried out again now, it would create a token that the answer denies.
      await admin.deleteToken('party');
      await bot.startProcess();
      const { answers } = await endWith(eventId);
      expect(answers.map(({ body }) => body)).toEqual([
        expect.stringContaining('The token party exists already.'),
      ]);
      expect(await onServer()).toEqual([]);
    },
  );
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
    killed = asking ? undefined : kill();
    const confirmId = await alice.send(roomId, 'confirm');
    if (killed !== undefined) {
      await killed;
      await bot.startProcess();
    }
    const spoken = await endWith(confirmId);
    expect(spoken.reactions).toEqual([`${prompt.eventId} ✅`, `${prompt.eventId} ❌`]);
    return deletionFaultsIn({
      ...spoken,
      asked: [{ eventId, tokens, confirmId }],
      onServer: await onServer(),
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

  test.each(cases([STEPS.deletion, second(STEPS.deletion), STEPS.edit, STEPS.reply]))(
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
    expect(await onServer()).toEqual(['made-later']);
  });
});
