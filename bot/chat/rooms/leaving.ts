// Rooms that the bot leaves: where it is alone, encrypted ones with too many members, and those in which nobody has had
// access for a day.
import { Problem } from '../../../common/problems/problem.ts';
import type { AccessControl } from '../../access/accessControl.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KeyedQueue } from '../../lib/keyedQueue.ts';
import { personIn } from '../../matrix/rooms/directRooms.ts';
import { leaveRoom } from '../../matrix/rooms/membership.ts';
import { RateLimited } from '../../matrix/rooms/roomSender.ts';
import { readJoinedMembers } from '../../matrix/rooms/roomState.ts';
import type { MatrixSession } from '../../matrix/session.ts';
import type { Log } from '../../observability/log.ts';
import { retryStoreFailures } from '../../store/fault.ts';
import type { Room } from '../../store/rooms.ts';
import type { Store } from '../../store/store.ts';
import type { Words } from '../../words/words.ts';
import { renderText } from '../reply/document.ts';
import type { RoomMessages } from '../reply/roomMessages.ts';

export interface LeavingOptions {
  readonly homeserver: MatrixSession;
  readonly store: Store;
  readonly access: Pick<AccessControl, 'policy' | 'isAllowed'>;
  readonly messages: RoomMessages;
  readonly queues: KeyedQueue;
  /** Members, joined and invited, that an encrypted room may have; undefined: any number, encryption is off. */
  readonly mostMembers: number | undefined;
  readonly words: Words;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when no new work is begun any more. */
  readonly signal: AbortSignal;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Why to leave, from what /sync told; undefined: stay. */
export function reasonToLeave(room: Room, mostMembers: number | undefined): 'alone' | 'too-big' | undefined {
  const { joined, encrypted, joinedMembers, invitedMembers } = room;
  if (!joined) return undefined;
  if (joinedMembers <= 1 && invitedMembers === 0) return 'alone';
  const isTooBig = encrypted && mostMembers !== undefined && joinedMembers + invitedMembers > mostMembers;
  return isTooBig ? 'too-big' : undefined;
}

export class RoomLeaving {
  readonly #options: LeavingOptions;
  readonly #underWay = new Set<string>();
  #lookedAt: number | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: LeavingOptions) {
    this.#options = options;
  }

  /** To be called when the members or the encryption of rooms may have changed; once an hour it looks at all rooms. */
  check(roomIds: readonly string[]): void {
    const { store, clock } = this.#options;
    const now = clock();
    const isDue = this.#lookedAt === undefined || now - this.#lookedAt >= HOUR_MS;
    if (isDue) this.#lookedAt = now;
    const all = isDue ? store.rooms.joined().map(({ roomId }) => roomId) : roomIds;
    for (const roomId of all) if (this.#reason(roomId) !== undefined) this.#leaveInQueue(roomId);
    if (!isDue || this.#looking !== undefined) return;
    this.#looking = this.#work(() => this.#leaveStrangers()).finally(() => {
      this.#looking = undefined;
    });
  }

  async idle(): Promise<void> {
    await this.#looking;
  }

  #reason(roomId: string): ReturnType<typeof reasonToLeave> {
    const { store, mostMembers } = this.#options;
    return reasonToLeave(store.rooms.get(roomId), mostMembers);
  }

  #leaveInQueue(roomId: string): void {
    if (this.#underWay.has(roomId)) return;
    this.#underWay.add(roomId);
    void this.#options.queues
      .run(roomId, () =>
        this.#work(async () => {
          const reason = this.#reason(roomId);
          if (reason === 'too-big') await this.#leaveTooBig(roomId);
          if (reason === 'alone') await this.#leave(roomId, 'Left an empty room');
        }),
      )
      .finally(() => this.#underWay.delete(roomId));
  }

  /** Says why at most once a day: the bot may be invited again and again. In clear, because keys are what it costs. */
  async #leaveTooBig(roomId: string): Promise<void> {
    const { store, messages, words, mostMembers = 0, clock, log } = this.#options;
    const now = clock();
    const told = store.stays.get(roomId).tooBigToldAt;
    const why = words.messages.roomTooBig(mostMembers);
    let unsaid: string | undefined;
    if (told === undefined || now - told >= DAY_MS) {
      store.stays.update(roomId, { tooBigToldAt: now });
      try {
        await messages.sendClearNotice(roomId, renderText(words, why), `too-big.${roomId}.${now}`);
      } catch (error) {
        if (!(error instanceof Problem || error instanceof RateLimited)) throw error;
        // Shown by some clients only.
        unsaid = why;
        log.debug({ roomId }, `Could not say why the bot leaves: ${error.message}`);
      }
    }
    await this.#leave(roomId, 'Left an encrypted room with too many members: see bot.most_members', unsaid);
  }

  /** One room after the other: the list of members may be long. */
  async #leaveStrangers(): Promise<void> {
    const { store, access, clock, signal } = this.#options;
    store.stays.prune(clock() - DAY_MS);
    // Otherwise a fault of the configuration would empty all rooms.
    if (access.policy.byDefault && access.policy.accessDefault === 'nobody') return;
    for (const { roomId } of store.rooms.joined()) {
      const { checkedAt } = store.stays.get(roomId);
      if (signal.aborted) return;
      if (checkedAt === undefined || clock() - checkedAt >= DAY_MS) await this.#lookForAccess(roomId);
    }
  }

  async #lookForAccess(roomId: string): Promise<void> {
    const { homeserver, store, access, queues, words, clock, log } = this.#options;
    let members: string[];
    try {
      members = await this.#membersOf(roomId);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      log.debug({ roomId }, `Could not look for people with access in a room: ${error.sentence}`);
      return;
    }
    const now = clock();
    const hasAccess = members.some((userId) => userId !== homeserver.userId && access.isAllowed(userId));
    const since = hasAccess ? undefined : (store.stays.get(roomId).withoutAccessSince ?? now);
    if (store.rooms.get(roomId).joined)
      store.stays.update(roomId, { checkedAt: now, withoutAccessSince: since });
    if (since === undefined || now - since < DAY_MS) return;
    const text = 'Left a room in which nobody has had access for a day';
    await queues.run(roomId, () =>
      this.#work(() => this.#leave(roomId, text, words.messages.nobodyWithAccess)),
    );
  }

  async #membersOf(roomId: string): Promise<string[]> {
    const { homeserver, store } = this.#options;
    const person = await personIn({ homeserver, rooms: store.rooms }, roomId);
    return person === undefined ? await readJoinedMembers(homeserver, roomId) : [person];
  }

  async #leave(roomId: string, done: string, reason?: string): Promise<void> {
    const { homeserver, store, log } = this.#options;
    if (!store.rooms.get(roomId).joined) return;
    try {
      await leaveRoom(homeserver, roomId, reason);
      log.info({ roomId }, done);
    } catch (error) {
      // Tried again within the hour.
      log.warn({ err: error, roomId }, 'Could not leave a room.');
    }
  }

  async #work(work: () => Promise<void>): Promise<void> {
    const { log, signal } = this.#options;
    try {
      await retryStoreFailures(log, signal, work);
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'Could not look which rooms to leave.');
    }
  }
}
