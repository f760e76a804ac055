// Which devices their owners have signed (https://spec.matrix.org/v1.16/client-server-api/#cross-signing), for
// `bot.trust: signed` (https://github.com/matrix-org/matrix-spec-proposals/pull/4153).
import {
  DeviceId,
  MegolmDecryptionError,
  type OlmMachine,
  OtherUserIdentity,
  RoomId,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Json } from '../matrix/json.ts';
import type { Log } from '../observability/log.ts';
import { toUserIds } from './userIds.ts';

export interface DeviceTrustOptions {
  readonly machine: OlmMachine;
  readonly log: Log;
}

export interface SentEvent {
  readonly roomId: string;
  readonly eventId: string;
  readonly sender: string;
  /** Of the `m.room.encrypted` event. */
  readonly content: Json;
}

export class DeviceTrust {
  readonly #options: DeviceTrustOptions;

  constructor(options: DeviceTrustOptions) {
    this.#options = options;
  }

  /** Whether the bot's own device is signed: without that, the machine shares no keys with signed devices only. */
  async isOwnDeviceSigned(): Promise<boolean> {
    const { machine } = this.#options;
    const userId = new UserId(machine.userId.toString());
    const device = await machine.getDevice(userId, new DeviceId(machine.deviceId.toString()));
    return device?.isCrossSignedByOwner() === true;
  }

  /**
   * Whether the sender's device is signed by its owner now, as far as is known. An unknown device is not.
   * @param event that was decrypted before
   */
  async isSigned({ roomId, eventId, sender, content }: SentEvent): Promise<boolean> {
    await this.acceptNewIdentities([sender]);
    const event = { type: 'm.room.encrypted', event_id: eventId, sender, origin_server_ts: 0, content };
    const { machine } = this.#options;
    try {
      const info = await machine.getRoomEventEncryptionInfo(JSON.stringify(event), new RoomId(roomId));
      // Not strict: whether the bot has verified the person does not matter.
      const { code } = info.shieldState(false);
      info.free();
      return code === undefined;
    } catch (error) {
      // Its key was deleted meanwhile.
      if (error instanceof MegolmDecryptionError) return false;
      throw error;
    }
  }

  /**
   * The machine shares no keys in a room with somebody who was verified and then replaced their identity. For the bot,
   * verifying has no meaning: it can't see whether the emoji were the same. Replacing an identity needs the password.
   */
  async acceptNewIdentities(userIds: readonly string[]): Promise<void> {
    const { machine, log } = this.#options;
    for (const userId of toUserIds(userIds)) {
      const name = userId.toString();
      const identity = await machine.getIdentity(userId);
      if (!(identity instanceof OtherUserIdentity) || !identity.hasVerificationViolation()) continue;
      await identity.withdrawVerification();
      log.warn({ userId: name }, 'Somebody who had verified the bot has replaced their identity.');
    }
  }
}
