// A direct chat with the bot in the terminal: what is typed is sent as the admin's message, what the bot says is printed.
import { createInterface, type Interface } from 'node:readline';
import { EventType, type MatrixEvent, RoomEvent } from 'matrix-js-sdk';
import type { Person } from '../harness/person.ts';
import { relationOf } from '../harness/roomLog.ts';

const YES = '✅';
const NO = '❌';
const PROMPT = 'you> ';
const QUESTION_WITHIN_MS = 1_000;

export interface DirectRoom {
  roomId: string;
  isNew: boolean;
}

/** Goes on with the direct room of an earlier run, or starts one. Resolves once the bot is in it. */
export async function openDirectRoom(admin: Person, botId: string): Promise<DirectRoom> {
  const earlier = earlierRoom(admin, botId);
  const roomId = earlier ?? (await admin.startDirectRoom(botId)).roomId;
  await admin.waitForMember(roomId, botId, 'join');
  return { roomId, isNew: earlier === undefined };
}

export class TerminalChat {
  readonly #admin: Person;
  readonly #botId: string;
  readonly #roomId: string;
  readonly #lines: Interface;

  private constructor(admin: Person, botId: string, roomId: string) {
    this.#admin = admin;
    this.#botId = botId;
    this.#roomId = roomId;
    this.#lines = createInterface({ input: process.stdin, output: process.stdout, prompt: PROMPT });
  }

  /** `onEnd`: Ctrl-C, Ctrl-D or `quit`. */
  static open(admin: Person, botId: string, room: DirectRoom, onEnd: () => void): TerminalChat {
    const chat = new TerminalChat(admin, botId, room.roomId);
    chat.#start(onEnd);
    // What was said in an earlier run is not said again.
    if (room.isNew) for (const event of admin.timeline(room.roomId)) chat.#show(event);
    return chat;
  }

  close(): void {
    this.#lines.close();
  }

  #start(onEnd: () => void): void {
    this.#admin.client.on(RoomEvent.Timeline, (event) => {
      if (event.getRoomId() === this.#roomId) this.#show(event);
    });
    this.#lines.on('line', (line) => void this.#take(line.trim(), onEnd));
    this.#lines.once('SIGINT', onEnd);
    this.#lines.once('close', onEnd);
    this.#lines.prompt();
  }

  async #take(line: string, onEnd: () => void): Promise<void> {
    try {
      if (line === 'quit' || line === 'exit') return onEnd();
      if (line === 'yes' || line === YES) await this.#answer(YES);
      else if (line === 'no' || line === NO) await this.#answer(NO);
      else if (line !== '') await this.#admin.send(this.#roomId, line);
    } catch (error) {
      this.#print(`Not sent: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#lines.prompt();
  }

  async #answer(key: string): Promise<void> {
    const look = () => this.#question();
    // Who types fast is ahead of the bot's own reactions.
    const question = await this.#admin
      .waitFor(this.#roomId, look, 'a question', QUESTION_WITHIN_MS)
      .catch(() => undefined);
    if (question === undefined) this.#print('The bot asks nothing right now. Try: delete TOKEN');
    else await this.#admin.react(this.#roomId, question, key);
  }

  #show(event: MatrixEvent): void {
    if (event.getSender() !== this.#botId || event.getType() !== EventType.RoomMessage) return;
    const content = event.getOriginalContent<Record<string, unknown>>();
    const edited = content['m.new_content'] as { body?: unknown } | undefined;
    if (edited === undefined) this.#print(indent('bot> ', String(content.body)));
    else this.#print(indent('bot> ', `(changed its message) ${edited.body}`));
  }

  /** The bot's latest question that is not answered yet: a message that it reacted to itself, and did not edit since. */
  #question(): string | undefined {
    const own = this.#admin.timeline(this.#roomId).filter((event) => event.getSender() === this.#botId);
    const asked = own.findLast((event) => relationOf(event)?.key === YES);
    const question = asked && relationOf(asked)?.event_id;
    const answered = own.some((event) => {
      const relation = relationOf(event);
      return relation?.rel_type === 'm.replace' && relation.event_id === question;
    });
    return answered ? undefined : question;
  }

  /** Above the line that is being typed. */
  #print(text: string): void {
    process.stdout.write(`\r\x1b[K${text}\n`);
    this.#lines.prompt(true);
  }
}

function earlierRoom(admin: Person, botId: string): string | undefined {
  const direct: Record<string, string[]> = admin.client.getAccountData(EventType.Direct)?.getContent() ?? {};
  return direct[botId]?.find((roomId) => {
    const room = admin.client.getRoom(roomId);
    const membership = room?.getMember(botId)?.membership;
    return room?.getMyMembership() === 'join' && (membership === 'join' || membership === 'invite');
  });
}

function indent(mark: string, text: string): string {
  return text
    .split('\n')
    .map((line, index) => (index === 0 ? mark : ' '.repeat(mark.length)) + line)
    .join('\n');
}
