// Starts the bot's end-to-end encryption: opens its keys, checks that they are those of the device that the bot is
// logged in as, publishes them and signs the device. Loaded only if encryption is on: the WASM module takes 20 MB.
import {
  type DeviceId,
  initAsync,
  OlmMachine,
  StoreHandle,
  UserId,
  DeviceId as WasmDeviceId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { Problem } from '../../common/problem.ts';
import type { Clock } from '../clock.ts';
import type { Homeserver } from '../homeserver/homeserver.ts';
import type { Log } from '../log.ts';
import { CryptoEngine } from './engine.ts';
import { establishIdentity, type IdentityState } from './identity.ts';
import { OutgoingRequests } from './outgoing.ts';
import { publishAgain, publishedKeys } from './ownDevice.ts';
import { keysUnusable } from './problems.ts';
import type { RecoveryKey } from './recoveryKey.ts';
import type { ShownEmoji } from './shownEmoji.ts';
import { countStart } from './starts.ts';
import type { CryptoStore } from './store/cryptoStore.ts';
import { Verification } from './verification.ts';

export interface EncryptionOptions {
  /** Closed by `stop()`. */
  readonly store: CryptoStore;
  /** Signed in. */
  readonly homeserver: Homeserver;
  readonly password: string | undefined;
  readonly recoveryKey: RecoveryKey | undefined;
  readonly resetIdentity: boolean;
  readonly hasAccess: (userId: string) => boolean;
  /** The bot can't go on: its keys don't fit any more, or could not be written. */
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
  readonly engine: CryptoEngine;
  readonly verification: Verification;
  status(): EncryptionStatus;
  /** The bot logged in as the same device again: its keys went with the old login. */
  loggedInAgain(): void;
  /** After the last message was sent. */
  stop(): Promise<void>;
}

/** The name of the databases within the store. */
const STORE_NAME = 'bot';

/**
 * Waits for a homeserver that does not answer.
 * @throws Problem `encryption_keys_unusable`: starting again does not help
 */
export async function startEncryption(options: EncryptionOptions): Promise<Encryption> {
  const { store, homeserver, onFatal, log, signal, clock, hasAccess } = options;
  await initAsync();
  const device = await ownDevice(options);
  await countStart(store, homeserver);
  const machine = await openMachine(options, device);
  const outgoing = new OutgoingRequests({ machine, homeserver, onFatal, log, signal });
  const publish = async () => {
    await checkPublished(options, machine, outgoing);
    await homeserver.patiently('publish the encryption keys', () => outgoing.sendAll());
    store.facts.set('published', 'yes');
  };
  const signDevice = () => establishIdentity({ machine, outgoing, reset: options.resetIdentity, ...options });
  await publish();
  let identity = await signDevice();
  const engine = new CryptoEngine({ machine, outgoing, homeserver });
  const common = { machine, engine, outgoing, homeserver };
  const verification = new Verification({ ...common, hasAccess, clock, log, signal });
  log.info({ deviceId: device, fingerprint: fingerprintOf(machine) }, 'End-to-end encryption is on');
  let renewing: Promise<void> | undefined;
  return {
    engine,
    verification,
    status: () => ({
      ...identity,
      deviceId: device,
      fingerprint: fingerprintOf(machine),
      verifications: verification.shown,
    }),
    loggedInAgain() {
      renewing = publish()
        .then(async () => {
          identity = await signDevice();
        })
        .catch((error) => {
          if (!signal.aborted) onFatal(error);
        });
    },
    async stop() {
      await Promise.allSettled([renewing, verification.idle(), outgoing.idle()]);
      machine.close();
      store.close();
    },
  };
}

/** The device that the bot is, with the keys in the store. */
async function ownDevice({ store, homeserver, log }: EncryptionOptions): Promise<string> {
  const { userId, deviceId } = homeserver;
  if (deviceId === undefined) {
    throw new Problem(
      'encryption_keys_unusable',
      `The bot’s access token belongs to no device of ${userId}, and encryption needs one.`,
      'Use a token from an ordinary login, or the password, or set bot.encryption: false.',
    );
  }
  const owner = store.facts.get('user_id');
  const ownerDevice = store.facts.get('device_id');
  if (ownerDevice !== undefined) {
    if (owner === userId && ownerDevice === deviceId) return deviceId;
    throw keysUnusable(
      `The encryption keys in the data folder belong to the device ${ownerDevice} of ${owner}, but the bot is logged in as ${deviceId} of ${userId}.`,
      homeserver,
    );
  }
  const published = await publishedKeys(homeserver, deviceId);
  if (published !== undefined) {
    if (!homeserver.canLogIn) {
      throw keysUnusable(
        `The encryption keys of the bot’s device ${deviceId} are lost: the homeserver has them, the data folder has not. Restore crypto.sqlite if you still have it.`,
        homeserver,
      );
    }
    log.error(
      `The encryption keys of the bot’s device ${deviceId} are lost: the homeserver has them, the data folder has not. The bot logs in as a new device; messages sent before can’t be read any more.`,
    );
    await homeserver.becomeNewDevice();
  }
  const device = homeserver.deviceId as string;
  store.facts.set('user_id', userId);
  store.facts.set('device_id', device);
  return device;
}

async function openMachine(
  { store, homeserver, log }: EncryptionOptions,
  device: string,
): Promise<OlmMachine> {
  const handle = await store.withIndexedDb(() => StoreHandle.open(STORE_NAME, undefined, machineLog(log)));
  const deviceId: DeviceId = new WasmDeviceId(device);
  return await OlmMachine.initFromStore(new UserId(homeserver.userId), deviceId, handle, machineLog(log));
}

/** The device's keys on the homeserver must be those of the store. @throws Problem `encryption_keys_unusable` */
async function checkPublished(
  { store, homeserver, log }: EncryptionOptions,
  machine: OlmMachine,
  outgoing: OutgoingRequests,
): Promise<void> {
  const device = machine.deviceId.toString();
  if (store.facts.get('published') === undefined) return;
  const published = await publishedKeys(homeserver, device);
  if (published === undefined) {
    log.warn(
      `The homeserver has lost the encryption keys of the bot’s device ${device}: they are published again.`,
    );
    await publishAgain(machine, homeserver, outgoing);
  } else if (published.ed25519 !== fingerprintOf(machine)) {
    throw keysUnusable(
      `The encryption keys in the data folder are not those that the homeserver has of the bot’s device ${device}.`,
      homeserver,
    );
  }
}

function fingerprintOf(machine: OlmMachine): string {
  return machine.identityKeys.ed25519.toBase64();
}

/** Its warnings are about single messages, of which the bot tells by itself. */
function machineLog(log: Log) {
  const note = (text: unknown) => log.debug({ module: 'crypto' }, String(text));
  return { debug: () => undefined, info: () => undefined, warn: note, error: note };
}
