// Which rooms are encrypted, and who may read them. Fails closed: only a room of which the homeserver says for certain
// that it is not encrypted gets anything in clear, and a room that once was encrypted never does again.
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
  readonly #encryptor: Pick<Encryptor, 'encrypt'> | undefined;
  /** Rooms that the homeserver has said not to be encrypted. */
  readonly #clear = new Set<string>();
  readonly #recipients = new Map<string, RoomRecipients>();
  /** How often each room has changed. */
  readonly #changes = new Map<string, number>();

  /** @param encryptor undefined: encryption is off, and nothing is sent to encrypted rooms */
  constructor(
    session: Pick<MatrixSession, 'request'>,
    rooms: RoomTable,
    encryptor: Pick<Encryptor, 'encrypt'> | undefined,
  ) {
    this.#session = session;
    this.#rooms = rooms;
    this.#encryptor = encryptor;
  }

  /** Something came from /sync that decides who may read the room: it is asked for anew before the next message. */
  changed(roomId: string): void {
    this.#changes.set(roomId, this.#changesOf(roomId) + 1);
    this.#clear.delete(roomId);
    this.#recipients.delete(roomId);
  }

  /**
   * What is to be sent: the event itself or, in an encrypted room, the one that hides it. Reactions are never encrypted
   * (https://spec.matrix.org/v1.16/client-server-api/#reactions-and-encrypted-rooms).
   * @param refresh /sync may not have told yet what changed in the room: the homeserver is asked again
   * @throws RequestFailed while the homeserver does not tell what must be known; Problem `refused` if the bot can't
   *   encrypt as the room wants it
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
    // /sync may have told otherwise meanwhile.
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
      // What /sync told while these were asked for may not be in them.
      if (changes === this.#changesOf(roomId)) this.#recipients.set(roomId, recipients);
    }
  }

  async #readRecipients(roomId: string): Promise<RoomRecipients> {
    const [members, visibility, encryption] = await Promise.all([
      this.#readMembers(roomId),
      readState(this.#session, roomId, 'm.room.history_visibility'),
      readState(this.#session, roomId, 'm.room.encryption'),
    ]);
    // Emptied, the event turns nothing off.
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

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
