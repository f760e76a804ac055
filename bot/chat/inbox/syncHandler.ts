// Takes in what /sync brings: what wants an answer goes into the inbox, in one transaction with the sync position.
// So nothing is lost whenever the process ends, and nothing is taken in twice.

import type { Encryption } from '../../crypto/encryption.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Homeserver } from '../../matrix/session.ts';
import {
  type JoinedRoomUpdate,
  type RoomEvent,
  readSync,
  type SyncUpdate,
} from '../../matrix/sync/syncResponse.ts';
import type { Log } from '../../observability/log.ts';
import { undecryptable } from '../../observability/observed.ts';
import type { InboxItem, NewInboxItem } from '../../store/inbox.ts';
import type { Store } from '../../store/store.ts';
import type { BotNames } from '../grammar.ts';
import { inviteIn, withoutGaps } from './gaps.ts';
import { isSaid, isUnreadable, readCommand, readReaction, repliedTo } from './messages.ts';
import type { UnreadableMessages } from './unreadableMessages.ts';

/** Commands older than this are left alone where the bot can't know whether they were answered (ms). */
const STALE_AFTER_MS = 10 * 60_000;

export interface IntakeOptions {
  readonly homeserver: Homeserver;
  readonly store: Store;
  readonly names: () => BotNames;
  readonly clock: Clock;
  readonly log: Log;
  /** A new item is in the inbox. */
  readonly onItem: (item: InboxItem) => void;
  /** Nobody else is left in the room. */
  readonly onAlone: (roomId: string) => void;
  /** Members came or went, or the power levels changed, or the bot has just joined. */
  readonly onRoomChange: (roomId: string) => void;
  /** Invites were stored. */
  readonly onInvites: () => void;
  /** Who may read a room, or how it is encrypted, may have changed. */
  readonly onReaders: (roomId: string) => void;
  /** undefined: encrypted messages are left alone. */
  readonly encryption: { readonly keys: Encryption; readonly unreadable: UnreadableMessages } | undefined;
}

export class Intake {
  readonly #options: IntakeOptions;
  #hasReceived = false;
  readonly #gapFailures = new Map<string, number>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  async receive(answer: unknown): Promise<void> {
    const { homeserver, store, log, onItem, onAlone, onRoomChange, onInvites, onReaders } = this.#options;
    const sync = readSync(answer, homeserver.userId);
    const since = store.meta.get('sync_token');
    const missed = since === undefined || store.meta.get('keys_missed') !== undefined;
    const readable = await this.#receiveKeys(sync, missed);
    for (const { roomId } of sync.joined.filter((room) => room.readers)) onReaders(roomId);
    for (const roomId of sync.left) onReaders(roomId);
    const joined = await this.#decrypted(
      await withoutGaps(sync.joined, since, {
        homeserver,
        rooms: store.rooms,
        failures: this.#gapFailures,
        log,
      }),
    );
    const changed = joined.filter((room) => room.powerLevels || this.#hasOtherMembers(room));
    const items = store.transaction(() => {
      this.#storeMemberships(sync);
      const candidates = [
        ...readable.flatMap(({ roomId, event }) => this.#lateItem(roomId, event)),
        ...joined.flatMap((room) => this.#itemsOf(room, since === undefined)),
      ];
      const fresh = candidates.filter((item) => store.inbox.add(item));
      store.meta.set('sync_token', sync.nextBatch);
      if (this.#options.encryption === undefined) store.meta.set('keys_missed', '1');
      else store.meta.delete('keys_missed');
      return fresh;
    });
    for (const item of items) onItem({ ...item, plan: undefined, answer: undefined });
    for (const { roomId } of joined) if (this.#isAlone(roomId)) onAlone(roomId);
    for (const { roomId } of changed) onRoomChange(roomId);
    if (sync.invites.length > 0) onInvites();
    this.#afterwards(joined);
  }

  /** Keys first, what they decrypt afterwards. Returns earlier messages that can be read now. */
  async #receiveKeys({ keys }: SyncUpdate, missed: boolean): Promise<{ roomId: string; event: RoomEvent }[]> {
    const { encryption } = this.#options;
    if (encryption === undefined) return [];
    for (const message of await encryption.keys.engine.receive(keys, missed))
      encryption.keys.verification.receiveToDevice(message);
    // Keys may have come just before the bot ended.
    const mayHaveKeys = keys.toDevice.length > 0 || !this.#hasReceived;
    this.#hasReceived = true;
    return mayHaveKeys ? await encryption.unreadable.nowReadable() : [];
  }

  async #decrypted(rooms: readonly JoinedRoomUpdate[]): Promise<JoinedRoomUpdate[]> {
    const { encryption, homeserver } = this.#options;
    if (encryption === undefined) return [...rooms];
    const decrypted: JoinedRoomUpdate[] = [];
    for (const room of rooms) {
      const timeline: RoomEvent[] = [];
      for (const event of room.timeline) {
        const isForBot = event.type === 'm.room.encrypted' && event.sender !== homeserver.userId;
        const readable = isForBot ? await encryption.keys.engine.decrypt(room.roomId, event) : event;
        timeline.push('why' in readable ? event : readable);
      }
      decrypted.push({ ...room, timeline });
    }
    return decrypted;
  }

  #afterwards(joined: readonly JoinedRoomUpdate[]): void {
    const { encryption, homeserver } = this.#options;
    if (encryption === undefined) return;
    for (const { roomId, timeline } of joined) {
      for (const event of timeline) {
        if (event.sender !== homeserver.userId) encryption.keys.verification.receiveRoomEvent(roomId, event);
      }
    }
    encryption.unreadable.watch();
  }

  #isAlone(roomId: string): boolean {
    const { joined, joinedMembers, invitedMembers } = this.#options.store.rooms.get(roomId);
    return joined && joinedMembers <= 1 && invitedMembers === 0;
  }

  #storeMemberships({ invites, left }: SyncUpdate): void {
    const { store, clock, log } = this.#options;
    for (const { roomId, inviter } of invites) {
      if (inviter === undefined)
        log.warn(
          { roomId },
          'An invite names several senders, as a forged one does: it counts as a stranger’s.',
        );
      store.rooms.addInvite({ roomId, inviter, receivedAt: clock() });
    }
    for (const roomId of left) {
      store.rooms.removeInvite(roomId);
      // Whoever invites the bot again gets a new start.
      const forgotten = { person: undefined, widget: undefined, widgetTold: undefined };
      if (store.rooms.get(roomId).joined) store.rooms.update(roomId, { joined: false, ...forgotten });
    }
  }

  /** Whether members may have come or gone; in a room just joined, all are new. */
  #hasOtherMembers({
    roomId,
    joinedMembers,
    invitedMembers,
    gapBefore,
    timeline,
  }: JoinedRoomUpdate): boolean {
    const { homeserver, store } = this.#options;
    const before = store.rooms.get(roomId);
    return (
      !before.joined ||
      (joinedMembers ?? before.joinedMembers) !== before.joinedMembers ||
      (invitedMembers ?? before.invitedMembers) !== before.invitedMembers ||
      // The homeserver counts members anew where events are missing.
      (gapBefore !== undefined && joinedMembers !== undefined) ||
      timeline.some(({ type, stateKey }) => type === 'm.room.member' && stateKey !== homeserver.userId)
    );
  }

  #itemsOf(update: JoinedRoomUpdate, firstSync: boolean): NewInboxItem[] {
    const { store, clock, homeserver, encryption } = this.#options;
    const before = store.rooms.get(update.roomId);
    const room = store.rooms.update(update.roomId, {
      ...(this.#hasOtherMembers(update) ? { person: undefined } : {}),
      joined: true,
      joinedMembers: update.joinedMembers ?? before.joinedMembers,
      invitedMembers: update.invitedMembers ?? before.invitedMembers,
      encrypted: update.encrypted,
    });
    // A room may hide what was before the bot joined, its invite among that.
    const stored = store.rooms.invites().find(({ roomId }) => roomId === update.roomId);
    store.rooms.removeInvite(update.roomId);
    const direct = room.joinedMembers <= 2;
    const { events, invite } = this.#unanswered(update, before.joined, firstSync);
    for (const event of events) {
      if (!isUnreadable(event, homeserver.userId)) continue;
      undecryptable.tell({ roomId: update.roomId });
      encryption?.unreadable.keep(update.roomId, event);
    }
    const items = events
      .map((event) => this.#itemOf(event, update.roomId, direct))
      .filter((item) => item !== undefined);
    // With others still invited it is about to become a room in which the bot speaks only when spoken to.
    const forTwo = room.joinedMembers === 2 && room.invitedMembers === 0;
    const inviter = invite?.sender ?? (before.joined ? undefined : stored?.inviter);
    const canSpeak = !room.encrypted || encryption !== undefined;
    const greeted = update.timeline.some((event) => isSaid(event, homeserver.userId));
    if (forTwo && inviter !== undefined && canSpeak && !greeted) {
      const id = `greeting.${update.roomId}`;
      items.unshift({
        id,
        kind: 'greeting',
        roomId: update.roomId,
        sender: inviter,
        content: null,
        receivedAt: clock(),
      });
    }
    return items;
  }

  /**
   * The events of a timeline that may want an answer, and did not get one: the state file may have been restored from a
   * back-up. In a room just joined: those since the invite. Where the bot can't know what it answered in an earlier
   * life: those of the last minutes.
   */
  #unanswered(
    update: JoinedRoomUpdate,
    known: boolean,
    firstSync: boolean,
  ): { events: readonly RoomEvent[]; invite: RoomEvent | undefined } {
    const { userId } = this.#options.homeserver;
    const answered = new Set(update.timeline.filter(({ sender }) => sender === userId).map(repliedTo));
    const timeline = update.timeline.filter(({ eventId }) => !answered.has(eventId));
    const invite = inviteIn(timeline, userId);
    const sinceInvite = invite === undefined ? timeline : timeline.slice(timeline.indexOf(invite) + 1);
    // After a lost position the timeline of a known room may go back to before the bot was there.
    if (known) return { events: sinceInvite, invite: undefined };
    if (invite !== undefined && !firstSync) return { events: sinceInvite, invite };
    const oldest = this.#options.clock() - STALE_AFTER_MS;
    return { events: timeline.filter(({ sentAt }) => sentAt >= oldest), invite: undefined };
  }

  /** Of a message whose key came later. */
  #lateItem(roomId: string, event: RoomEvent): NewInboxItem[] {
    const { store } = this.#options;
    store.unreadable.remove(event.eventId);
    const { joined, joinedMembers } = store.rooms.get(roomId);
    const item = joined ? this.#itemOf(event, roomId, joinedMembers <= 2) : undefined;
    return item === undefined ? [] : [item];
  }

  #itemOf(event: RoomEvent, roomId: string, direct: boolean): NewInboxItem | undefined {
    const { homeserver, names, clock } = this.#options;
    if (event.sender === homeserver.userId) return undefined;
    const item = { id: event.eventId, roomId, sender: event.sender, receivedAt: clock() };
    const reaction = readReaction(event);
    if (reaction !== undefined) return { ...item, kind: 'reaction', content: reaction };
    const command = readCommand(event, direct, names());
    return command === undefined ? undefined : { ...item, kind: 'command', content: command };
  }
}
