// Starts the bot's end-to-end encryption: opens its keys, checks that they are those of the device that the bot is
// logged in as, publishes them and signs the device. Loaded only if encryption is on: the WASM module takes 20 MB.
import { initAsync } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Clock } from '../lib/clock.ts';
import type { RecoveryKey } from '../lib/recoveryKey.ts';
import type { Homeserver } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import type { RoomTable } from '../store/rooms.ts';
import { CryptoEngine } from './engine.ts';
import { establishIdentity, type IdentityState } from './identity.ts';
import { fingerprintOf, openMachine } from './machine.ts';
import { OutgoingRequests } from './outgoing.ts';
import { inherit, publishKeys, settleDevice } from './ownDevice.ts';
import { renewOlmSessions } from './renewOlmSessions.ts';
import { countStart, countUse } from './rollbackGuard.ts';
import type { ShownEmoji } from './shownEmoji.ts';
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
  readonly rooms: Pick<RoomTable, 'joined'>;
  /** How often it is counted that the keys are used (ms); default: each hour. */
  readonly countEveryMs?: number | undefined;
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

/**
 * Waits for a homeserver that does not answer.
 * @throws Problem `encryption_keys_unusable`: starting again does not help
 */
export async function startEncryption(options: EncryptionOptions): Promise<Encryption> {
  const { store, homeserver, onFatal, log, signal, clock, hasAccess } = options;
  await initAsync();
  const device = await settleDevice(options);
  await countStart(store, homeserver);
  const machine = await openMachine(options, device);
  const outgoing = new OutgoingRequests({ machine, homeserver, onFatal, log, signal });
  const own = { ...options, machine, outgoing };
  const signDevice = () => establishIdentity({ ...own, reset: options.resetIdentity });
  await publishKeys(own);
  await inherit(own);
  let identity = await signDevice();
  await renewOlmSessions(own);
  const engine = new CryptoEngine({ machine, outgoing, homeserver });
  const common = { machine, engine, outgoing, homeserver };
  const verification = new Verification({ ...common, hasAccess, clock, log, signal });
  log.info({ deviceId: device, fingerprint: fingerprintOf(machine) }, 'End-to-end encryption is on');
  const counting = countUse({ ...options, everyMs: options.countEveryMs });
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
      renewing = publishKeys(own)
        .then(async () => {
          identity = await signDevice();
        })
        .catch((error) => {
          if (!signal.aborted) onFatal(error);
        });
    },
    async stop() {
      await Promise.allSettled([counting.stop(), renewing, verification.idle(), outgoing.idle()]);
      machine.close();
      store.close();
    },
  };
}
