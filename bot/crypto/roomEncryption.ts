// Which rooms are encrypted, and who may read them. Fails closed: unencrypted events are sent only to a room that the
// homeserver has confirmed to be unencrypted, and never to a room that was encrypted before.
import { problem } from '../../common/problems/problem.ts';
import { asObject, type Json } from '../matrix/json.ts';
import type { EventEncryption, OutgoingEvent } from '../matrix/rooms/roomSender.ts';
import { readState } from '../matrix/rooms/roomState.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { RoomTable } from '../store/rooms.ts';
import type { Encryptor, RoomRecipients } from './encryptor.ts';

const ALGORITHM = 'm.megolm.v1.aes-sha2';
const VISIBILITIES = ['invited', 'joined', 'shared', 'world_readable'] as const;

export class RoomEncryption implements EventEncryption {
  readonly #rooms: RoomTable;
  readonly #session: Pick<MatrixSession, 'request'>;
  readonly #encryptor: Pick<Encryptor, 'encrypt' | 'forget'> | undefined;
  readonly #mostMembers: number;
  /** Rooms that the homeserver has confirmed to be unencrypted. */
  readonly #clear = new Set<string>();
  readonly #recipients = new Map<string, RoomRecipients>();
  /** Number of calls of `changed()` per room, to detect changes during a request. */
  readonly #changes = new Map<string, number>();

  /**
   * @param encryptor undefined: encryption is off, and nothing is sent to encrypted rooms
   * @param mostMembers joined and invited; nothing is sent to bigger encrypted rooms
   */
  constructor(
    session: Pick<MatrixSession, 'request'>,
    rooms: RoomTable,
    encryptor: Pick<Encryptor, 'encrypt' | 'forget'> | undefined,
    mostMembers: number,
  ) {
    this.#session = session;
    this.#rooms = rooms;
    this.#encryptor = encryptor;
    this.#mostMembers = mostMembers;
  }

  /** Invalidates the cache after /sync reported a relevant change: the next message reads the room's state again. */
  changed(roomId: string): void {
    this.#changes.set(roomId, this.#changesOf(roomId) + 1);
    this.#clear.delete(roomId);
    this.#recipients.delete(roomId);
  }

  /** The bot left the room: its key goes to nobody any more. */
  left(roomId: string): void {
    this.changed(roomId);
    this.#encryptor?.forget(roomId);
  }

  /**
   * Returns the event to send: in an encrypted room, an `m.room.encrypted` event. Reactions are never encrypted
   * (https://spec.matrix.org/v1.16/client-server-api/#reactions-and-encrypted-rooms).
   * @param refresh bypasses the cache, because /sync may not have delivered a change of the room yet
   * @throws RequestFailed if state, members or keys can't be read; Problem `refused` if encryption is off, the room is
   *   too big, or the bot does not support its algorithm
   */
  async encryptEvent(
    roomId: string,
    type: string,
    content: unknown,
    refresh = false,
  ): Promise<OutgoingEvent> {
    if (refresh) this.changed(roomId);
    if (type === 'm.reaction' || !(await this.#isEncrypted(roomId))) return { type, content };
    if (this.#encryptor === undefined) {
      throw problem('encryption_off', { roomId });
    }
    const recipients = await this.#recipientsOf(roomId);
    return {
      type: 'm.room.encrypted',
      content: await this.#encryptor.encrypt(roomId, type, content, recipients),
    };
  }

  async #isEncrypted(roomId: string): Promise<boolean> {
    if (this.#rooms.get(roomId).encrypted) return true;
    if (this.#clear.has(roomId)) return false;
    const changes = this.#changesOf(roomId);
    if ((await readState(this.#session, roomId, 'm.room.encryption')) !== undefined) {
      this.#rooms.update(roomId, { encrypted: true });
      return true;
    }
    // /sync may have reported a change during the request.
    if (changes !== this.#changesOf(roomId)) return await this.#isEncrypted(roomId);
    this.#clear.add(roomId);
    return false;
  }

  #changesOf(roomId: string): number {
    return this.#changes.get(roomId) ?? 0;
  }

  async #recipientsOf(roomId: string): Promise<RoomRecipients> {
    for (;;) {
      const known = this.#recipients.get(roomId);
      if (known !== undefined) return known;
      const changes = this.#changesOf(roomId);
      const recipients = await this.#readRecipients(roomId);
      // Not cached if /sync reported a change during the request: the answer may be outdated.
      if (changes === this.#changesOf(roomId)) this.#recipients.set(roomId, recipients);
    }
  }

  /** @throws Problem `room_too_big`, mostly without asking for the members */
  async #readRecipients(roomId: string): Promise<RoomRecipients> {
    const { joinedMembers, invitedMembers } = this.#rooms.get(roomId);
    this.#checkSize(roomId, joinedMembers + invitedMembers);
    const [members, visibility, encryption] = await Promise.all([
      this.#readMembers(roomId),
      readState(this.#session, roomId, 'm.room.history_visibility'),
      readState(this.#session, roomId, 'm.room.encryption'),
    ]);
    this.#checkSize(roomId, members.filter(({ membership }) => isMember(membership)).length);
    // An emptied m.room.encryption event does not turn encryption off.
    const algorithm = encryption?.algorithm ?? ALGORITHM;
    if (algorithm !== ALGORITHM) {
      throw problem('algorithm_unknown', { roomId, algorithm: String(algorithm) });
    }
    const historyVisibility =
      VISIBILITIES.find((known) => known === visibility?.history_visibility) ?? 'shared';
    const invitedMayRead = historyVisibility !== 'joined';
    return {
      historyVisibility,
      userIds: members
        .filter(({ membership }) => membership === 'join' || (invitedMayRead && membership === 'invite'))
        .map(({ userId }) => userId),
      rotationPeriodMs: positive(encryption?.rotation_period_ms),
      rotationPeriodMessages: positive(encryption?.rotation_period_msgs),
    };
  }

  #checkSize(roomId: string, members: number): void {
    const most = this.#mostMembers;
    if (members > most) throw problem('room_too_big', { roomId, most });
  }

  async #readMembers(roomId: string): Promise<{ userId: string; membership: unknown }[]> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/members`;
    const query = { not_membership: 'leave' };
    const { chunk } = asObject(await this.#session.request('GET', path, undefined, query));
    if (!Array.isArray(chunk)) {
      throw problem('members_untold', { roomId });
    }
    return chunk.map(asObject).flatMap(({ state_key, content }) => {
      const { membership } = asObject(content) as Json;
      return typeof state_key === 'string' ? [{ userId: state_key, membership }] : [];
    });
  }
}

function isMember(membership: unknown): boolean {
  return membership === 'join' || membership === 'invite';
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
