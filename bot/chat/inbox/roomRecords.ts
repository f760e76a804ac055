// What an answer to /sync says about rooms, invites and members: to be called in the transaction that stores its position.
import type { Clock } from '../../lib/clock.ts';
import type { MatrixSession } from '../../matrix/session.ts';
import type { JoinedRoomUpdate, RoomEvent, SyncUpdate } from '../../matrix/sync/syncResponse.ts';
import type { Log } from '../../observability/log.ts';
import type { Store } from '../../store/store.ts';
import type { ReceivedRoom } from './roomEvents.ts';

export interface RoomRecordsOptions {
  readonly homeserver: Pick<MatrixSession, 'userId'>;
  readonly store: Store;
  /** Whether an invite is to be answered; the others are ignored. */
  readonly keepsInvite: (roomId: string, inviter: string | undefined) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

export class RoomRecords {
  readonly #options: RoomRecordsOptions;

  constructor(options: RoomRecordsOptions) {
    this.#options = options;
  }

  storeMemberships({ invites, left }: SyncUpdate): void {
    const { store, keepsInvite, clock, log } = this.#options;
    let ignored = 0;
    for (const { roomId, inviter } of invites) {
      if (!keepsInvite(roomId, inviter)) {
        ignored++;
        continue;
      }
      if (inviter === undefined)
        log.warn(
          { roomId },
          'An invite names several senders, so it may be forged; handling it as one from a user without access.',
        );
      store.rooms.addInvite({ roomId, inviter, receivedAt: clock() });
    }
    if (ignored > 0) log.warn({ ignored }, 'Too many invites of people without access: some are ignored.');
    for (const roomId of left) {
      store.rooms.removeInvite(roomId);
      store.gaps.removeRoom(roomId);
      store.stays.end(roomId);
      // After another invite the room is handled as a new one.
      const reports = { missingPowerReported: undefined, clearReported: false };
      const forgotten = { person: undefined, widget: undefined, ...reports };
      if (store.rooms.get(roomId).joined) store.rooms.update(roomId, { joined: false, ...forgotten });
    }
  }

  /** `left` means that no encrypted room is shared any more, and `changed` that one is, again. */
  storeDeparted({ keys: { changed, left } }: SyncUpdate): void {
    const { store, homeserver } = this.#options;
    for (const userId of changed) store.departed.remove(userId);
    for (const userId of left) if (userId !== homeserver.userId) store.departed.add(userId);
  }

  /** Whether members may have come or gone; in a room just joined, all are new. */
  hasOtherMembers({ roomId, joinedMembers, invitedMembers, gapBefore, timeline }: JoinedRoomUpdate): boolean {
    const before = this.#options.store.rooms.get(roomId);
    return (
      !before.joined ||
      (joinedMembers ?? before.joinedMembers) !== before.joinedMembers ||
      (invitedMembers ?? before.invitedMembers) !== before.invitedMembers ||
      // Membership events may be among the missing ones; the homeserver sends a new count then.
      (gapBefore !== undefined && joinedMembers !== undefined) ||
      this.hasMemberEvents(timeline)
    );
  }

  hasMemberEvents(timeline: readonly RoomEvent[]): boolean {
    const { userId } = this.#options.homeserver;
    return timeline.some(({ type, stateKey }) => type === 'm.room.member' && stateKey !== userId);
  }

  /** Stores the room’s membership counts and encryption, and removes its invite. */
  storeUpdate(update: JoinedRoomUpdate, timeline: readonly RoomEvent[], firstSync: boolean): ReceivedRoom {
    const { store, clock } = this.#options;
    const before = store.rooms.get(update.roomId);
    store.rooms.update(update.roomId, {
      ...(this.hasOtherMembers(update) ? { person: undefined } : {}),
      joined: true,
      joinedMembers: update.joinedMembers ?? before.joinedMembers,
      invitedMembers: update.invitedMembers ?? before.invitedMembers,
      encrypted: update.encrypted,
    });
    // The history visibility may hide the invite from the timeline.
    const stored = store.rooms.invites().find(({ roomId }) => roomId === update.roomId);
    store.rooms.removeInvite(update.roomId);
    if (!before.joined) store.stays.begin(update.roomId, stored?.inviter, clock());
    return {
      roomId: update.roomId,
      timeline,
      known: before.joined,
      wasEncrypted: before.encrypted,
      firstSync,
      inviter: before.joined ? undefined : stored?.inviter,
      receivedAt: clock(),
    };
  }
}
