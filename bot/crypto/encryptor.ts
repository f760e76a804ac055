// Encrypts events for rooms (https://spec.matrix.org/v1.16/client-server-api/#end-to-end-encryption) with the OlmMachine
// of matrix-sdk-crypto. WASM objects that are passed in arrays are consumed: so everything is kept as plain strings, and
// WASM objects are made afresh for each call.
import {
  CollectStrategy,
  EncryptionSettings,
  HistoryVisibility,
  type OlmMachine,
  RoomId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { Slots } from '../lib/slots.ts';
import { asObject, type Json } from '../matrix/json.ts';
import type { MachineRequest, MachineRequests } from './machineRequests.ts';
import { toUserIds } from './userIds.ts';

/** Who may read a room, and how it wants to be encrypted. */
export interface RoomRecipients {
  /** User IDs, the bot's own among them. */
  readonly userIds: readonly string[];
  readonly historyVisibility: 'invited' | 'joined' | 'shared' | 'world_readable';
  /** After how long, and how many messages, a new key is made; undefined: as the specification recommends. */
  readonly rotationPeriodMs: number | undefined;
  readonly rotationPeriodMessages: number | undefined;
}

export interface EncryptorOptions {
  readonly machine: OlmMachine;
  readonly requests: MachineRequests;
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
  /** Rooms with a key that was made by this process. */
  readonly #rekeyed = new Set<string>();

  constructor(options: EncryptorOptions) {
    this.#options = options;
  }

  /**
   * Sees that everybody's devices have the room's key, and encrypts. One at a time in each room: the caller sends the
   * result before it encrypts the next message. (A key that expires between sharing and encrypting would make the
   * machine panic.)
   * @throws RequestFailed while keys can't be asked for or sent; nothing was encrypted then
   */
  async encrypt(roomId: string, type: string, content: unknown, recipients: RoomRecipients): Promise<Json> {
    const { machine, requests } = this.#options;
    await machine.updateTrackedUsers(toUserIds(recipients.userIds));
    await requests.sendKeyQueries();
    await this.#claimSessions(recipients);
    // Should the store be an older copy after all, no message is encrypted with a key of before.
    if (!this.#rekeyed.has(roomId)) await machine.invalidateGroupSession(new RoomId(roomId));
    this.#rekeyed.add(roomId);
    await this.#share(roomId, recipients);
    return asObject(
      JSON.parse(await machine.encryptRoomEvent(new RoomId(roomId), type, JSON.stringify(content))),
    );
  }

  /** Sees that the devices of these users are known. @throws RequestFailed */
  async learnDevices(users: readonly string[]): Promise<void> {
    await this.#options.machine.updateTrackedUsers(toUserIds(users));
    await this.#options.requests.sendKeyQueries();
  }

  /** One at a time over all rooms, or two rooms would claim two one-time keys of the same device. */
  async #claimSessions(recipients: RoomRecipients): Promise<void> {
    const { machine, requests } = this.#options;
    await this.#claiming.run(async () => {
      const claim = await machine.getMissingSessions(toUserIds(recipients.userIds));
      if (claim !== null) await requests.send(claim as MachineRequest);
    });
  }

  /** What could not be sent is part of the next try, also after a restart: the machine keeps it with the room's key. */
  async #share(roomId: string, recipients: RoomRecipients): Promise<void> {
    const { machine, requests } = this.#options;
    const settings = new EncryptionSettings();
    settings.historyVisibility = VISIBILITY[recipients.historyVisibility];
    settings.rotationPeriod = BigInt(recipients.rotationPeriodMs ?? ROTATION_PERIOD_MS) * 1000n;
    settings.rotationPeriodMessages = BigInt(recipients.rotationPeriodMessages ?? ROTATION_PERIOD_MESSAGES);
    // Admins' devices need not be cross-signed: an answer that its reader can't decrypt helps nobody.
    settings.sharingStrategy = CollectStrategy.allDevices();
    const shares = await machine.shareRoomKey(new RoomId(roomId), toUserIds(recipients.userIds), settings);
    await Promise.all(shares.map((request) => requests.send(request as MachineRequest)));
  }
}
