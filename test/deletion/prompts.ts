// Questions before a deletion, and ways to look at what became of them.
import { expect } from 'vitest';
import type { Person } from '../harness/person.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { relationOf } from '../harness/roomLog.ts';
import type { Reply } from '../harness/roomObserver.ts';
import type { TestServer } from '../harness/testServer.ts';

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
export async function settled(person: Person, roomId: string, bot: RestartableBot): Promise<void> {
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
export function recordedDeletions(bot: RestartableBot, tokens: readonly string[]): number[] {
  const entries = bot.store.audit.latest(10_000).filter(({ action }) => action === 'delete');
  return tokens.map((token) => entries.filter(({ subject }) => subject === token).length);
}

/** The prompt is still open: no answer counted. */
export async function expectStillOpen(
  server: TestServer,
  bot: RestartableBot,
  question: { person: Person; roomId: string; prompt: Reply; tokens: readonly string[] },
): Promise<void> {
  const { person, roomId, prompt, tokens } = question;
  await settled(person, roomId, bot);
  expect(editsOf(person, roomId, prompt.eventId)).toBe(0);
  expect(await existing(server, tokens)).toEqual(tokens);
}

/** Those of the tokens that the homeserver has. */
export async function existing({ admin }: TestServer, tokens: readonly string[]): Promise<string[]> {
  const there = new Set((await admin.listTokens()).map(({ token }) => token));
  return tokens.filter((token) => there.has(token));
}

let made = 0;

/** Creates tokens for five uses that no other test has, and returns their names. */
export async function newTokens({ admin }: TestServer, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, () => `token-${++made}`);
  for (const token of names) await admin.createToken({ token, uses_allowed: 5 });
  return names;
}

/** One token of `newTokens`. */
export async function newToken(server: TestServer): Promise<string> {
  const [token] = await newTokens(server, 1);
  if (token === undefined) throw new Error('No token was created.');
  return token;
}
