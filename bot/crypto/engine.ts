// End-to-end encryption (https://spec.matrix.org/v1.16/client-server-api/#end-to-end-encryption) on the OlmMachine of
// matrix-sdk-crypto. WASM objects that are passed in arrays are consumed: so everything is kept as plain strings, and
// WASM objects are made afresh for each call.
import {
  CollectStrategy,
  DecryptionSettings,
  DeviceLists,
  EncryptionSettings,
  HistoryVisibility,
  MegolmDecryptionError,
  type OlmMachine,
  RoomId,
  ShieldStateCode,
  TrustRequirement,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { KeyedQueue } from '../lib/keyedQueue.ts';
import { asObject, type Json } from '../matrix/json.ts';
import type { Homeserver } from '../matrix/session.ts';
import { type KeyChanges, type RoomEvent, rawEvent, readEvent } from '../matrix/sync/syncResponse.ts';
import type { MachineRequest, OutgoingRequests } from './outgoing.ts';

/** Who may read a room, and how it wants to be encrypted. */
export interface RoomRecipients {
  /** User IDs, the bot's own among them. */
  readonly userIds: readonly string[];
  readonly historyVisibility: 'invited' | 'joined' | 'shared' | 'world_readable';
  /** After how long, and how many messages, a new key is made; undefined: as the specification recommends. */
  readonly rotationPeriodMs: number | undefined;
  readonly rotationPeriodMessages: number | undefined;
}

/** A message that can't be read (yet). */
export interface Unreadable {
  readonly why: string;
}

export interface ReceivedToDevice {
  readonly type: string;
  readonly sender: string;
}

export interface EngineOptions {
  readonly machine: OlmMachine;
  readonly outgoing: OutgoingRequests;
  readonly homeserver: Homeserver;
}

/** The specification's recommendation: https://spec.matrix.org/v1.16/client-server-api/#mroomencryption */
const ROTATION_PERIOD_MS = 7 * 86_400_000;
const ROTATION_PERIOD_MESSAGES = 100;

const VISIBILITY = {
  invited: HistoryVisibility.Invited,
  joined: HistoryVisibility.Joined,
  shared: HistoryVisibility.Shared,
  world_readable: HistoryVisibility.WorldReadable,
} as const;

export class CryptoEngine {
  readonly #options: EngineOptions;
  readonly #queue = new KeyedQueue();
  /** Rooms with a key that was made by this process. */
  readonly #rekeyed = new Set<string>();
  /** Of keys on the homeserver, as the last answer told them. */
  #counts: string | undefined;

  constructor(options: EngineOptions) {
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

  /**
   * Sees that everybody's devices have the room's key, and encrypts. The caller sends the result before it encrypts
   * the next message of the room.
   * @throws RequestFailed while keys can't be asked for or sent; nothing was encrypted then
   */
  async encrypt(roomId: string, type: string, content: unknown, recipients: RoomRecipients): Promise<Json> {
    const { machine, outgoing } = this.#options;
    // A key that expires between sharing and encrypting would make the machine panic: one after the other in a room.
    return await this.#queue.run(roomId, async () => {
      await machine.updateTrackedUsers(toUserIds(recipients.userIds));
      await outgoing.sendKeyQueries();
      await this.#claimSessions(recipients);
      // Should the store be an older copy after all, no message is encrypted with a key of before.
      if (!this.#rekeyed.has(roomId)) await machine.invalidateGroupSession(new RoomId(roomId));
      this.#rekeyed.add(roomId);
      await this.#share(roomId, recipients);
      return asObject(
        JSON.parse(await machine.encryptRoomEvent(new RoomId(roomId), type, JSON.stringify(content))),
      );
    });
  }

  /** Sees that the devices of these users are known. @throws RequestFailed */
  async learnDevices(users: readonly string[]): Promise<void> {
    await this.#options.machine.updateTrackedUsers(toUserIds(users));
    await this.#options.outgoing.sendKeyQueries();
  }

  /** One at a time over all rooms, or two rooms would claim two one-time keys of the same device. */
  async #claimSessions(recipients: RoomRecipients): Promise<void> {
    const { machine, outgoing } = this.#options;
    await this.#queue.run('', async () => {
      const claim = await machine.getMissingSessions(toUserIds(recipients.userIds));
      if (claim !== null) await outgoing.send(claim as MachineRequest);
    });
  }

  /** What could not be sent is part of the next try, also after a restart: the machine keeps it with the room's key. */
  async #share(roomId: string, recipients: RoomRecipients): Promise<void> {
    const { machine, outgoing } = this.#options;
    const settings = new EncryptionSettings();
    settings.historyVisibility = VISIBILITY[recipients.historyVisibility];
    settings.rotationPeriod = BigInt(recipients.rotationPeriodMs ?? ROTATION_PERIOD_MS) * 1000n;
    settings.rotationPeriodMessages = BigInt(recipients.rotationPeriodMessages ?? ROTATION_PERIOD_MESSAGES);
    // Admins' devices need not be cross-signed: an answer that its reader can't decrypt helps nobody.
    settings.sharingStrategy = CollectStrategy.allDevices();
    const requests = await machine.shareRoomKey(new RoomId(roomId), toUserIds(recipients.userIds), settings);
    await Promise.all(requests.map((request) => outgoing.send(request as MachineRequest)));
  }
}

/** Old rooms have members whose user IDs are none by today's rules: they have no devices either. */
function toUserIds(userIds: readonly string[]): UserId[] {
  return userIds.flatMap((userId) => {
    try {
      return [new UserId(userId)];
    } catch {
      return [];
    }
  });
}

/** Commands of devices that nobody has verified are as good as those in unencrypted rooms. */
function untrusted(): DecryptionSettings {
  return new DecryptionSettings(TrustRequirement.Untrusted);
}
