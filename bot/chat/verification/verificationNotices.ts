// Says where the bot's emoji are when somebody begins to verify it.
import { createHash } from 'node:crypto';
import type { BegunVerification } from '../../crypto/verification.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KeyedQueue } from '../../lib/keyedQueue.ts';
import { directRoomWith } from '../../matrix/rooms/directRooms.ts';
import type { MatrixSession } from '../../matrix/session.ts';
import type { Log } from '../../observability/log.ts';
import type { RoomTable } from '../../store/rooms.ts';
import type { Words } from '../../words/words.ts';
import type { RoomMessages } from '../reply/roomMessages.ts';
import { renderVerificationBegun } from './verificationReply.ts';

export interface VerificationNoticeOptions {
  readonly homeserver: MatrixSession;
  readonly rooms: RoomTable;
  readonly queues: KeyedQueue;
  readonly messages: RoomMessages;
  readonly words: Words;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const LIMITED_FOR_MS = 3_600_000;
/** Notices a user in that time. */
const MOST_PER_USER = 3;

export class VerificationNotices {
  readonly #options: VerificationNoticeOptions;
  /** The notices of the last `LIMITED_FOR_MS`. */
  #sent: { readonly userId: string; readonly at: number }[] = [];

  constructor(options: VerificationNoticeOptions) {
    this.#options = options;
  }

  /** In the room where it takes place; for one between devices, in a direct room with the user, if there is any. */
  announce(begun: BegunVerification): void {
    const { log, signal } = this.#options;
    if (!this.#isDue(begun.userId)) return;
    // Not awaited: the verification goes on meanwhile.
    void this.#send(begun).catch((error) => {
      const { userId, roomId } = begun;
      if (!signal.aborted) log.warn({ err: error, userId, roomId }, 'Could not announce a verification.');
    });
  }

  async #send({ userId, roomId, flowId }: BegunVerification): Promise<void> {
    const { rooms, queues, messages, words } = this.#options;
    const room = roomId ?? (await directRoomWith(this.#options, userId));
    if (room === undefined) return;
    // The flow ID may be text of any length.
    const about = `verification.${createHash('sha256').update(`${userId} ${flowId}`).digest('base64url')}`;
    await queues.run(room, async () => {
      if (rooms.get(room).joined) await messages.sendNotice(room, renderVerificationBegun(words), about);
    });
  }

  #isDue(userId: string): boolean {
    const at = this.#options.clock();
    this.#sent = this.#sent.filter((sent) => sent.at > at - LIMITED_FOR_MS);
    if (this.#sent.filter((sent) => sent.userId === userId).length >= MOST_PER_USER) return false;
    this.#sent.push({ userId, at });
    return true;
  }
}
