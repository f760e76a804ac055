// The bot's device and its keys: the keys in the store must match those published on the homeserver.

import { type OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { Problem, problem } from '../../common/problems/problem.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { asObject } from '../matrix/json.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import { exportSecrets } from './identity.ts';
import { fingerprintOf, openMachine } from './machine.ts';
import type { MachineRequest, MachineRequests } from './machineRequests.ts';
import type { CryptoStore } from './store/cryptoStore.ts';

export interface DeviceOptions {
  readonly store: CryptoStore;
  /** Must be logged in. */
  readonly session: MatrixSession;
  readonly log: Log;
}

export interface OwnDevice extends DeviceOptions {
  readonly machine: OlmMachine;
  readonly requests: MachineRequests;
}

/**
 * Determines the bot's device ID and stores it before any keys are created for it. A new access token, or a new login
 * without the state file, means a new device.
 * @throws Problem `encryption_keys_unusable`
 */
export async function settleDevice({ store, session, log }: DeviceOptions): Promise<string> {
  const { userId, deviceId } = session;
  if (deviceId === undefined) {
    throw problem('keys_without_device', { userId });
  }
  const owner = store.facts.get('user_id');
  const before = store.facts.get('device_id');
  if (owner !== undefined && owner !== userId) {
    throw problem('keys_of_another_account', { owner, userId, canLogIn: session.canLogIn });
  }
  if (before === deviceId) return deviceId;
  if ((await publishedKeys(session, deviceId)) !== undefined) {
    const { canLogIn } = session;
    const lost = problem('keys_lost', { deviceId, canLogIn });
    if (!canLogIn) throw lost;
    log.error(`${lost.message} The bot logs in as a new device; it can’t read messages sent before that.`);
    await session.becomeNewDevice();
  }
  const device = session.deviceId as string;
  if (before !== undefined) {
    log.warn(`The bot is the device ${device} now, and takes over what it had as ${before}.`);
    store.facts.set('previous_device', before);
  }
  store.facts.set('user_id', userId);
  store.facts.set('device_id', device);
  return device;
}

/**
 * Retries while the homeserver does not answer. Of a device whose keys are published, a refused upload of more one-time
 * keys is left to `OutgoingRequests`: the device works without them.
 * @throws Problem `encryption_keys_unusable`; RequestFailed if the first upload is refused
 */
export async function publishKeys(own: OwnDevice): Promise<void> {
  const { machine, store, session, requests, log } = own;
  const device = machine.deviceId.toString();
  const isPublished = store.facts.get('published') === device;
  if (isPublished) await checkPublished(own, device);
  try {
    await session.retryRequest('publish the encryption keys', () => requests.sendAll());
  } catch (error) {
    if (!isPublished || !(error instanceof RequestFailed)) throw error;
    log.warn(`Could not send what encryption needs: ${error.sentence}`);
  }
  store.facts.set('published', device);
}

async function checkPublished(own: OwnDevice, device: string): Promise<void> {
  const { machine, session, log } = own;
  const published = await publishedKeys(session, device);
  if (published === undefined) {
    log.info(`The encryption keys of the device ${device} went with its login: they are published again.`);
    await publishAgain(own);
  } else if (published.ed25519 !== fingerprintOf(machine)) {
    throw problem('keys_differ', { deviceId: device, canLogIn: session.canLogIn });
  }
}

/** Imports the cross-signing keys and room keys of the bot's previous device, if there is one. */
export async function inherit(own: OwnDevice): Promise<void> {
  const { machine, store, session, requests, log } = own;
  const previous = store.facts.get('previous_device');
  if (previous === undefined || previous === '') return;
  const old = await openMachine(own, previous);
  try {
    await machine.importExportedRoomKeys(await old.exportRoomKeys(() => true), () => undefined);
    const secrets = await exportSecrets(old);
    // The machine checks imported keys against the account's public identity, which has to be queried first.
    await session.retryRequest('look for the encryption keys', () =>
      requests.send(machine.queryKeysForUsers([new UserId(session.userId)]) as MachineRequest),
    );
    if (secrets !== undefined) {
      await machine.importCrossSigningKeys(secrets.master, secrets.self_signing, secrets.user_signing);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    log.warn(`What the bot had as the device ${previous} could not be taken over: ${String(error)}`);
  } finally {
    old.close();
  }
  store.facts.set('previous_device', '');
  store.remove(previous);
}

interface PublishedKeys {
  /** Unpadded base64. */
  readonly ed25519: unknown;
}

/** undefined: none are published. Retries while the homeserver does not answer. */
async function publishedKeys(session: MatrixSession, deviceId: string): Promise<PublishedKeys | undefined> {
  const { userId } = session;
  const answer = await session.retryRequest('look for the encryption keys', () =>
    session.request('POST', '/_matrix/client/v3/keys/query', { device_keys: { [userId]: [] } }),
  );
  const devices = asObject(asObject(asObject(answer).device_keys)[userId]);
  const device = devices[deviceId];
  return device === undefined
    ? undefined
    : { ed25519: asObject(asObject(device).keys)[`ed25519:${deviceId}`] };
}

/**
 * Publishes the device keys again (https://spec.matrix.org/v1.16/client-server-api/#device-keys), which the machine
 * does only once. It uploads new one-time keys as soon as /sync reports that there are none.
 */
async function publishAgain({ machine, session, requests }: OwnDevice): Promise<void> {
  const userId = machine.userId.toString();
  const deviceId = machine.deviceId.toString();
  const { curve25519, ed25519 } = machine.identityKeys;
  // Signed as canonical JSON: the keys of each object must be sorted.
  const keys = {
    algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
    device_id: deviceId,
    keys: { [`curve25519:${deviceId}`]: curve25519.toBase64(), [`ed25519:${deviceId}`]: ed25519.toBase64() },
    user_id: userId,
  };
  const signed = await machine.sign(JSON.stringify(keys));
  const signature = signed.get(new UserId(userId))?.get(`ed25519:${deviceId}`)?.signature?.toBase64();
  const device_keys = { ...keys, signatures: { [userId]: { [`ed25519:${deviceId}`]: signature } } };
  await session.retryRequest('publish the encryption keys', () =>
    session.request('POST', '/_matrix/client/v3/keys/upload', { device_keys }),
  );
  // The homeserver notifies other users' clients; the machine's own record of the device has to be updated, too.
  await session.retryRequest('look for the encryption keys', () =>
    requests.send(machine.queryKeysForUsers([new UserId(userId)]) as MachineRequest),
  );
}
