import type { Problem } from '../../common/problems/problem.ts';
import type { AccessControl } from '../access/accessControl.ts';
import type { Actor } from '../access/actor.ts';
import type { Clock } from '../lib/clock.ts';
import type { WidgetRooms } from '../room-widget/widgetRooms.ts';
import type { StatusReport } from '../status/finding.ts';
import type { TokenRequest } from '../tokens/request.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { CommandName } from '../words/en/commands.ts';
import type { Words } from '../words/words.ts';
import type { CommitStep } from './commitStep.ts';
import type { Confirmations } from './confirmation/confirmations.ts';
import type { Rendered } from './reply/document.ts';

/** What a command runs with. */
export interface CommandContext {
  readonly actor: Actor;
  readonly roomId: string;
  /** The command's event; also the `ref` of its entries in the audit. */
  readonly eventId: string;
  /** Epoch ms. */
  readonly receivedAt: number;
  /** The event that the command replies to. */
  readonly repliesTo: string | undefined;
  readonly access: AccessControl;
  readonly tokens: Tokens;
  readonly confirmations: Confirmations;
  readonly widgets: Pick<WidgetRooms, 'where' | 'put'>;
  readonly clock: Clock;
  readonly serverName: string;
  readonly prefix: string;
  readonly words: Words;
  status(): Promise<StatusReport>;
  /** Sends the answer as a reply to the command and returns its event ID; for commands that continue afterwards. */
  answer(reply: Rendered): Promise<string>;
}

/** Of a command whose sender has access. */
export interface RestrictedContext extends CommandContext {
  /** `step` stores its values with the command’s inbox item. */
  readonly request: TokenRequest;
  readonly commitStep: CommitStep;
}

/** A transient failure after which the command should not simply be sent again: it may have taken effect. */
export class Unconfirmed extends Error {
  readonly problem: Problem;
  /** A full sentence. */
  readonly next: string;

  constructor(problem: Problem, next: string) {
    super(problem.message, { cause: problem });
    this.problem = problem;
    this.next = next;
  }
}

interface CommandDescription {
  /** What \`help\` says about it: \`commands\` in bot/words. */
  readonly name: CommandName;
}

interface Runs<Context> {
  /**
   * Returns the answer; undefined if it was sent already.
   * @throws Problem that becomes the answer; Unconfirmed
   */
  run(args: readonly string[], context: Context): Promise<Rendered | undefined>;
}

interface OpenCommand extends CommandDescription, Runs<CommandContext> {
  readonly restricted: false;
}

/** Only for people with access. */
interface RestrictedCommand extends CommandDescription, Runs<RestrictedContext> {
  readonly restricted: true;
}

export type Command = OpenCommand | RestrictedCommand;
