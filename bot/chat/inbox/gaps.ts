// Reads what /sync leaves out of long timelines. Beside the sync: a room whose history can't be read holds up nobody
// else. What is to be read is in the state file, together with what /sync has told of the room since.
import { Problem } from '../../../common/problems/problem.ts';
import { retry } from '../../lib/retry.ts';
import { Slots } from '../../lib/slots.ts';
import { untilAborted } from '../../matrix/openRequests.ts';
import type { MatrixSession } from '../../matrix/session.ts';
import { type JoinedRoomUpdate, type RoomEvent, readEvent } from '../../matrix/sync/syncResponse.ts';
import type { Log } from '../../observability/log.ts';
import { retryStoreFailures, storeProblem } from '../../store/fault.ts';
import type { GapTable, WaitingUpdate } from '../../store/gapTable.ts';

export interface GapOptions {
  readonly homeserver: Pick<MatrixSession, 'request' | 'userId' | 'isReachable'>;
  readonly table: GapTable;
  /**
   * Takes in an update with its whole timeline, and removes it from the table in the same transaction.
   */
  readonly takeIn: (waiting: WaitingUpdate, timeline: readonly RoomEvent[]) => Promise<void>;
  readonly log: Log;
  /** Aborted when nothing new is taken in any more. */
  readonly signal: AbortSignal;
}

/** A gap that could not be read so often, while the homeserver answered others, is given up. */
const MOST_FAILURES = 5;
const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 60_000;
/** How long one page may take, and how long its rate limit is waited out. */
const REQUEST_LIMITS = { timeoutMs: 30_000, patienceMs: 300_000 };
/** After a long absence there are gaps in many rooms. */
const MOST_REQUESTS_AT_ONCE = 8;

/** A gap is read back this far: pages of 100 events. */
const MOST_PAGES = 20;
const TIMELINE_TYPES = [
  'm.room.message',
  'm.room.encrypted',
  'm.reaction',
  'm.room.member',
  'm.key.verification.*',
];

export class GapReader {
  readonly #options: GapOptions;
  readonly #busy = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #slots = new Slots(MOST_REQUESTS_AT_ONCE);
  /** How many answers to /sync came. */
  #syncs = 0;

  constructor(options: GapOptions) {
    this.#options = options;
  }

  /** Reads the gaps that are not being read yet. To be called after each answer to /sync, whose keys have to come first. */
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

  /** One update after the other, as they came. */
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
    // In the same step as the last look, or what came in between would wait for the next sync.
    this.#busy.delete(roomId);
  }

  /** What can't be read is missing in the end. */
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

  /** @param failures of all pages, while the homeserver answered others */
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
    return await this.#slots.run(() => untilAborted(signal, () => readPage(homeserver, roomId, from, upTo)));
  }

  /** A homeserver that does not answer at all is waited for. @param began `#syncs` when the request began */
  async #isFaultOfRoom(began: number): Promise<boolean> {
    const { homeserver, signal } = this.#options;
    if (this.#syncs > began) return true;
    return await untilAborted(signal, () => homeserver.isReachable()).catch(() => false);
  }
}

function reasonFor(error: unknown): string {
  return error instanceof Problem ? error.sentence : String(error);
}

/** Whether events are missing before the timeline that the bot wants to know. @param since the position that /sync went on from */
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
  /** Where the next page begins; undefined: this is the last. */
  readonly end: string | undefined;
}

async function readPage(
  homeserver: GapOptions['homeserver'],
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
  const answer = await homeserver.request('GET', path, undefined, query, REQUEST_LIMITS);
  const { chunk, end } = answer as { chunk?: unknown; end?: unknown };
  const events = Array.isArray(chunk) ? chunk.map(readEvent).filter((event) => event !== undefined) : [];
  return { events, end: typeof end === 'string' && events.length > 0 ? end : undefined };
}
