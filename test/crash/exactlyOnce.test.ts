// Each command runs once and is answered once: when answers of the homeserver are lost, when the bot is
// stopped, and when the same event comes again.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Store } from '../../bot/store/store.ts';
import { spawnBot } from '../harness/botProcess.ts';
import type { Person } from '../harness/person.ts';
import { badGateway } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { BARE_BOT } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { STEPS, type Step } from './killAt.ts';

const SOON_MS = 3_000;
/** `docker stop` waits this long before it kills. */
const BEFORE_DOCKER_KILLS_MS = 10_000;

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice');
});

describe('when requests fail', () => {
  let bot: RestartableBot;
  let roomId: string;

  beforeAll(async () => {
    bot = await server.startBot({ proxied: true });
    roomId = await alice.roomWith(bot.userId);
  });

  afterEach(async () => {
    bot.proxy.clear();
    await server.admin.deleteAllTokens();
  });

  /** Intercepts the first requests of a kind, each in its own way. Returns how many there were so far. */
  function fail(
    step: Step,
    fault: 'drop' | 'drop-after' | ReturnType<typeof badGateway>,
    times = 1,
  ): () => number {
    let seen = 0;
    bot.proxy.intercept((request) => (step.matches(request) && ++seen <= times ? fault : undefined));
    return () => seen;
  }

  async function expectOneReply(eventId: string): Promise<string> {
    const reply = await alice.waitForReply(roomId, eventId);
    await alice.ask(roomId, 'help');
    expect(alice.repliesTo(roomId, eventId)).toHaveLength(1);
    return reply.body;
  }

  test.each(['create', 'create count=3', 'create with-a-name uses=7', 'create expires=never'])(
    'the answer to the creation is lost: %s makes its tokens once and is answered once',
    async (command) => {
      const requests = fail(STEPS.creation, 'drop-after');
      const body = await expectOneReply(await alice.send(roomId, command));
      const tokens = await server.tokenNames();
      expect(tokens).toHaveLength(command.endsWith('3') ? 3 : 1);
      for (const token of tokens) expect(body).toContain(token);
      expect(requests()).toBe(tokens.length + 1);
      const audited = bot.store.audit.latest(tokens.length).map(({ subject }) => subject);
      expect(audited.toSorted()).toEqual(tokens.toSorted());
    },
  );

  test('the answers to all creations of a command are lost, each once', async () => {
    let left = 3;
    const lost = new Set<string>();
    bot.proxy.intercept((request) => {
      if (!STEPS.creation.matches(request) || lost.has(request.body) || left === 0) return undefined;
      lost.add(request.body);
      left--;
      return 'drop-after';
    });
    const body = await expectOneReply(await alice.send(roomId, 'create count=2'));
    const tokens = await server.tokenNames();
    expect(tokens).toHaveLength(2);
    for (const token of tokens) expect(body).toContain(token);
  });

  test('the answer to sending the reply is lost: one reply', async () => {
    const requests = fail(STEPS.reply, 'drop-after', 2);
    await expectOneReply(await alice.send(roomId, 'create'));
    expect(requests()).toBeGreaterThanOrEqual(3);
    expect(await server.tokenNames()).toHaveLength(1);
  });

  test('the answer to the deletion is lost: the reply says that the token is deleted', async () => {
    await server.admin.createToken({ token: 'to-delete' });
    const prompt = await alice.ask(roomId, 'delete to-delete');
    const requests = fail(STEPS.deletion, 'drop-after');
    await alice.react(roomId, prompt.eventId, '✅');
    const { body } = await alice.waitForEdit(roomId, prompt.eventId);
    expect(requests()).toBe(2);
    expect(body).toContain('Deleted 1 token');
    expect(body).not.toContain('Gone already');
    expect(await server.tokenNames()).toEqual([]);
    const deletions = bot.store.audit.latest(1000).filter(({ action }) => action === 'delete');
    expect(deletions.map(({ subject }) => subject)).toEqual(['to-delete']);
  });

  test('the answer to the edit is lost: the prompt is edited once', async () => {
    await server.admin.createToken({ token: 'to-delete' });
    const prompt = await alice.ask(roomId, 'delete to-delete');
    const requests = fail(STEPS.edit, 'drop-after');
    await alice.react(roomId, prompt.eventId, '✅');
    await alice.waitForEdit(roomId, prompt.eventId);
    await alice.ask(roomId, 'help');
    expect(requests()).toBe(2);
    const edits = alice
      .timeline(roomId)
      .filter((event) => event.getWireContent()['m.relates_to']?.rel_type === 'm.replace')
      .filter((event) => event.getWireContent()['m.relates_to']?.event_id === prompt.eventId);
    expect(edits).toHaveLength(1);
  });

  test.each<[string, 'drop' | ReturnType<typeof badGateway>]>([
    ['cuts the connection', 'drop'],
    ['answers 502', badGateway()],
  ])('the token API at first %s: the command is answered when it works', async (_what, fault) => {
    fail(STEPS.creation, fault, 2);
    const body = await expectOneReply(await alice.send(roomId, 'create'));
    const [token, ...more] = await server.tokenNames();
    expect(more).toEqual([]);
    expect(body).toContain(`${token}`);
  });
});

describe('when the same event comes again', () => {
  test('after the sync position was lost, nothing is answered again', async () => {
    const bot = await server.startBot();
    const roomId = await alice.createRoom();
    // Written before the bot was there: not for it.
    const early = await alice.send(roomId, 'create');
    const redactions = () =>
      alice.timeline(roomId).filter((event) => event.getType() === 'm.room.redaction').length;
    await alice.invite(roomId, bot.userId);
    await alice.waitForMember(roomId, bot.userId, 'join');
    const command = await alice.send(roomId, 'create');
    await alice.waitForReply(roomId, command);
    await alice.ask(roomId, 'nonsense');
    const prompt = await alice.ask(roomId, `delete ${(await server.tokenNames())[0]}`);
    await alice.react(roomId, prompt.eventId, '✅');
    await alice.waitForEdit(roomId, prompt.eventId);
    await bot.stop();
    await alice.waitFor(roomId, () => redactions() === 2 || undefined, 'the reactions taken back');
    const said = () =>
      alice
        .timeline(roomId)
        .filter((event) => event.getSender() === bot.userId)
        .map((event) => `${event.getType()} ${JSON.stringify(event.getOriginalContent())}`);
    const before = said();

    const store = new Store(bot.dataDir);
    store.meta.delete('sync_token');
    store.close();
    await bot.start();
    await alice.ask(roomId, 'help');
    expect(said().slice(0, -1)).toEqual(before);
    expect(alice.repliesTo(roomId, early)).toEqual([]);
    expect(alice.repliesTo(roomId, command)).toHaveLength(1);
    expect(await server.tokenNames()).toEqual([]);
    await bot.stop();
  });
});

describe('processes', () => {
  test('a second bot on the same data folder says so in one sentence and exits; the first one keeps running', async () => {
    const bot = await server.bot(BARE_BOT);
    await bot.startProcess();
    const roomId = await alice.roomWith(bot.userId);
    const second = spawnBot(bot.settings());
    expect(await second.exited).toBe(1);
    const lines = second.output().trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      msg: expect.stringMatching(/^Another instance of the bot is running on the data folder .*\. .*\.$/),
    });
    expect((await alice.ask(roomId, 'create')).body).toContain('New registration token');
    expect(await bot.stop()).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends an idle bot with status 0 at once', async (signal) => {
    const bot = await server.bot(BARE_BOT);
    await bot.startProcess();
    const begun = performance.now();
    bot.process.kill(signal);
    expect(await bot.process.exited).toBe(0);
    expect(performance.now() - begun).toBeLessThan(SOON_MS);
  });

  test('SIGTERM ends a bot that waits for its homeserver since the start', async () => {
    const bot = await server.bot({ proxied: true, ...BARE_BOT });
    bot.proxy.intercept(() => 'drop');
    await bot.spawn().waitForOutput(/Could not sign in/);
    const begun = performance.now();
    expect(await bot.stop()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(SOON_MS);
  });

  test('SIGTERM while a command waits for the homeserver: the next start answers it', async () => {
    const bot = await server.bot({ proxied: true, ...BARE_BOT });
    await bot.startProcess();
    const roomId = await alice.roomWith(bot.userId);
    await server.admin.deleteAllTokens();
    const down = new Promise<void>((resolve) => {
      bot.proxy.intercept((request) => {
        if (STEPS.creation.matches(request)) {
          bot.proxy.intercept(() => 'drop');
          bot.proxy.cutConnections();
          resolve();
          return 'drop';
        }
        return undefined;
      });
    });
    const command = await alice.send(roomId, 'create count=2');
    await down;
    const begun = performance.now();
    expect(await bot.stop()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(BEFORE_DOCKER_KILLS_MS);
    expect(await server.tokenNames()).toEqual([]);
    bot.proxy.clear();
    await bot.startProcess();
    const { body } = await alice.waitForReply(roomId, command);
    for (const token of await server.tokenNames()) expect(body).toContain(token);
    expect(await server.tokenNames()).toHaveLength(2);
    await alice.ask(roomId, 'help');
    expect(alice.repliesTo(roomId, command)).toHaveLength(1);
    expect(await bot.stop()).toBe(0);
  });
});
