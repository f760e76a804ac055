// Passes keys from /sync to the OlmMachine, and decrypts events with them
// (https://spec.matrix.org/v1.16/client-server-api/#end-to-end-encryption).
import {
  DecryptionErrorCode,
  DecryptionSettings,
  DeviceLists,
  MegolmDecryptionError,
  type OlmMachine,
  RoomId,
  ShieldStateCode,
  TrustRequirement,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Clock } from '../lib/clock.ts';
import { asObject } from '../matrix/json.ts';
import { type KeyChanges, type RoomEvent, rawEvent, readEvent } from '../matrix/sync/syncResponse.ts';
import { messageIndexOf } from './megolmMessage.ts';
import type { OutgoingRequests } from './outgoing.ts';
import { toUserIds } from './userIds.ts';
import { asWithheldCode, NoOlmReports, type WithheldCode } from './withheld.ts';

/** A message that can't be decrypted (yet). */
export interface Unreadable {
  readonly why: string;
  /** Set if the sender's client reported that it withheld the key. */
  readonly withheld?: WithheldCode | undefined;
}

export interface ReceivedToDevice {
  readonly type: string;
  readonly sender: string;
}

export interface DecryptorOptions {
  readonly machine: OlmMachine;
  readonly outgoing: Pick<OutgoingRequests, 'kick'>;
  readonly clock: Clock;
}

export class Decryptor {
  readonly #options: DecryptorOptions;
  /** Key counts on the homeserver, from the last sync answer that was processed; JSON. */
  #counts: string | undefined;
  readonly #noOlm: NoOlmReports;

  constructor(options: DecryptorOptions) {
    this.#options = options;
    this.#noOlm = new NoOlmReports(options.clock);
  }

  /**
   * Processes the keys of a sync answer; to be called before its events are decrypted, and before its position is
   * stored, because keys are delivered only once. Idempotent. Returns the to-device messages, decrypted if possible.
   * @param missed earlier answers were not processed, or the sync started without a position: its list of users with
   *   changed devices is then incomplete, and all tracked users are queried again
   */
  async receive(changes: KeyChanges, missed: boolean): Promise<ReceivedToDevice[]> {
    const { machine, outgoing } = this.#options;
    const { toDevice, changed, left, oneTimeKeyCounts, unusedFallbackKeyTypes } = changes;
    // Most answers contain no changes; processing them would delay each command by a few milliseconds.
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
    this.#noOlm.receive(toDevice);
    outgoing.kick();
    return processed.map(({ rawEvent: json }) => {
      const { type, sender } = asObject(JSON.parse(json));
      return { type: String(type), sender: String(sender) };
    });
  }

  /** The decrypted event. If a key is missing, the machine requests it from the account's other verified devices. */
  async decrypt(roomId: string, event: RoomEvent): Promise<RoomEvent | Unreadable> {
    const { machine, outgoing } = this.#options;
    try {
      const json = JSON.stringify(rawEvent(event, roomId));
      const decrypted = await machine.decryptRoomEvent(json, new RoomId(roomId), untrusted());
      const { code } = decrypted.shieldState(false);
      const inner = readEvent(JSON.parse(decrypted.event));
      decrypted.free();
      // The key belongs to a device of another user than the event's sender: the sender could be forged.
      if (code === ShieldStateCode.MismatchedSender)
        return { why: 'It was encrypted by somebody else than its sender.' };
      if (inner === undefined) return { why: 'What was encrypted is no event.' };
      const { session_id, ciphertext } = event.content;
      const messageIndex = messageIndexOf(ciphertext);
      if (typeof session_id !== 'string' || messageIndex === undefined)
        return { why: 'It was not encrypted with Megolm.' };
      // State events are never encrypted: ignores a state key inside the encrypted content.
      const decryptedFrom = { content: event.content, sessionId: session_id, messageIndex };
      return { ...inner, stateKey: undefined, decryptedFrom };
    } catch (error) {
      // MegolmDecryptionError is a WASM object, not an Error. Anything else is a bug and is rethrown.
      if (!(error instanceof MegolmDecryptionError)) throw error;
      const why = error.maybe_withheld ?? error.description;
      const withheld = this.#withheldCode(error, event.sender);
      error.free();
      outgoing.kick();
      return { why, withheld };
    }
  }

  #withheldCode(error: MegolmDecryptionError, sender: string): WithheldCode | undefined {
    if (error.code !== DecryptionErrorCode.MissingRoomKey) return undefined;
    return asWithheldCode(error.withheldCode) ?? (this.#noOlm.has(sender) ? 'm.no_olm' : undefined);
  }
}

/** Which devices commands are taken from is decided later (`deviceTrust.ts`): whoever is refused gets an answer. */
function untrusted(): DecryptionSettings {
  return new DecryptionSettings(TrustRequirement.Untrusted);
}
