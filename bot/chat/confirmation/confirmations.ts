// What is done only once it is confirmed: by a reaction to the bot's question, or by `confirm` and `cancel`.
import * as z from 'zod/mini';
import { type Problem, problem } from '../../../common/problems/problem.ts';
import type { AccessControl } from '../../access/accessControl.ts';
import type { Actor } from '../../access/actor.ts';
import type { Clock } from '../../lib/clock.ts';
import { GivenUp } from '../../matrix/givenUp.ts';
import type { TypingNotifications } from '../../matrix/rooms/typing.ts';
import type { Log } from '../../observability/log.ts';
import type { Confirmation, ConfirmationKind, ConfirmationTable } from '../../store/confirmationTable.ts';
import { retryStoreFailures, storeProblem } from '../../store/fault.ts';
import type { Words } from '../../words/words.ts';
import type { CommitStep } from '../commitStep.ts';
import { type Rendered, renderedSchema } from '../reply/document.ts';
import { renderFixedReply } from '../reply/fixedReply.ts';
import type { RoomMessages } from '../reply/roomMessages.ts';
import { NO, OwnReactions, YES } from './ownReactions.ts';

/** The answer that a reaction's key stands for, if any. Ignores variation selectors (U+FE0E, U+FE0F). */
export function answerOf(key: string): 'yes' | 'no' | undefined {
  const emoji = key.replaceAll(/[\uFE0E\uFE0F]/g, '');
  if (emoji === YES) return 'yes';
  return emoji === NO ? 'no' : undefined;
}

/** `access_lost`: confirmed, but the requester may not manage tokens any more. */
export type ConfirmationEnd = 'confirmed' | 'cancelled' | 'expired' | 'access_lost';

/**
 * Does what was confirmed, and returns the reply that takes the question's place. Called again after a crash.
 * @throws no Problem
 */
type Conclude = (confirmation: Confirmation, end: ConfirmationEnd) => Promise<Rendered>;

export interface ConfirmationOptions {
  readonly table: ConfirmationTable;
  readonly access: AccessControl;
  readonly messages: RoomMessages;
  readonly words: Words;
  readonly conclude: Readonly<Record<ConfirmationKind, Conclude>>;
  readonly typing: Pick<TypingNotifications, 'during'>;
  /** ms */
  readonly timeout: number;
  /** Whether reactions count, too; otherwise answers are only typed. */
  readonly byReaction: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Runs a task of a room after those before it; it must not throw. */
  readonly inRoom: (roomId: string, task: () => Promise<void>) => void;
}

/** The command that asks the question. */
export interface AskingCommand {
  readonly actor: Actor;
  readonly roomId: string;
  /** Sends the question as a reply to the command and returns its event ID. */
  answer(question: Rendered): Promise<string>;
}

export type HowToAnswer = Pick<ConfirmationOptions, 'timeout' | 'byReaction'>;

/** The command that answers a question. */
export interface AnswerCommand {
  readonly actor: Actor;
  readonly roomId: string;
  /** The event that the command replies to. */
  readonly repliesTo: string | undefined;
  /** Epoch ms. */
  readonly receivedAt: number;
  readonly commitStep: CommitStep;
}

export class Confirmations {
  readonly #options: ConfirmationOptions;
  readonly #reactions: OwnReactions;
  /** Event IDs of prompts that have expired and are queued in their room to be closed. */
  readonly #expiring = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ConfirmationOptions) {
    this.#options = options;
    this.#reactions = new OwnReactions(options);
    options.signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
  }

  /** Finishes answered confirmations after a restart, and starts the timer of the open ones. */
  resume(): void {
    const { table, typing } = this.#options;
    for (const { roomId, promptEventId } of table.inState('confirmed', 'cancelled', 'expired')) {
      this.#inRoom(roomId, () => typing.during(roomId, () => this.#finish(promptEventId)));
    }
    for (const { roomId, promptEventId } of table.doneWithReactions()) {
      this.#redactReactions(roomId, promptEventId);
    }
    this.#schedule();
  }

  /** Resolves once the reactions to closed questions are redacted. */
  async idle(): Promise<void> {
    await this.#reactions.idle();
  }

  /**
   * Sends the question as a reply to the command, with ✅ and ❌ to react with, if reactions count.
   * @param request stored as JSON, until the question is answered and what it asks is done
   * @param question gets how and when it can be answered
   */
  async ask(
    command: AskingCommand,
    kind: ConfirmationKind,
    request: unknown,
    question: (how: HowToAnswer) => Rendered,
  ): Promise<void> {
    const { table, timeout, byReaction, clock } = this.#options;
    const promptEventId = await command.answer(question({ timeout, byReaction }));
    const { roomId, actor } = command;
    const createdAt = clock();
    table.add({
      promptEventId,
      roomId,
      requester: actor.userId,
      kind,
      request,
      createdAt,
      expiresAt: createdAt + timeout,
    });
    this.#schedule();
    // Stored before a crash, the question keeps its time.
    const since = table.get(promptEventId)?.createdAt ?? createdAt;
    if (byReaction) await this.#reactions.add(roomId, promptEventId, since);
  }

  /** Answers by reaction. Ignored unless it comes from the requester. @param receivedAt epoch ms */
  async react(reaction: {
    roomId: string;
    sender: string;
    eventId: string;
    answer: 'yes' | 'no';
    receivedAt: number;
  }): Promise<void> {
    const { table, typing } = this.#options;
    const confirmation = table.get(reaction.eventId);
    if (confirmation === undefined || confirmation.roomId !== reaction.roomId) return;
    if (confirmation.requester !== reaction.sender) return;
    if (confirmation.state === 'open')
      this.#answer(confirmation, reaction.answer === 'yes', reaction.receivedAt);
    await typing.during(reaction.roomId, () => this.#finish(confirmation.promptEventId));
  }

  /**
   * Answers the question replied to, or the latest open one. Returns its outcome; undefined: no question is open.
   * Which question was answered is stored with the answer, so that a retry of the command finds the same one.
   * @throws Problem `refused` if the question replied to is not this person's to answer (any more)
   */
  async answerByCommand(command: AnswerCommand, yes: boolean): Promise<Rendered | undefined> {
    const { receivedAt, commitStep } = command;
    const promptEventId = commitStep('answer', z.nullable(z.string()), () => {
      const confirmation = this.#meant(command);
      if (confirmation !== undefined) this.#answer(confirmation, yes, receivedAt);
      return confirmation?.promptEventId ?? null;
    });
    return promptEventId === null ? undefined : await this.#finish(promptEventId);
  }

  #meant({ actor, roomId, repliesTo }: AnswerCommand): Confirmation | undefined {
    const { table } = this.#options;
    const open = table.openOf(roomId, actor.userId);
    const asked = repliesTo === undefined ? undefined : table.get(repliesTo);
    if (asked === undefined) return open[0];
    const found = open.find(({ promptEventId }) => promptEventId === repliesTo);
    // A reply to a closed question must not answer another one.
    if (found === undefined) throw notToAnswer(asked, actor.userId);
    return found;
  }

  #answer(confirmation: Confirmation, yes: boolean, at: number): void {
    const { table } = this.#options;
    const { promptEventId, expiresAt } = confirmation;
    if (at >= expiresAt) table.answer(promptEventId, 'expired');
    else table.answer(promptEventId, yes ? 'confirmed' : 'cancelled');
    this.#schedule();
  }

  /** Runs what was answered and edits the question to show the outcome. Repeatable after a crash. */
  async #finish(promptEventId: string): Promise<Rendered | undefined> {
    const { table } = this.#options;
    const confirmation = table.get(promptEventId);
    if (confirmation === undefined || confirmation.state === 'open') return undefined;
    if (confirmation.state === 'done') return renderedSchema.parse(confirmation.reply);
    const outcome = await this.#outcomeOf(confirmation);
    await this.#show(confirmation, outcome);
    table.setDone(promptEventId, outcome);
    this.#redactReactions(confirmation.roomId, promptEventId);
    return outcome;
  }

  /** Begun in the room's queue, so that a typed word is replied to first. */
  #redactReactions(roomId: string, promptEventId: string): void {
    this.#inRoom(roomId, async () => this.#reactions.redact(roomId, promptEventId));
  }

  /** Falls back to a fixed text, then to none: what was confirmed is done in either case. */
  async #show({ roomId, promptEventId, createdAt }: Confirmation, outcome: Rendered): Promise<void> {
    const { messages, words, log } = this.#options;
    try {
      await messages.edit(roomId, promptEventId, outcome, 'outcome', createdAt);
    } catch (error) {
      const sentence = sentenceOfGivenUp(error);
      log.error({ roomId, promptEventId }, `Showing a fixed text instead of an outcome. ${sentence}`);
      await messages
        .edit(roomId, promptEventId, renderFixedReply(words, 'outcome'), 'outcome-instead', createdAt)
        .catch((failure) => log.error({ roomId, promptEventId }, sentenceOfGivenUp(failure)));
    }
  }

  async #outcomeOf(confirmation: Confirmation): Promise<Rendered> {
    const { access, conclude } = this.#options;
    const { kind, state, requester } = confirmation;
    if (state === 'expired' || state === 'cancelled') return await conclude[kind](confirmation, state);
    // Once it has begun, the outcome has to say what was done.
    const begun = confirmation.decision !== undefined;
    const end = begun || access.isAllowed(requester) ? 'confirmed' : 'access_lost';
    return await conclude[kind](confirmation, end);
  }

  #schedule(): void {
    const { table, clock, signal } = this.#options;
    clearTimeout(this.#timer);
    if (signal.aborted) return;
    const next = table
      .inState('open')
      .filter(({ promptEventId }) => !this.#expiring.has(promptEventId))
      .reduce((least, { expiresAt }) => Math.min(least, expiresAt), Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) return;
    // setTimeout takes at most 2^31 ms; #expire() schedules the rest.
    const delay = Math.min(Math.max(0, next - clock()), 2_000_000_000);
    this.#timer = setTimeout(() => this.#expire(), delay);
  }

  #expire(): void {
    const { table, clock } = this.#options;
    const now = clock();
    for (const { promptEventId, roomId, expiresAt } of table.inState('open')) {
      if (expiresAt > now || this.#expiring.has(promptEventId)) continue;
      this.#expiring.add(promptEventId);
      // Queued behind reactions that arrived in time.
      this.#inRoom(roomId, async () => {
        table.answer(promptEventId, 'expired');
        await this.#finish(promptEventId);
        this.#expiring.delete(promptEventId);
      });
    }
    // Timers may fire slightly early, and other questions expire later.
    this.#schedule();
  }

  #inRoom(roomId: string, task: () => Promise<unknown>): void {
    const { inRoom, log, signal } = this.#options;
    inRoom(roomId, async () => {
      await retryStoreFailures(log, signal, async () => {
        try {
          await task();
        } catch (error) {
          if (storeProblem(error) !== undefined) throw error;
          if (!signal.aborted) log.error({ err: error, roomId }, 'Could not finish a confirmation.');
        }
      });
    });
  }
}

/** Rethrows any other error. */
function sentenceOfGivenUp(error: unknown): string {
  if (error instanceof GivenUp) return error.sentence;
  throw error;
}

function notToAnswer({ requester }: Confirmation, userId: string): Problem {
  if (requester !== userId) return problem('question_of_another', { requester });
  return problem('question_closed');
}
