// Handles answers to /sync: commands, reactions and greetings go into the inbox in one transaction with the sync
// position, so that a crash neither loses nor repeats any.

import type { Encryption } from '../../crypto/encryption.ts';
import type { MatrixSession } from '../../matrix/session.ts';
import {
  type JoinedRoomUpdate,
  type RoomEvent,
  readSync,
  type SyncUpdate,
} from '../../matrix/sync/syncResponse.ts';
import { undecryptable } from '../../observability/observed.ts';
import type { WaitingUpdate } from '../../store/gapTable.ts';
import type { InboxItem, NewInboxItem } from '../../store/inbox.ts';
import type { BotNames } from '../grammar.ts';
import type { Admission } from './admission.ts';
import { GapReader, hasGap } from './gaps.ts';
import {
  beforeEncryption,
  isSaid,
  isUnreadable,
  itemOf,
  type ReceivedRoom,
  unanswered,
} from './roomEvents.ts';
import { RoomRecords, type RoomRecordsOptions } from './roomRecords.ts';
import type { UnreadableMessages } from './unreadableMessages.ts';

export interface SyncHandlerOptions extends RoomRecordsOptions {
  readonly homeserver: MatrixSession;
  readonly admission: Pick<Admission, 'take'>;
  readonly names: () => BotNames;
  /** Aborted when no new work is begun any more. */
  readonly signal: AbortSignal;
  /** A new item is in the inbox. */
  readonly onItem: (item: InboxItem) => void;
  /** After each answer, with the joined rooms in it. */
  readonly onStored: (roomIds: readonly string[]) => void;
  /** Members came or went, or the power levels changed, or the bot has just joined. */
  readonly onRoomChange: (roomId: string) => void;
  /** Invites were stored. */
  readonly onInvites: () => void;
  /** Who may read a room, or how it is encrypted, may have changed. */
  readonly onReaders: (roomId: string) => void;
  readonly onLeft: (roomId: string) => void;
  /** undefined: encrypted messages are ignored. */
  readonly encryption: { readonly keys: Encryption; readonly unreadable: UnreadableMessages } | undefined;
}

export class SyncHandler {
  readonly #options: SyncHandlerOptions;
  readonly #gaps: GapReader;
  readonly #records: RoomRecords;
  #hasReceived = false;

  constructor(options: SyncHandlerOptions) {
    this.#options = options;
    this.#records = new RoomRecords(options);
    const { homeserver, store, log, signal } = options;
    this.#gaps = new GapReader({
      homeserver,
      table: store.gaps,
      takeIn: (waiting, timeline) => this.#takeInWaiting(waiting, timeline),
      log,
      signal,
    });
  }

  async receive(answer: unknown): Promise<void> {
    const { homeserver, store, admission, onStored, onRoomChange, onInvites, onReaders, onLeft } =
      this.#options;
    const sync = readSync(answer, homeserver.userId);
    const since = store.meta.get('sync_token');
    const missed = since === undefined || store.meta.get('keys_missed') !== undefined;
    const readable = await this.#receiveKeys(sync, missed);
    for (const { roomId } of sync.joined.filter((room) => room.readers)) onReaders(roomId);
    for (const roomId of sync.left) onLeft(roomId);
    const timelines = new Map<string, RoomEvent[]>();
    for (const { roomId, timeline } of sync.joined)
      timelines.set(roomId, await this.#decrypted(roomId, timeline));
    const changed = sync.joined.filter((room) => room.powerLevels || this.#records.hasOtherMembers(room));
    const { items, received } = store.transaction(() => {
      this.#records.storeMemberships(sync);
      this.#records.storeDeparted(sync);
      const now = sync.joined
        .filter((update) => !this.#waitsForGap(update, since))
        .map((update) =>
          this.#records.storeUpdate(update, timelines.get(update.roomId) ?? [], since === undefined),
        );
      const candidates = [
        ...readable.flatMap(({ roomId, event }) => this.#lateItem(roomId, event)),
        ...now.flatMap((room) => this.#itemsOf(room)),
      ];
      const fresh = candidates.filter((item) => admission.take(item));
      store.meta.set('sync_token', sync.nextBatch);
      const { encryption } = this.#options;
      if (encryption === undefined) store.meta.set('keys_missed', '1');
      else store.meta.delete('keys_missed');
      encryption?.keys.noteGeneration();
      return { items: fresh, received: now };
    });
    this.#enqueue(items);
    for (const { roomId } of changed) onRoomChange(roomId);
    if (sync.invites.length > 0) onInvites();
    onStored(sync.joined.map(({ roomId }) => roomId));
    this.#afterCommit(received);
    this.#gaps.readOn();
  }

  /** Resolves once no gap is being read. */
  async idle(): Promise<void> {
    await this.#gaps.idle();
  }

  /** Stores the update for later if events are missing before it, or if the room waits for missing events already. */
  #waitsForGap(update: JoinedRoomUpdate, since: string | undefined): boolean {
    const { store, homeserver } = this.#options;
    const isMissing = hasGap(update, since, homeserver.userId);
    if (!isMissing && store.gaps.first(update.roomId) === undefined) return false;
    const received = this.#records.storeUpdate(update, update.timeline, since === undefined);
    store.gaps.add({
      roomId: update.roomId,
      from: isMissing ? update.gapBefore : undefined,
      upTo: received.known ? since : undefined,
      update: received,
    });
    return true;
  }

  /** Handles a stored update once the events before it were read. */
  async #takeInWaiting({ seq, roomId, update }: WaitingUpdate, whole: readonly RoomEvent[]): Promise<void> {
    const { store, admission, onRoomChange } = this.#options;
    const received = { ...(update as ReceivedRoom), timeline: await this.#decrypted(roomId, whole) };
    const membersChanged = this.#records.hasMemberEvents(whole);
    const items = store.transaction(() => {
      // The bot left the room while the events were read.
      if (!store.gaps.remove(seq)) return undefined;
      if (membersChanged) store.rooms.update(roomId, { person: undefined });
      return this.#itemsOf(received).filter((item) => admission.take(item));
    });
    if (items === undefined) return;
    this.#enqueue(items);
    if (membersChanged) onRoomChange(roomId);
    this.#afterCommit([received]);
  }

  #enqueue(items: readonly NewInboxItem[]): void {
    for (const item of items) this.#options.onItem({ ...item, plan: undefined, answer: undefined });
  }

  /** Must run before the timelines are decrypted. Returns earlier messages that can be decrypted now. */
  async #receiveKeys(
    { keys, invites }: SyncUpdate,
    missed: boolean,
  ): Promise<{ roomId: string; event: RoomEvent }[]> {
    const { encryption } = this.#options;
    if (encryption === undefined) return [];
    const inviters = invites.map(({ inviter }) => inviter);
    const messages = await encryption.keys.decryptor.receive(keys, missed, inviters);
    for (const message of messages) encryption.keys.verification.receiveToDevice(message);
    // Keys may have arrived just before the last run ended.
    const mayHaveKeys = messages.length > 0 || !this.#hasReceived;
    this.#hasReceived = true;
    return mayHaveKeys ? await encryption.unreadable.nowReadable() : [];
  }

  async #decrypted(roomId: string, timeline: readonly RoomEvent[]): Promise<RoomEvent[]> {
    const { encryption, homeserver } = this.#options;
    if (encryption === undefined) return [...timeline];
    const decrypted: RoomEvent[] = [];
    for (const event of timeline) {
      const isForBot = event.type === 'm.room.encrypted' && event.sender !== homeserver.userId;
      const readable = isForBot ? await encryption.keys.decryptor.decrypt(roomId, event) : event;
      decrypted.push('why' in readable ? event : readable);
    }
    return decrypted;
  }

  #afterCommit(rooms: readonly ReceivedRoom[]): void {
    const { encryption, homeserver } = this.#options;
    if (encryption === undefined) return;
    for (const { roomId, timeline } of rooms) {
      for (const event of timeline) {
        if (event.sender !== homeserver.userId) encryption.keys.verification.receiveRoomEvent(roomId, event);
      }
    }
    encryption.unreadable.watch();
  }

  #itemsOf(received: ReceivedRoom): NewInboxItem[] {
    const { store, homeserver, names, encryption } = this.#options;
    const { roomId, timeline, receivedAt } = received;
    const room = store.rooms.get(roomId);
    const direct = room.joinedMembers <= 2;
    const { events, invite } = unanswered(received, homeserver.userId);
    const allowed = beforeEncryption(received);
    for (const event of events) {
      if (!isUnreadable(event, homeserver.userId)) continue;
      undecryptable.emit({ roomId });
      encryption?.unreadable.keep(roomId, event);
    }
    const items = events
      .map((event) => {
        const takesClear = !room.encrypted || allowed.has(event.eventId);
        return itemOf(event, { roomId, direct, takesClear, receivedAt }, names());
      })
      .filter((item) => item !== undefined);
    // With others still invited it is about to become a group, where the bot answers only when addressed.
    const forTwo = room.joinedMembers === 2 && room.invitedMembers === 0;
    const inviter = invite?.sender ?? received.inviter;
    const canSpeak = !room.encrypted || encryption !== undefined;
    const greeted = timeline.some((event) => isSaid(event, homeserver.userId));
    if (forTwo && inviter !== undefined && canSpeak && !greeted) {
      const id = `greeting.${roomId}`;
      items.unshift({ id, kind: 'greeting', roomId, sender: inviter, content: null, receivedAt });
    }
    return items;
  }

  /** The item of a message whose key arrived later. */
  #lateItem(roomId: string, event: RoomEvent): NewInboxItem[] {
    const { store, names, clock } = this.#options;
    store.unreadable.remove(event.eventId);
    const { joined, joinedMembers } = store.rooms.get(roomId);
    if (!joined) return [];
    const room = { roomId, direct: joinedMembers <= 2, takesClear: false, receivedAt: clock() };
    const item = itemOf(event, room, names());
    return item === undefined ? [] : [item];
  }
}
