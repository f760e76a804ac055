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
import type { Clock } from '../lib/clock.ts';
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
  readonly clock: Clock;
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

/** The machine keeps a key at least for an hour. */
const SHORTEST_PERIOD_MS = 3_600_000;

/**
 * Users whose devices get a key in one step, and devices that get a new Olm session in one step. A step holds up the
 * event loop, about 0.3 ms a device; between steps other rooms go on.
 */
const USERS_AT_ONCE = 5;
const SESSIONS_AT_ONCE = 50;

/** The current key of a room; made by this process. */
interface RoomKey {
  /** User IDs. */
  readonly sharedWith: Set<string>;
  /** Epoch ms. */
  readonly since: number;
  messages: number;
}

export class Encryptor {
  readonly #options: EncryptorOptions;
  readonly #claiming = new Slots(1);
  readonly #keys = new Map<string, RoomKey>();
  /** User IDs that the machine was told in this process. */
  readonly #tracked = new Set<string>();

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
    const { machine } = this.#options;
    await this.learnDevices(recipients.userIds);
    await this.#claimSessions(recipients);
    const key = await this.#keyFor(roomId, recipients);
    await this.#share(roomId, recipients, key);
    key.messages++;
    return asObject(
      JSON.parse(await machine.encryptRoomEvent(new RoomId(roomId), type, JSON.stringify(content))),
    );
  }

  /** Queries the devices of these users, unless they are known. @throws RequestFailed */
  async learnDevices(users: readonly string[]): Promise<void> {
    const { machine, requests } = this.#options;
    for (const some of slices(users.filter((userId) => !this.#tracked.has(userId)))) {
      await machine.updateTrackedUsers(toUserIds(some));
      await requests.sendKeyQueries();
      for (const userId of some) this.#tracked.add(userId);
    }
    // Devices of known users may have changed.
    await requests.sendKeyQueries();
  }

  /** @throws Problem `refused` if keys are for signed devices only, and the bot's own is not signed */
  async #requireSigned({ userIds }: RoomRecipients): Promise<void> {
    const { signedOnly } = this.#options;
    if (signedOnly === undefined) return;
    if (!(await signedOnly.isOwnDeviceSigned())) throw problem('own_device_unsigned');
    await signedOnly.acceptNewIdentities(userIds);
  }

  /** Forgets the room's key: the next message there, if there is one, gets a new one. */
  forget(roomId: string): void {
    this.#keys.delete(roomId);
  }

  /**
   * The current key, or a new one if the machine would rotate it, which would then share the new one with everybody in
   * one step. Keys of earlier processes are rotated in case the store is an undetected older copy: keys must not be
   * reused.
   */
  async #keyFor(roomId: string, recipients: RoomRecipients): Promise<RoomKey> {
    const { machine, clock } = this.#options;
    const current = this.#keys.get(roomId);
    if (current !== undefined && !isOver(current, recipients, clock())) return current;
    await machine.invalidateGroupSession(new RoomId(roomId));
    const key = { sharedWith: new Set<string>(), since: clock(), messages: 0 };
    this.#keys.set(roomId, key);
    return key;
  }

  /** Serialized across all rooms, step by step: otherwise two rooms could claim two one-time keys of the same device. */
  async #claimSessions({ userIds }: RoomRecipients): Promise<void> {
    for (const users of slices(userIds)) await this.#claiming.run(() => this.#claimFor(users));
  }

  async #claimFor(users: readonly string[]): Promise<void> {
    const { machine, requests } = this.#options;
    const claim = (await machine.getMissingSessions(toUserIds(users))) as MachineRequest | undefined | null;
    if (claim === undefined || claim === null) return;
    if (users.length === 1 || devicesIn(claim) <= SESSIONS_AT_ONCE) {
      await requests.send(claim);
      return;
    }
    for (const user of users) await this.#claimFor([user]);
  }

  /**
   * Step by step with more users: with fewer than before the machine would rotate the key. The next attempt includes
   * unsent shares, also after a restart: the machine stores them with the room key.
   */
  async #share(roomId: string, recipients: RoomRecipients, { sharedWith }: RoomKey): Promise<void> {
    await this.#requireSigned(recipients);
    const missing = recipients.userIds.filter((userId) => !sharedWith.has(userId));
    for (const users of slices(missing)) {
      for (const userId of users) sharedWith.add(userId);
      await this.#shareWith(roomId, [...sharedWith], recipients);
    }
    // Their devices may be new.
    if (missing.length === 0) await this.#shareWith(roomId, recipients.userIds, recipients);
  }

  async #shareWith(roomId: string, users: readonly string[], recipients: RoomRecipients): Promise<void> {
    const { machine, requests, signedOnly } = this.#options;
    const settings = new EncryptionSettings();
    settings.historyVisibility = VISIBILITY[recipients.historyVisibility];
    settings.rotationPeriod = BigInt(recipients.rotationPeriodMs ?? ROTATION_PERIOD_MS) * 1000n;
    settings.rotationPeriodMessages = BigInt(recipients.rotationPeriodMessages ?? ROTATION_PERIOD_MESSAGES);
    // All devices includes those that are not cross-signed, because admins who use them have to read the answers, too.
    settings.sharingStrategy =
      signedOnly === undefined ? CollectStrategy.allDevices() : CollectStrategy.identityBasedStrategy();
    const shares = await machine.shareRoomKey(new RoomId(roomId), toUserIds(users), settings);
    for (const request of shares) await requests.send(request as MachineRequest);
  }
}

function isOver(key: RoomKey, recipients: RoomRecipients, now: number): boolean {
  const period = Math.max(recipients.rotationPeriodMs ?? ROTATION_PERIOD_MS, SHORTEST_PERIOD_MS);
  const readers = new Set(recipients.userIds);
  return (
    key.messages >= (recipients.rotationPeriodMessages ?? ROTATION_PERIOD_MESSAGES) ||
    now - key.since >= period ||
    [...key.sharedWith].some((userId) => !readers.has(userId))
  );
}

function slices(users: readonly string[]): string[][] {
  const count = Math.ceil(users.length / USERS_AT_ONCE);
  return Array.from({ length: count }, (_, n) => users.slice(n * USERS_AT_ONCE, (n + 1) * USERS_AT_ONCE));
}

/** How many devices a request to /keys/claim asks for. */
function devicesIn({ body }: MachineRequest): number {
  const users = Object.values(asObject(asObject(JSON.parse(body)).one_time_keys));
  return users.reduce<number>((count, devices) => count + Object.keys(asObject(devices)).length, 0);
}
