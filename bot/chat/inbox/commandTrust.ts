// `bot.trust: signed`: restricted commands are taken only in encrypted rooms, from devices that their owner has signed.
import { problem } from '../../../common/problems/problem.ts';
import type { Encryption } from '../../crypto/encryption.ts';
import type { InboxItem } from '../../store/inbox.ts';
import type { RoomTable } from '../../store/rooms.ts';
import { type RetryPolicy, retryTransient } from '../../tokens/request.ts';
import type { CommandContent } from './roomEvents.ts';

export interface CommandTrustOptions {
  readonly encryption: Pick<Encryption, 'isSigned'> | undefined;
  readonly rooms: Pick<RoomTable, 'get'>;
  readonly retries: RetryPolicy;
}

export class CommandTrust {
  readonly #options: CommandTrustOptions;

  constructor(options: CommandTrustOptions) {
    this.#options = options;
  }

  /** @throws Problem `refused`; RequestFailed if it can't be found out */
  async require(
    { id: eventId, roomId, sender }: InboxItem,
    { encryptedContent }: CommandContent,
  ): Promise<void> {
    const { encryption, rooms, retries } = this.#options;
    const isEncrypted = encryptedContent !== undefined && rooms.get(roomId).encrypted;
    if (!isEncrypted || encryption === undefined) throw problem('room_unencrypted');
    const event = { roomId, eventId, sender, content: encryptedContent };
    if (!(await retryTransient(() => encryption.isSigned(event), retries))) throw problem('device_unsigned');
  }
}
