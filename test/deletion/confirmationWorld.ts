// What the tests of confirmations share: a homeserver, the bot on it, people, and ways to look at what became of a
// prompt.
import { expect } from 'vitest';
import { startTestBot, type TestBot, type TestBotOptions, temporaryDataDir } from '../harness/bot.ts';
import { Person } from '../harness/person.ts';
import { relationOf } from '../harness/roomLog.ts';
import type { Reply } from '../harness/roomObserver.ts';
import { type Synapse, startSynapse } from '../harness/synapse.ts';
import { SynapseAdmin } from '../harness/synapseAdmin.ts';
import type { RegisteredUser } from '../harness/users.ts';

export const MINUTE = 60_000;

/** The time as the bot sees it, moved on by the test. */
export class MovableClock {
  #ahead = 0;
  readonly now = (): number => Date.now() + this.#ahead;

  advance(ms: number): void {
    this.#ahead += ms;
  }
}

export interface World extends AsyncDisposable {
  readonly synapse: Synapse;
  readonly admin: SynapseAdmin;
  /** Both from the bot's homeserver. */
  readonly alice: Person;
  readonly bob: Person;
  /** Starts a bot with an account and a data folder of its own. It is stopped at the end. */
  newBot(options?: TestBotOptions): Promise<BotOfTest>;
}

/** A bot that can be stopped and started again as the same one. */
export interface BotOfTest {
  readonly userId: string;
  readonly current: TestBot;
  stop(): Promise<void>;
  start(options?: TestBotOptions): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const synapse = await startSynapse();
  const owner = await synapse.registerUser('owner', undefined, { admin: true });
  const alice = await Person.withCredentials(synapse.baseUrl, await synapse.registerUser('alice'));
  const bob = await Person.withCredentials(synapse.baseUrl, await synapse.registerUser('bob'));
  const bots: BotOfTest[] = [];
  return {
    synapse,
    admin: new SynapseAdmin(synapse.baseUrl, owner.accessToken),
    alice,
    bob,
    async newBot(options = {}) {
      const account = await synapse.registerUser(`regbot${bots.length}`, undefined, { admin: true });
      const bot = await startBotOfTest(synapse, account, options);
      bots.push(bot);
      return bot;
    },
    async [Symbol.asyncDispose]() {
      alice.stop();
      bob.stop();
      await Promise.all(bots.map((bot) => bot.stop()));
      await synapse.dispose();
    },
  };
}

async function startBotOfTest(
  synapse: Synapse,
  account: RegisteredUser,
  options: TestBotOptions,
): Promise<BotOfTest> {
  const dataDir = temporaryDataDir();
  const start = (more: TestBotOptions) =>
    startTestBot(
      synapse.baseUrl,
      { username: account.localpart, password: account.password },
      { dataDir, ...options, ...more },
    );
  let current = await start({});
  let running = true;
  return {
    userId: account.userId,
    get current() {
      return current;
    },
    async stop() {
      if (!running) return;
      running = false;
      await current.stop();
    },
    async start(more = {}) {
      current = await start(more);
      running = true;
    },
  };
}

/** A direct room with the bot, which has joined it. */
export async function directRoom(person: Person, bot: BotOfTest): Promise<string> {
  const { roomId } = await person.startDirectRoom(bot.userId);
  await person.waitForMember(roomId, bot.userId, 'join');
  return roomId;
}

/** A room with the bot and others, all of whom have joined. */
export async function groupRoom(person: Person, bot: BotOfTest, others: readonly Person[]): Promise<string> {
  const roomId = await person.createRoom({ invite: [bot.userId, ...others.map(({ userId }) => userId)] });
  for (const other of others) {
    await other.waitForMember(roomId, other.userId, 'invite');
    await other.join(roomId);
    await person.waitForMember(roomId, other.userId, 'join');
  }
  await person.waitForMember(roomId, bot.userId, 'join');
  return roomId;
}

/** Sends a command that asks back, and waits until the bot has put its two reactions under the prompt. */
export async function askToDelete(
  person: Person,
  roomId: string,
  command: string,
  mentions: string[] = [],
): Promise<Reply> {
  const prompt = await person.ask(roomId, command, { mentions });
  await person.waitForReaction(roomId, prompt.eventId, '✅');
  await person.waitForReaction(roomId, prompt.eventId, '❌');
  return prompt;
}

/** Resolves once the bot has worked off everything that was sent in the room before, and the person has seen it. */
export async function settled(person: Person, roomId: string, bot: BotOfTest): Promise<void> {
  await person.ask(roomId, 'help', { mentions: [bot.userId] });
}

/** How often a message has been edited, as its room shows. */
export function editsOf(person: Person, roomId: string, eventId: string): number {
  return person.timeline(roomId).filter((event) => {
    const relation = relationOf(event);
    return relation?.rel_type === 'm.replace' && relation.event_id === eventId;
  }).length;
}

/** The new text of a prompt, as soon as it has one. */
export async function outcomeOf(person: Person, roomId: string, prompt: Reply): Promise<string> {
  const content = await person.waitForEdit(roomId, prompt.eventId);
  return String(content.body);
}

/** How often the bot recorded each of these tokens as deleted. */
export function recordedDeletions(bot: BotOfTest, tokens: readonly string[]): number[] {
  const entries = bot.current.store.audit.latest(10_000).filter(({ action }) => action === 'delete');
  return tokens.map((token) => entries.filter(({ subject }) => subject === token).length);
}

/** The prompt still asks: nobody's answer counted. */
export async function expectStillOpen(
  world: World,
  bot: BotOfTest,
  question: { person: Person; roomId: string; prompt: Reply; tokens: readonly string[] },
): Promise<void> {
  const { person, roomId, prompt, tokens } = question;
  await settled(person, roomId, bot);
  expect(editsOf(person, roomId, prompt.eventId)).toBe(0);
  expect(await existing(world, tokens)).toEqual(tokens);
}

/** Those of the tokens that the homeserver has. */
export async function existing({ admin }: World, tokens: readonly string[]): Promise<string[]> {
  const there = new Set((await admin.listTokens()).map(({ token }) => token));
  return tokens.filter((token) => there.has(token));
}

let made = 0;

/** Creates tokens for five uses that no other test has, and returns their names. */
export async function newTokens({ admin }: World, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, () => `token-${++made}`);
  for (const token of names) await admin.createToken({ token, uses_allowed: 5 });
  return names;
}

/** One token of `newTokens`. */
export async function newToken(world: World): Promise<string> {
  const [token] = await newTokens(world, 1);
  if (token === undefined) throw new Error('No token was created.');
  return token;
}
