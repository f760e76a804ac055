// Processes the inbox: each item is run once, answered once and then marked as done, in the order of its room.
import { Problem, problem } from '../../../common/problems/problem.ts';
import type { AccessControl } from '../../access/accessControl.ts';
import type { Clock } from '../../lib/clock.ts';
import { GivenUp } from '../../matrix/givenUp.ts';
import { asObject } from '../../matrix/json.ts';
import { RateLimited } from '../../matrix/rooms/roomSender.ts';
import type { TypingNotifications } from '../../matrix/rooms/typing.ts';
import type { MatrixSession } from '../../matrix/session.ts';
import type { Log } from '../../observability/log.ts';
import { withRequestId } from '../../observability/log.ts';
import { commands } from '../../observability/observed.ts';
import type { WidgetRooms } from '../../room-widget/widgetRooms.ts';
import type { StatusReport } from '../../status/finding.ts';
import { retryStoreFailures, storeProblem } from '../../store/fault.ts';
import type { InboxItem } from '../../store/inbox.ts';
import type { Store } from '../../store/store.ts';
import type { RetryPolicy } from '../../tokens/request.ts';
import type { Tokens } from '../../tokens/tokens.ts';
import type { Words } from '../../words/words.ts';
import { type Command, type CommandContext, Unconfirmed } from '../command.ts';
import { COMMANDS } from '../commandList.ts';
import type { Confirmations } from '../confirmation/confirmations.ts';
import { nearest, splitCommand } from '../grammar.ts';
import { renderGreeting, renderUnknownCommand } from '../help/helpReply.ts';
import { type Rendered, renderedSchema, renderText } from '../reply/document.ts';
import { renderFixedReply } from '../reply/fixedReply.ts';
import type { RepliedTo, RoomMessages } from '../reply/roomMessages.ts';
import type { CommandTrust } from './commandTrust.ts';
import type { CommandContent, ReactionContent } from './roomEvents.ts';

import { stepsOf } from './steps.ts';

export interface InboxWorkerOptions {
  readonly store: Store;
  readonly access: AccessControl;
  readonly tokens: Tokens;
  readonly retries: RetryPolicy;
  readonly confirmations: Confirmations;
  /** undefined: commands are taken from any device. */
  readonly trust: CommandTrust | undefined;
  readonly widgets: WidgetRooms;
  readonly messages: RoomMessages;
  readonly typing: TypingNotifications;
  readonly homeserver: MatrixSession;
  readonly status: () => Promise<StatusReport>;
  readonly prefix: string;
  readonly words: Words;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export class InboxWorker {
  readonly #options: InboxWorkerOptions;

  constructor(options: InboxWorkerOptions) {
    this.#options = options;
  }

  /** Returns in how many ms to call it again, if `messages` does not wait for rate limits; undefined: it is done. */
  async work(item: InboxItem): Promise<number | undefined> {
    const { store, log, signal } = this.#options;
    // The item stays open in the inbox, and is processed at the next start.
    if (signal.aborted) return undefined;
    let retryInMs: number | undefined;
    await retryStoreFailures(log, signal, async () => {
      try {
        await withRequestId(item.id, () => this.#handle(item));
      } catch (error) {
        if (signal.aborted || storeProblem(error) !== undefined) throw error;
        if (error instanceof RateLimited) {
          retryInMs = error.retryAfterMs;
          return;
        }
        log.error({ err: error, roomId: item.roomId, eventId: item.id }, `Could not answer a ${item.kind}.`);
      }
      store.inbox.setDone(item.id);
    });
    return retryInMs;
  }

  /** Sends a fixed text if the homeserver does not accept the answer, also after a restart. */
  async #handle(item: InboxItem): Promise<void> {
    const { store, messages, words, log } = this.#options;
    const { id, kind, roomId, receivedAt } = item;
    if (!isGivenUp(item.answer)) {
      try {
        await this.#work(item);
        return;
      } catch (error) {
        if (!(error instanceof GivenUp)) throw error;
        log.error({ roomId, eventId: id }, `Sending a fixed text instead of an answer. ${error.sentence}`);
        store.inbox.setAnswer(id, GIVEN_UP);
        item.answer = GIVEN_UP;
      }
    }
    const inReplyTo = kind === 'command' ? id : undefined;
    await messages.sendFixedNotice(roomId, renderFixedReply(words, kind), id, receivedAt, inReplyTo);
  }

  async #work(item: InboxItem): Promise<void> {
    switch (item.kind) {
      case 'command':
        return await this.#command(item, item.content as CommandContent);
      case 'reaction': {
        // Reactions are never encrypted, so nothing tells which device they come from.
        if (this.#options.trust !== undefined) return;
        const { eventId, answer } = item.content as ReactionContent;
        const { roomId, sender, receivedAt } = item;
        return await this.#options.confirmations.react({ roomId, sender, eventId, answer, receivedAt });
      }
      case 'greeting':
        return await this.#greet(item);
    }
  }

  async #greet({ id, roomId, sender, receivedAt }: InboxItem): Promise<void> {
    const { access, messages, words, widgets } = this.#options;
    const mayManage = access.isAllowed(sender);
    await messages.sendNotice(
      roomId,
      renderGreeting(words, access.policy, sender, mayManage, 'address' in widgets.where),
      id,
      receivedAt,
    );
  }

  async #command(item: InboxItem, content: CommandContent): Promise<void> {
    const { store, typing, log } = this.#options;
    const to: RepliedTo = {
      roomId: item.roomId,
      eventId: item.id,
      threadRoot: content.threadRoot,
      receivedAt: item.receivedAt,
    };
    const { word, args } = splitCommand(content.text);
    const command = COMMANDS.find(({ name }) => name === word);
    if (content.inClear) {
      await this.#refuseClear(to, command?.name);
      return;
    }
    if (command === undefined) {
      await this.#hint(to, word, content);
      return;
    }
    if (store.rooms.get(item.roomId).hinted) store.rooms.update(item.roomId, { hinted: false });
    log.debug({ command: command.name, sender: item.sender, roomId: item.roomId }, 'Command');
    await typing.during(item.roomId, () => this.#reply(command, args, item, content, to));
  }

  async #reply(
    command: Command,
    args: readonly string[],
    item: InboxItem,
    content: CommandContent,
    to: RepliedTo,
  ): Promise<void> {
    const { store, messages, log } = this.#options;
    const answer = item.answer ?? (await this.#answer(command, args, item, content, to));
    if (answer === undefined) return;
    // Stored before it is sent, so that a retry after a restart sends the same answer.
    if (item.answer === undefined) store.inbox.setAnswer(item.id, answer);
    item.answer = answer;
    const reply = await messages.reply(to, renderedSchema.parse(answer));
    log.debug({ command: command.name, reply }, 'Answered');
  }

  /** Sent once in a room: whoever can send there in clear could make the bot send as many messages. */
  async #refuseClear(to: RepliedTo, name: string | undefined): Promise<void> {
    const { store, messages, words, log } = this.#options;
    const { roomId, eventId } = to;
    commands.emit({ name: name ?? 'unknown', outcome: 'refused' });
    log.warn({ roomId, eventId }, 'Not done: the message came in clear, although the room is encrypted.');
    if (store.rooms.get(roomId).clearReported) return;
    await messages.reply(to, renderText(words, words.messages.cameInClear));
    store.rooms.update(roomId, { clearReported: true });
  }

  /** Sent once until the next command. Prevents reply loops between bots. */
  async #hint(to: RepliedTo, word: string, content: CommandContent): Promise<void> {
    const { store, messages, words } = this.#options;
    commands.emit({ name: 'unknown', outcome: 'invalid_input' });
    // In a group another bot may have the same prefix.
    if (content.how === 'prefix' && !content.direct) return;
    if (store.rooms.get(to.roomId).hinted) return;
    const names = COMMANDS.map(({ name }) => name);
    await messages.reply(to, renderUnknownCommand(words, word, nearest(word, names)));
    store.rooms.update(to.roomId, { hinted: true });
  }

  async #answer(
    command: Command,
    args: readonly string[],
    item: InboxItem,
    content: CommandContent,
    to: RepliedTo,
  ): Promise<Rendered | undefined> {
    const { words, signal, log } = this.#options;
    const name = command.name;
    try {
      const answer = await this.#run(command, args, item, content, this.#context(item, content, to));
      commands.emit({ name, outcome: 'ok' });
      return answer;
    } catch (error) {
      const isForCaller =
        storeProblem(error) !== undefined || error instanceof GivenUp || error instanceof RateLimited;
      if (signal.aborted || isForCaller) throw error;
      const failure = error instanceof Unconfirmed ? error.problem : error;
      commands.emit({ name, outcome: failure instanceof Problem ? failure.kind : 'internal' });
      if (failure instanceof Problem) {
        log.info({ command: name, sender: item.sender, code: failure.kind }, `Not done: ${failure.kind}`);
        const next = failure.transient ? ` ${whatNext(error, words)}` : '';
        return renderText(words, words.general.problem(failure) + next);
      }
      log.error(
        { err: error, command: name, eventId: item.id },
        'A command failed through a fault of the bot.',
      );
      const fault = problem('fault_of_the_bot', { name: 'event ID', id: item.id });
      return renderText(words, words.general.problem(fault));
    }
  }

  async #run(
    command: Command,
    args: readonly string[],
    item: InboxItem,
    content: CommandContent,
    context: CommandContext,
  ): Promise<Rendered | undefined> {
    if (!command.restricted) return await command.run(args, context);
    const { access, trust, retries, store } = this.#options;
    const by = access.require(context.actor);
    await trust?.require(item, content);
    const { step, commitStep } = stepsOf(item, store);
    return await command.run(args, { ...context, request: { by, ref: item.id, retries, step }, commitStep });
  }

  #context(item: InboxItem, content: CommandContent, to: RepliedTo): CommandContext {
    const { access, tokens, confirmations, widgets, homeserver, messages, clock, prefix, words, status } =
      this.#options;
    return {
      actor: { userId: item.sender, via: 'chat' },
      roomId: item.roomId,
      eventId: item.id,
      receivedAt: item.receivedAt,
      repliesTo: content.repliesTo,
      access,
      tokens,
      confirmations,
      widgets,
      clock,
      serverName: homeserver.serverName,
      prefix,
      words,
      status,
      answer: (reply) => messages.reply(to, reply),
    };
  }
}

/** Stored as the answer of an item if the answer itself could not be sent. */
const GIVEN_UP = { givenUp: true } as const;

function isGivenUp(answer: unknown): boolean {
  return asObject(answer).givenUp === true;
}

/** The advice after a transient failure: nothing is retried once the failure was reported. */
function whatNext(error: unknown, { messages }: Words): string {
  return error instanceof Unconfirmed ? error.next : messages.thenSendAgain;
}
