// Starts the bot's end-to-end encryption: opens its keys, checks that they belong to the device that the bot is
// logged in as, publishes them and signs the device. Loaded only if encryption is on: the WASM module takes 20 MB.
import { initAsync } from '@matrix-org/matrix-sdk-crypto-wasm';
import { problem } from '../../common/problems/problem.ts';
import type { AnswerQuota } from '../access/answerQuota.ts';
import type { Clock } from '../lib/clock.ts';
import type { RecoveryKey } from '../lib/recoveryKey.ts';
import { RoomSender } from '../matrix/rooms/roomSender.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import { storeProblem } from '../store/fault.ts';
import type { RoomTable } from '../store/rooms.ts';
import { Decryptor } from './decryptor.ts';
import { DeviceTrust, type SentEvent } from './deviceTrust.ts';
import { Encryptor } from './encryptor.ts';
import { establishIdentity, type IdentityState } from './identity.ts';
import { fingerprintOf, openMachine } from './machine.ts';
import { MachineRequests } from './machineRequests.ts';
import { OutgoingRequests } from './outgoing.ts';
import { inherit, publishKeys, settleDevice } from './ownDevice.ts';
import { renewOlmSessions } from './renewOlmSessions.ts';
import { countStart, countUse } from './rollbackGuard.ts';
import { RoomEncryption } from './roomEncryption.ts';
import type { ShownEmoji } from './shownEmoji.ts';
import type { CryptoStore } from './store/cryptoStore.ts';
import { ToDeviceLimits } from './toDeviceLimits.ts';
import { Verification } from './verification.ts';

export interface EncryptionOptions {
  /** Closed by `stop()`. */
  readonly store: CryptoStore;
  /** Must be logged in. */
  readonly session: MatrixSession;
  readonly password: string | undefined;
  readonly recoveryKey: RecoveryKey | undefined;
  readonly resetIdentity: boolean;
  readonly hasAccess: (userId: string) => boolean;
  /** Room keys go only to devices that are signed by their owners. */
  readonly signedOnly: boolean;
  readonly quota: Pick<AnswerQuota, 'admits'>;
  readonly rooms: RoomTable;
  /** Encrypted rooms with more members, joined and invited, get nothing. */
  readonly mostMembers: number;
  /** Interval of `countUse` in rollbackGuard.ts (ms); default: one hour. */
  readonly countEveryMs?: number | undefined;
  /** Called when the bot can't continue: its keys no longer match the published ones, or could not be written. */
  readonly onFatal: (error: unknown) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface EncryptionStatus extends IdentityState {
  readonly deviceId: string;
  /** The device's Ed25519 key: clients show it as "session key". */
  readonly fingerprint: string;
  readonly verifications: readonly ShownEmoji[];
}

export interface Encryption {
  readonly decryptor: Decryptor;
  readonly roomEncryption: RoomEncryption;
  readonly sender: RoomSender;
  readonly verification: Verification;
  /**
   * Whether a decrypted event comes from a device that its owner has signed by now. Asks the homeserver if need be.
   * @throws RequestFailed
   */
  isSigned(event: SentEvent): Promise<boolean>;
  status(): EncryptionStatus;
  /** To be called in the transaction that stores the sync position. */
  noteGeneration(): void;
  /** To be called after the last message was sent. */
  stop(): Promise<void>;
}

/**
 * Retries while the homeserver does not answer.
 * @throws Problem `encryption_keys_unusable`: permanent, a restart does not help
 */
export async function startEncryption(options: EncryptionOptions): Promise<Encryption> {
  const { store, session, onFatal, log, signal } = options;
  const opening = openDevice(options);
  // The homeserver deletes the device keys with the old login. After a new login they are published again, but not
  // before the start has completed.
  let renewing: Promise<unknown> = opening;
  session.onLoggedInAgain(() => {
    renewing = renewing.then(async () => (await opening).renew());
    renewing.catch((error) => {
      if (!signal.aborted) onFatal(error);
    });
  });
  const { device, machine, requests, identity } = await opening;
  const trust = new DeviceTrust({ machine, log });
  if (options.signedOnly && !(await trust.isOwnDeviceSigned()))
    log.error(problem('own_device_unsigned').sentence);
  const signedOnly = options.signedOnly ? trust : undefined;
  const encryptor = new Encryptor({ machine, requests, clock: options.clock, signedOnly });
  const roomEncryption = new RoomEncryption(session, options.rooms, encryptor, options.mostMembers);
  const sender = new RoomSender(session, roomEncryption);
  const outgoing = new OutgoingRequests({ requests, sender, onFatal, log, signal });
  const verification = new Verification({ ...options, machine, encryptor, outgoing });
  const sharing = [...(await machine.trackedUsers())].map(String);
  const limits = new ToDeviceLimits({
    ...options,
    ownUserId: session.userId,
    inviters: () => options.rooms.invites().map(({ inviter }) => inviter),
    sharing,
  });
  const counting = countUse({ ...options, everyMs: options.countEveryMs });
  log.info({ deviceId: device, fingerprint: fingerprintOf(machine) }, 'End-to-end encryption is on');
  return {
    decryptor: new Decryptor({ ...options, machine, outgoing, limits }),
    roomEncryption,
    sender,
    verification,
    async isSigned(event) {
      if (await trust.isSigned(event)) return true;
      await encryptor.learnDevices([event.sender]);
      return await trust.isSigned(event);
    },
    status: () => ({
      ...identity(),
      deviceId: device,
      fingerprint: fingerprintOf(machine),
      verifications: verification.shown,
    }),
    noteGeneration: () => store.noteGeneration(),
    async stop() {
      await Promise.allSettled([counting.stop(), renewing, verification.idle(), outgoing.idle()]);
      machine.close();
      noteLastGeneration(store);
      store.close();
    },
  };
}

/** Covers messages sent since the last /sync answer. Ignores write errors (disk full), so that the bot can stop. */
function noteLastGeneration(store: CryptoStore): void {
  try {
    store.noteGeneration();
  } catch (error) {
    if (storeProblem(error) === undefined) throw error;
  }
}

/** Opens the bot's device, publishes its keys and signs it. */
async function openDevice(options: EncryptionOptions) {
  const { store, session, log, resetIdentity } = options;
  await initAsync();
  const device = await settleDevice(options);
  await countStart(store, session);
  const machine = await openMachine(options, device);
  const requests = new MachineRequests({ machine, session, log });
  const own = { ...options, machine, requests };
  const signDevice = () => establishIdentity({ ...own, reset: resetIdentity });
  await publishKeys(own);
  await inherit(own);
  let identity = await signDevice();
  await renewOlmSessions(own);
  return {
    device,
    machine,
    requests,
    identity: () => identity,
    async renew() {
      await publishKeys(own);
      identity = await signDevice();
    },
  };
}
