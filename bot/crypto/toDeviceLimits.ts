// Limits the to-device messages that reach the OlmMachine (https://spec.matrix.org/v1.16/client-server-api/#send-to-device-messaging).
// Anybody who knows the bot's user ID can send it any number of them, without a room in common; the machine keeps what
// they bring, and answers some of them.
import { Budget, type Rate } from '../lib/budget.ts';
import type { Clock } from '../lib/clock.ts';
import { asObject } from '../matrix/json.ts';
import type { KeyChanges } from '../matrix/sync/syncResponse.ts';
import type { Log } from '../observability/log.ts';
import { type SenderClass, toDeviceDropped } from '../observability/observed.ts';

export interface ToDeviceLimitOptions {
  readonly ownUserId: string;
  readonly hasAccess: (userId: string) => boolean;
  /** Who has invited the bot to a room that it has not joined yet. */
  readonly inviters: () => readonly (string | undefined)[];
  /** Users who share an encrypted room with the bot, as far as is known at the start. */
  readonly sharing: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

interface ClassRates {
  readonly perSender: Rate;
  /** Of all senders of the class; undefined: not limited. */
  readonly inAll: Rate | undefined;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * A client sends a room key for each room, after 100 messages or a week, and after somebody left. `docs/security.md`
 * lists the numbers.
 */
export const RATES: Readonly<Record<SenderClass, ClassRates>> = {
  access: { perSender: { burst: 200, everyMs: 10 * SECOND_MS }, inAll: undefined },
  acquaintance: {
    perSender: { burst: 30, everyMs: 5 * MINUTE_MS },
    inAll: { burst: 300, everyMs: 30 * SECOND_MS },
  },
  // The key of somebody who has just invited the bot, or was invited to one of its rooms, may come before the news.
  stranger: {
    perSender: { burst: 5, everyMs: 10 * MINUTE_MS },
    inAll: { burst: 50, everyMs: MINUTE_MS },
  },
};

interface Dropped {
  readonly sender: string;
  readonly senderClass: SenderClass;
}

class ClassBudget {
  readonly #perSender: Budget;
  readonly #inAll: Budget | undefined;

  constructor({ perSender, inAll }: ClassRates, clock: Clock) {
    this.#perSender = new Budget(perSender, clock);
    this.#inAll = inAll === undefined ? undefined : new Budget(inAll, clock);
  }

  /** Whether one more may pass, which then counts. What does not pass costs nobody anything. */
  take(sender: string): boolean {
    if (!this.#perSender.has(sender) || this.#inAll?.has('') === false) return false;
    this.#perSender.take(sender);
    this.#inAll?.take('');
    return true;
  }
}

export class ToDeviceLimits {
  readonly #options: ToDeviceLimitOptions;
  readonly #budgets: Readonly<Record<SenderClass, ClassBudget>>;
  readonly #sharing: Set<string>;
  #dropped = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ToDeviceLimitOptions) {
    const { clock, sharing } = options;
    this.#options = options;
    this.#sharing = new Set(sharing);
    this.#budgets = {
      access: new ClassBudget(RATES.access, clock),
      acquaintance: new ClassBudget(RATES.acquaintance, clock),
      stranger: new ClassBudget(RATES.stranger, clock),
    };
  }

  /**
   * The messages of a sync answer that may be processed, in their order.
   * @param inviters of this answer
   */
  admit({ toDevice, changed, left }: KeyChanges, inviters: readonly (string | undefined)[]): unknown[] {
    // `changed` has whoever shares a room with the bot since the last answer, too.
    for (const userId of changed) this.#sharing.add(userId);
    for (const userId of left) this.#sharing.delete(userId);
    if (toDevice.length === 0) return [];
    const inviting = new Set([...inviters, ...this.#options.inviters()]);
    const dropped: Dropped[] = [];
    const admitted = toDevice.filter((message) => {
      const { sender } = asObject(message);
      if (typeof sender !== 'string') return false;
      const senderClass = this.#classOf(sender, inviting);
      if (this.#budgets[senderClass].take(sender)) return true;
      dropped.push({ sender, senderClass });
      return false;
    });
    this.#report(dropped);
    return admitted;
  }

  #classOf(sender: string, inviting: ReadonlySet<string | undefined>): SenderClass {
    const { ownUserId, hasAccess } = this.#options;
    if (sender === ownUserId || hasAccess(sender)) return 'access';
    return this.#sharing.has(sender) || inviting.has(sender) ? 'acquaintance' : 'stranger';
  }

  #report(dropped: readonly Dropped[]): void {
    const { clock, log } = this.#options;
    for (const { senderClass } of dropped) toDeviceDropped.emit({ senderClass });
    this.#dropped += dropped.length;
    if (dropped.length === 0 || clock() - this.#loggedAt < HOUR_MS) return;
    log.warn(
      { ...dropped[0], dropped: this.#dropped },
      'Encryption messages that were not wanted are ignored: their senders send too many.',
    );
    this.#dropped = 0;
    this.#loggedAt = clock();
  }
}
