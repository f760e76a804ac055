// Takes in the keys that /sync brings, and decrypts events with them
// (https://spec.matrix.org/v1.16/client-server-api/#end-to-end-encryption).
import {
  DecryptionSettings,
  DeviceLists,
  MegolmDecryptionError,
  type OlmMachine,
  RoomId,
  ShieldStateCode,
  TrustRequirement,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { asObject } from '../matrix/json.ts';
import { type KeyChanges, type RoomEvent, rawEvent, readEvent } from '../matrix/sync/syncResponse.ts';
import type { OutgoingRequests } from './outgoing.ts';
import { toUserIds } from './userIds.ts';

/** A message that can't be read (yet). */
export interface Unreadable {
  readonly why: string;
}

export interface ReceivedToDevice {
  readonly type: string;
  readonly sender: string;
}

export interface DecryptorOptions {
  readonly machine: OlmMachine;
  readonly outgoing: Pick<OutgoingRequests, 'kick'>;
}

export class Decryptor {
  readonly #options: DecryptorOptions;
  /** Of keys on the homeserver, as the last answer told them. */
  #counts: string | undefined;

  constructor(options: DecryptorOptions) {
    this.#options = options;
  }

  /**
   * Takes in the keys of a sync answer; to be called before its events are decrypted, and before its position is
   * stored: keys are sent once. Receiving the same again does no harm. Returns the readable to-device messages.
   * @param missed earlier answers were not taken in, or the sync had no position to go on from: then it does not tell
   *   of everybody whose devices have changed
   */
  async receive(changes: KeyChanges, missed: boolean): Promise<ReceivedToDevice[]> {
    const { machine, outgoing } = this.#options;
    const { toDevice, changed, left, oneTimeKeyCounts, unusedFallbackKeyTypes } = changes;
    // Most answers bring nothing, and taking them in costs a few milliseconds before a command is seen.
    const counts = JSON.stringify([oneTimeKeyCounts, unusedFallbackKeyTypes]);
    const bringsNothing = toDevice.length === 0 && changed.length === 0 && left.length === 0;
    if (!missed && bringsNothing && counts === this.#counts) return [];
    if (missed) await machine.markAllTrackedUsersAsDirty();
    const processed = await machine.receiveSyncChanges(
      JSON.stringify(toDevice),
      new DeviceLists(toUserIds(changed), toUserIds(left)),
      new Map(Object.entries(oneTimeKeyCounts)),
      unusedFallbackKeyTypes === undefined ? undefined : new Set(unusedFallbackKeyTypes),
      untrusted(),
    );
    this.#counts = counts;
    outgoing.kick();
    return processed.map(({ rawEvent: json }) => {
      const { type, sender } = asObject(JSON.parse(json));
      return { type: String(type), sender: String(sender) };
    });
  }

  /** The event that was encrypted. For what can't be read the machine asks the account's other verified devices. */
  async decrypt(roomId: string, event: RoomEvent): Promise<RoomEvent | Unreadable> {
    const { machine, outgoing } = this.#options;
    try {
      const json = JSON.stringify(rawEvent(event, roomId));
      const decrypted = await machine.decryptRoomEvent(json, new RoomId(roomId), untrusted());
      const { code } = decrypted.shieldState(false);
      const inner = readEvent(JSON.parse(decrypted.event));
      decrypted.free();
      // The key came from a device of somebody else than the homeserver says: nobody's commands are taken on that.
      if (code === ShieldStateCode.MismatchedSender)
        return { why: 'It was encrypted by somebody else than its sender.' };
      if (inner === undefined) return { why: 'What was encrypted is no event.' };
      // State is never encrypted, whatever the sender wrote into it.
      return { ...inner, stateKey: undefined };
    } catch (error) {
      // A WASM object is no Error. Anything else is a fault.
      if (!(error instanceof MegolmDecryptionError)) throw error;
      const why = error.maybe_withheld ?? error.description;
      error.free();
      outgoing.kick();
      return { why };
    }
  }
}

/** Commands of devices that nobody has verified are as good as those in unencrypted rooms. */
function untrusted(): DecryptionSettings {
  return new DecryptionSettings(TrustRequirement.Untrusted);
}
