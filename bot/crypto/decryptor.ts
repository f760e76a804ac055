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
import { asObject, type Json } from '../matrix/json.ts';
import { type KeyChanges, type RoomEvent, rawEvent, readEvent } from '../matrix/sync/syncResponse.ts';
import type { RoomTable } from '../store/rooms.ts';
import { messageIndexOf } from './megolmMessage.ts';
import type { OutgoingRequests } from './outgoing.ts';
import type { CryptoStore } from './store/cryptoStore.ts';
import type { RoomKey } from './store/retention.ts';
import type { ToDeviceLimits } from './toDeviceLimits.ts';
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
  readonly limits: Pick<ToDeviceLimits, 'admit'>;
  readonly store: Pick<CryptoStore, 'noteRoomKeys' | 'deleteExcess'>;
  readonly rooms: Pick<RoomTable, 'known'>;
  readonly clock: Clock;
}

/** What is too much in the store is deleted after this many to-device messages, and daily. */
const TIDY_AFTER = 500;
const DAY_MS = 86_400_000;

export class Decryptor {
  readonly #options: DecryptorOptions;
  /** Key counts on the homeserver, from the last sync answer that was processed; JSON. */
  #counts: string | undefined;
  readonly #noOlm: NoOlmReports;
  #sinceTidy = 0;
  #tidiedAt: number;

  constructor(options: DecryptorOptions) {
    this.#options = options;
    this.#noOlm = new NoOlmReports(options.clock);
    this.#tidiedAt = options.clock();
  }

  /**
   * Processes the keys of a sync answer; to be called before its events are decrypted, and before its position is
   * stored, because keys are delivered only once. Idempotent. Returns the to-device messages, decrypted if possible,
   * without those that the limits exclude.
   * @param missed earlier answers were not processed, or the sync started without a position: its list of users with
   *   changed devices is then incomplete, and all tracked users are queried again
   * @param inviters user IDs, from the invites of the same answer
   */
  async receive(
    changes: KeyChanges,
    missed: boolean,
    inviters: readonly (string | undefined)[],
  ): Promise<ReceivedToDevice[]> {
    const { machine, outgoing, limits } = this.#options;
    const { changed, left, oneTimeKeyCounts, unusedFallbackKeyTypes } = changes;
    const toDevice = limits.admit(changes, inviters);
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
    const messages = processed.map(({ rawEvent: json }) => asObject(JSON.parse(json)));
    await this.#tidy(messages);
    return messages.map(({ type, sender }) => ({ type: String(type), sender: String(sender) }));
  }

  /** Records who sent room keys, and bounds the store. */
  async #tidy(messages: readonly Json[]): Promise<void> {
    const { store, rooms, clock } = this.#options;
    const now = clock();
    store.noteRoomKeys(messages.flatMap(roomKeyIn), now);
    this.#sinceTidy += messages.length;
    if (this.#sinceTidy < TIDY_AFTER && now - this.#tidiedAt < DAY_MS) return;
    this.#sinceTidy = 0;
    this.#tidiedAt = now;
    await store.deleteExcess({ rooms: rooms.known(), now });
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

function roomKeyIn({ type, sender, content }: Json): RoomKey[] {
  if (type !== 'm.room_key' && type !== 'm.forwarded_room_key') return [];
  const { room_id: roomId, session_id: sessionId } = asObject(content);
  if (typeof roomId !== 'string' || typeof sessionId !== 'string') return [];
  return [{ roomId, sessionId, sender: String(sender) }];
}

/** Which devices commands are taken from is decided later (`deviceTrust.ts`): whoever is refused gets an answer. */
function untrusted(): DecryptionSettings {
  return new DecryptionSettings(TrustRequirement.Untrusted);
}
