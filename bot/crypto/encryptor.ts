// Encrypts events for rooms (https://spec.matrix.org/v1.16/client-server-api/#end-to-end-encryption) with the OlmMachine
// of matrix-sdk-crypto. WASM objects passed in arrays are consumed, so the bot keeps plain strings and creates new WASM
// objects for each call.
import {
  CollectStrategy,
  EncryptionSettings,
  HistoryVisibility,
  type OlmMachine,
  RoomId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { problem } from '../../common/problems/problem.ts';
import { Slots } from '../lib/slots.ts';
import { asObject, type Json } from '../matrix/json.ts';
import type { DeviceTrust } from './deviceTrust.ts';
import type { MachineRequest, MachineRequests } from './machineRequests.ts';
import { toUserIds } from './userIds.ts';

/** The users who may read a room, and its encryption settings. */
export interface RoomRecipients {
  /** User IDs, including the bot's own. */
  readonly userIds: readonly string[];
  readonly historyVisibility: 'invited' | 'joined' | 'shared' | 'world_readable';
  /** Time and number of messages after which the room key is rotated; undefined: the specification's recommendation. */
  readonly rotationPeriodMs: number | undefined;
  readonly rotationPeriodMessages: number | undefined;
}

export interface EncryptorOptions {
  readonly machine: OlmMachine;
  readonly requests: MachineRequests;
  /** Room keys go only to devices that are signed by their owners; undefined: to all. */
  readonly signedOnly?: DeviceTrust | undefined;
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

export class Encryptor {
  readonly #options: EncryptorOptions;
  readonly #claiming = new Slots(1);
  /** Rooms whose current key was created by this process. */
  readonly #rekeyed = new Set<string>();

  constructor(options: EncryptorOptions) {
    this.#options = options;
  }

  /**
   * Shares the room key with all recipients' devices, then encrypts. Not concurrently within a room: the caller sends
   * the result before it encrypts the next message. (A key that expires between sharing and encrypting would make the
   * machine panic.)
   * @throws RequestFailed if keys can't be queried, claimed or sent; Problem `refused` if none may be shared. Nothing was
   *   encrypted then
   */
  async encrypt(roomId: string, type: string, content: unknown, recipients: RoomRecipients): Promise<Json> {
    const { machine, requests } = this.#options;
    await machine.updateTrackedUsers(toUserIds(recipients.userIds));
    await requests.sendKeyQueries();
    await this.#claimSessions(recipients);
    // Rotates keys of earlier processes, in case the store is an undetected older copy: keys must not be reused.
    if (!this.#rekeyed.has(roomId)) await machine.invalidateGroupSession(new RoomId(roomId));
    this.#rekeyed.add(roomId);
    await this.#share(roomId, recipients);
    return asObject(
      JSON.parse(await machine.encryptRoomEvent(new RoomId(roomId), type, JSON.stringify(content))),
    );
  }

  /** Queries the devices of these users, unless they are known. @throws RequestFailed */
  async learnDevices(users: readonly string[]): Promise<void> {
    await this.#options.machine.updateTrackedUsers(toUserIds(users));
    await this.#options.requests.sendKeyQueries();
  }

  /** Serialized across all rooms: otherwise two rooms could claim two one-time keys of the same device. */
  async #claimSessions(recipients: RoomRecipients): Promise<void> {
    const { machine, requests } = this.#options;
    await this.#claiming.run(async () => {
      const claim = await machine.getMissingSessions(toUserIds(recipients.userIds));
      if (claim !== null) await requests.send(claim as MachineRequest);
    });
  }

  /** @throws Problem `refused` if the bot's own device is not signed */
  async #strategy({ userIds }: RoomRecipients): Promise<CollectStrategy> {
    const { signedOnly } = this.#options;
    // Includes devices that are not cross-signed, because admins who use them have to read the answers, too.
    if (signedOnly === undefined) return CollectStrategy.allDevices();
    if (!(await signedOnly.isOwnDeviceSigned())) throw problem('own_device_unsigned');
    await signedOnly.acceptNewIdentities(userIds);
    return CollectStrategy.identityBasedStrategy();
  }

  /** The next attempt includes unsent shares, also after a restart: the machine stores them with the room key. */
  async #share(roomId: string, recipients: RoomRecipients): Promise<void> {
    const { machine, requests } = this.#options;
    const settings = new EncryptionSettings();
    settings.historyVisibility = VISIBILITY[recipients.historyVisibility];
    settings.rotationPeriod = BigInt(recipients.rotationPeriodMs ?? ROTATION_PERIOD_MS) * 1000n;
    settings.rotationPeriodMessages = BigInt(recipients.rotationPeriodMessages ?? ROTATION_PERIOD_MESSAGES);
    settings.sharingStrategy = await this.#strategy(recipients);
    const shares = await machine.shareRoomKey(new RoomId(roomId), toUserIds(recipients.userIds), settings);
    await Promise.all(shares.map((request) => requests.send(request as MachineRequest)));
  }
}
