// Reads the events that /sync omits from limited timelines. Runs concurrently with /sync, so that a room whose history
// can't be read does not block others. The state file has the gaps, and the updates of their rooms received since.
import { Problem } from '../../../common/problems/problem.ts';
import { retry } from '../../lib/retry.ts';
import { Slots } from '../../lib/slots.ts';
import type { MatrixSession } from '../../matrix/session.ts';
import { type JoinedRoomUpdate, type RoomEvent, readEvent } from '../../matrix/sync/syncResponse.ts';
import type { Log } from '../../observability/log.ts';
import { retryStoreFailures, storeProblem } from '../../store/fault.ts';
import type { GapTable, WaitingUpdate } from '../../store/gapTable.ts';

export interface GapOptions {
  readonly homeserver: Pick<MatrixSession, 'request' | 'userId' | 'isReachable'>;
  readonly table: GapTable;
  /**
   * Processes an update with its complete timeline, and deletes its row in the same transaction.
   */
  readonly takeIn: (waiting: WaitingUpdate, timeline: readonly RoomEvent[]) => Promise<void>;
  readonly log: Log;
  /** Aborted when the bot stops receiving. */
  readonly signal: AbortSignal;
}

/** Failures after which a gap is skipped; counted only while the homeserver answers other requests. */
const MOST_FAILURES = 5;
const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 60_000;
/** Timeout of one page, and how long to wait for rate limits. */
const REQUEST_LIMITS = { timeoutMs: 30_000, patienceMs: 300_000 };
/** Concurrent requests: after a long downtime many rooms have gaps. */
const MOST_REQUESTS_AT_ONCE = 8;

/** Limit for one gap, in pages of 100 events. */
const MOST_PAGES = 20;
const TIMELINE_TYPES = [
  'm.room.message',
  'm.room.encrypted',
  'm.reaction',
  'm.room.member',
  // Messages in clear count only before it.
  'm.room.encryption',
  'm.key.verification.*',
];

export class GapReader {
  readonly #options: GapOptions;
  readonly #busy = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #slots = new Slots(MOST_REQUESTS_AT_ONCE);
  /** Number of /sync answers received. */
  #syncs = 0;

  constructor(options: GapOptions) {
    this.#options = options;
  }

  /** Starts reading new gaps. Call it after each /sync answer, once its encryption keys are stored. */
  readOn(): void {
    const { table, log, signal } = this.#options;
    this.#syncs++;
    for (const roomId of table.rooms()) {
      if (this.#busy.has(roomId)) continue;
      this.#busy.add(roomId);
      const running = retryStoreFailures(log, signal, () => this.#readRoom(roomId)).finally(() =>
        this.#running.delete(running),
      );
      this.#running.add(running);
    }
  }

  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Processes the room's updates in the order in which they were received. */
  async #readRoom(roomId: string): Promise<void> {
    const { table, takeIn, log, signal } = this.#options;
    for (let waiting = table.first(roomId); waiting !== undefined; waiting = table.first(roomId)) {
      const timeline = await this.#wholeTimeline(waiting);
      if (signal.aborted) return;
      try {
        await takeIn(waiting, timeline);
      } catch (error) {
        if (signal.aborted || storeProblem(error) !== undefined) throw error;
        log.error({ err: error, roomId }, 'Could not take in what was missed in a room; it is left out.');
        table.remove(waiting.seq);
      }
      if (signal.aborted) return;
    }
    // No `await` after the last `first()`: an update stored in between would wait for the next sync.
    this.#busy.delete(roomId);
  }

  /** The missing events and the update's timeline; events that can't be read are skipped. */
  async #wholeTimeline({ roomId, from, upTo, update }: WaitingUpdate): Promise<RoomEvent[]> {
    const { homeserver, log, signal } = this.#options;
    const earlier: RoomEvent[] = [];
    const failures = { count: 0 };
    let next = from;
    try {
      for (let pages = 0; next !== undefined && pages < MOST_PAGES; pages++) {
        const { events, end } = await this.#retryPage(roomId, next, upTo, failures);
        earlier.unshift(...events.toReversed());
        const isWhole = upTo === undefined && inviteIn(events, homeserver.userId) !== undefined;
        next = isWhole ? undefined : end;
      }
    } catch (error) {
      if (signal.aborted) return [];
      log.error(
        { roomId },
        `What happened in a room meanwhile can’t be read, and is left out: ${reasonFor(error)}`,
      );
    }
    return [...earlier, ...(update as { timeline: RoomEvent[] }).timeline];
  }

  /** @param failures of all pages, counted while the homeserver answers other requests */
  async #retryPage(
    roomId: string,
    from: string,
    upTo: string | undefined,
    failures: { count: number },
  ): Promise<Page> {
    const { log, signal } = this.#options;
    let began = this.#syncs;
    let isFaultOfRoom = false;
    const work = () => {
      began = this.#syncs;
      return this.#readPage(roomId, from, upTo);
    };
    return await retry(work, {
      when: async () => {
        isFaultOfRoom = await this.#isFaultOfRoom(began);
        return !isFaultOfRoom || ++failures.count < MOST_FAILURES;
      },
      first: RETRY_FIRST_MS,
      most: RETRY_MOST_MS,
      signal,
      onRetry: (error, retryInMs) => {
        if (!isFaultOfRoom) return;
        log.warn({ roomId, retryInMs }, `Could not read what was missed in a room: ${reasonFor(error)}`);
      },
    });
  }

  async #readPage(roomId: string, from: string, upTo: string | undefined): Promise<Page> {
    const { homeserver, signal } = this.#options;
    return await this.#slots.run(() => readPage({ homeserver, signal }, roomId, from, upTo));
  }

  /**
   * False if the homeserver does not answer at all: then retrying has no limit.
   * @param began `#syncs` when the request began
   */
  async #isFaultOfRoom(began: number): Promise<boolean> {
    const { homeserver, signal } = this.#options;
    if (this.#syncs > began) return true;
    return await homeserver.isReachable(signal).catch(() => false);
  }
}

function reasonFor(error: unknown): string {
  return error instanceof Problem ? error.sentence : String(error);
}

/** Whether relevant events are missing before the timeline. @param since the position that /sync continued from */
export function hasGap(room: JoinedRoomUpdate, since: string | undefined, ownUserId: string): boolean {
  return (
    room.gapBefore !== undefined && since !== undefined && inviteIn(room.timeline, ownUserId) === undefined
  );
}

/** A user's own latest invite. */
export function inviteIn(events: readonly RoomEvent[], userId: string): RoomEvent | undefined {
  return events.findLast(
    ({ type, stateKey, content }) =>
      type === 'm.room.member' && stateKey === userId && content.membership === 'invite',
  );
}

interface Page {
  /** Latest first. */
  readonly events: readonly RoomEvent[];
  /** The `from` of the next page; undefined: this is the last. */
  readonly end: string | undefined;
}

async function readPage(
  { homeserver, signal }: Pick<GapOptions, 'homeserver' | 'signal'>,
  roomId: string,
  from: string,
  to: string | undefined,
): Promise<Page> {
  const query = {
    dir: 'b',
    from,
    limit: 100,
    filter: JSON.stringify({ types: TIMELINE_TYPES, lazy_load_members: true }),
    ...(to === undefined ? {} : { to }),
  };
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages`;
  const answer = await homeserver.request('GET', path, undefined, query, { ...REQUEST_LIMITS, signal });
  const { chunk, end } = answer as { chunk?: unknown; end?: unknown };
  const events = Array.isArray(chunk) ? chunk.map(readEvent).filter((event) => event !== undefined) : [];
  return { events, end: typeof end === 'string' && events.length > 0 ? end : undefined };
}
