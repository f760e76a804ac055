// A person and the bot in a room, and what every answer there looks like.
import { expect } from 'vitest';
import type { Person, SendOptions } from './person.ts';
import type { Reply } from './roomObserver.ts';
import type { TestServer } from './testServer.ts';

/** A room of one person and the bot, as Element makes it. */
export class Conversation {
  readonly person: Person;
  readonly roomId: string;
  readonly botId: string;

  constructor(person: Person, roomId: string, botId: string) {
    this.person = person;
    this.roomId = roomId;
    this.botId = botId;
  }

  /** Resolves once the bot has joined and greeted. */
  static async start(
    person: Person,
    botId: string,
    options: { encrypted?: boolean } = {},
  ): Promise<Conversation> {
    const { roomId } = await person.startDirectRoom(botId, options);
    const conversation = new Conversation(person, roomId, botId);
    await conversation.greeting();
    return conversation;
  }

  /** The first notice of the bot that is no reply. */
  async greeting(): Promise<string> {
    const event = await this.person.waitForEvent(this.roomId, (e) => this.#isSaid(e), 'the greeting');
    return String(event.getOriginalContent().body);
  }

  greetings(): string[] {
    return this.person
      .timeline(this.roomId)
      .filter((event) => this.#isSaid(event))
      .map((event) => String(event.getOriginalContent().body));
  }

  async send(text: string, options: SendOptions = {}): Promise<string> {
    return await this.person.send(this.roomId, text, options);
  }

  /** Sends a command and waits for its answer, which has the form that every answer has. */
  async ask(text: string, options: SendOptions & { timeoutMs?: number } = {}): Promise<Reply> {
    const commandId = await this.send(text, options);
    return await this.answerTo(commandId, options);
  }

  async answerTo(commandId: string, options: { timeoutMs?: number } = {}): Promise<Reply> {
    const reply = await this.person.waitForReply(this.roomId, commandId, { ...options, from: this.botId });
    expectForm(reply);
    return reply;
  }

  /**
   * How many answers each of these messages got. They are handled in order: once a command sent after them is
   * answered, what has no answer gets none.
   */
  async answersTo(...eventIds: string[]): Promise<number[]> {
    await this.ask('help help', { mentions: [this.botId] });
    return eventIds.map((eventId) => this.person.repliesTo(this.roomId, eventId).length);
  }

  #isSaid(event: ReturnType<Person['timeline']>[number]): boolean {
    const { msgtype, 'm.relates_to': relation } = event.getOriginalContent();
    return event.getSender() === this.botId && msgtype === 'm.notice' && relation === undefined;
  }
}

/** A notice that pings nobody, in plain text and in HTML that say the same. */
function expectForm({ content, body, html }: Reply): void {
  expect(content).toMatchObject({
    msgtype: 'm.notice',
    format: 'org.matrix.custom.html',
    'm.mentions': {},
  });
  expect(wordsOfHtml(html ?? '')).toBe(wordsOf(body));
}

/** Sends a command that is answered with `words` and leaves the server's tokens as they are. */
export async function expectRefusal(
  server: TestServer,
  chat: Conversation,
  command: string,
  words: string | RegExp,
): Promise<void> {
  const before = await server.tokens();
  const { body } = await chat.ask(command);
  expect(body).toMatch(words);
  expect(body).not.toMatch(/went wrong|undefined|\[object|NaN|Invalid input/);
  expect(await server.tokens()).toEqual(before);
}

/** Without what only plain text needs to mark commands, list items and columns. */
function wordsOf(text: string): string {
  return text.replaceAll(/[\s“”•·]/g, '');
}

/** What a person reads of HTML; the head of a table is there only in HTML. */
function wordsOfHtml(html: string): string {
  const text = html
    .replaceAll(/<thead>.*?<\/thead>/gs, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
  return wordsOf(text);
}
