// The order of the work: items of people with access first, in the order of their room; those of others once nobody with
// access waits in any room, one at a time.
import { wait } from '../../lib/clock.ts';
import type { KeyedQueue } from '../../lib/keyedQueue.ts';
import type { InboxItem } from '../../store/inbox.ts';

export interface LaneOptions {
  readonly queues: Pick<KeyedQueue, 'run'>;
  readonly hasAccess: (userId: string) => boolean;
  /** Must not throw. */
  readonly work: (item: InboxItem) => Promise<void>;
  /**
   * Works for people without access: does not wait for rate limits, because its room waits with it.
   * @returns in how many ms to try again; undefined: it is done. Must not throw.
   */
  readonly workLast: (item: InboxItem) => Promise<number | undefined>;
  readonly signal: AbortSignal;
}

export class Lanes {
  readonly #options: LaneOptions;
  /** Items of people with access that are not done. */
  #first = 0;
  /** Items of people without access. Their quota bounds it. */
  readonly #last: InboxItem[] = [];
  /** One of them is worked on, or the homeserver limits the bot. */
  #isLastBusy = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  add(item: InboxItem): void {
    if (this.#options.hasAccess(item.sender)) this.#runFirst(item);
    else this.#last.push(item);
    this.#next();
  }

  #runFirst(item: InboxItem): void {
    const { queues, work } = this.#options;
    this.#first++;
    void queues.run(item.roomId, async () => {
      await work(item);
      this.#first--;
      this.#next();
    });
  }

  #next(): void {
    if (this.#first > 0 || this.#isLastBusy) return;
    const item = this.#last.shift();
    if (item === undefined) return;
    // Access may have been given since.
    if (this.#options.hasAccess(item.sender)) {
      this.#runFirst(item);
      return;
    }
    this.#isLastBusy = true;
    void this.#runLast(item);
  }

  async #runLast(item: InboxItem): Promise<void> {
    const { queues, workLast, signal } = this.#options;
    const retryInMs = await queues.run(item.roomId, () => workLast(item));
    if (retryInMs !== undefined) {
      this.#last.unshift(item);
      await wait(retryInMs, signal).catch(() => undefined);
    }
    // The items stay open in the inbox, and are processed at the next start.
    if (signal.aborted) return;
    this.#isLastBusy = false;
    this.#next();
  }
}
