import type { Actor } from '../access/actor.ts';
import type { Clock } from '../lib/clock.ts';
import type { WidgetRooms } from '../room-widget/widgetRooms.ts';
import type { StatusReport } from '../status/finding.ts';
import type { CreationPlan, RegistrationService } from '../tokens/service.ts';
import type { Confirmations } from './deletion/confirmations.ts';
import type { Rendered } from './reply/document.ts';

/** What the command is carried out with. */
export interface CommandContext {
  readonly actor: Actor;
  readonly roomId: string;
  /** The command's event; also the `ref` of what it does. */
  readonly eventId: string;
  /** Epoch ms. */
  readonly receivedAt: number;
  /** The event that the command replies to. */
  readonly repliesTo: string | undefined;
  readonly service: RegistrationService;
  readonly confirmations: Confirmations;
  readonly widgets: Pick<WidgetRooms, 'where' | 'put'>;
  readonly clock: Clock;
  readonly serverName: string;
  readonly prefix: string;
  /**
   * Chooses what to do and writes it down before it is done: carried out again after a crash, the command gets back
   * what was chosen first.
   */
  plan(choose: () => Promise<CreationPlan>): Promise<CreationPlan>;
  /** The same for whatever else must not change between two tries, because the first may have told it. */
  remember<T>(choose: () => Promise<T>): Promise<T>;
  /** Changes the bot's own state once, in one transaction with its outcome, which is what a second try gets back. */
  once<T>(change: () => T): T;
  status(): Promise<StatusReport>;
  /** Sends the answer as a reply to the command and returns its event ID; for commands that go on after it. */
  answer(reply: Rendered): Promise<string>;
}

interface CommandExample {
  readonly line: string;
  readonly does: string;
}

export interface Command {
  readonly name: string;
  /** Arguments as `help` shows them. */
  readonly usage: string;
  /** One line: what it does. */
  readonly summary: string;
  readonly examples: readonly CommandExample[];
  /** Only for people with access. */
  readonly restricted: boolean;
  /**
   * The answer; undefined if it was sent already.
   * @throws Problem to be told to the person
   */
  run(args: readonly string[], context: CommandContext): Promise<Rendered | undefined>;
}
