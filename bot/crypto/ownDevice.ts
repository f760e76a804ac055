// The keys that the homeserver has of the bot's own device.
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm';
import { UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Homeserver } from '../homeserver/homeserver.ts';
import { asObject } from '../homeserver/json.ts';
import type { OutgoingRequests } from './outgoing.ts';

export interface PublishedKeys {
  /** Unpadded base64. */
  readonly ed25519: unknown;
}

/** undefined: none. Waits for a homeserver that does not answer. */
export async function publishedKeys(
  homeserver: Homeserver,
  deviceId: string,
): Promise<PublishedKeys | undefined> {
  const { userId } = homeserver;
  const answer = await homeserver.patiently('look for the encryption keys', () =>
    homeserver.request('POST', '/_matrix/client/v3/keys/query', { device_keys: { [userId]: [] } }),
  );
  const devices = asObject(asObject(asObject(answer).device_keys)[userId]);
  const device = devices[deviceId];
  return device === undefined
    ? undefined
    : { ed25519: asObject(asObject(device).keys)[`ed25519:${deviceId}`] };
}

/**
 * Publishes the device's keys once more (https://spec.matrix.org/v1.16/client-server-api/#device-keys): the machine
 * does it only once. One-time keys follow by themselves, as soon as /sync tells that there are none.
 */
export async function publishAgain(
  machine: OlmMachine,
  homeserver: Homeserver,
  outgoing: OutgoingRequests,
): Promise<void> {
  const userId = machine.userId.toString();
  const deviceId = machine.deviceId.toString();
  const { curve25519, ed25519 } = machine.identityKeys;
  // Canonical JSON: the keys of each object in order.
  const keys = {
    algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
    device_id: deviceId,
    keys: { [`curve25519:${deviceId}`]: curve25519.toBase64(), [`ed25519:${deviceId}`]: ed25519.toBase64() },
    user_id: userId,
  };
  const signed = await machine.sign(JSON.stringify(keys));
  const signature = signed.get(new UserId(userId))?.get(`ed25519:${deviceId}`)?.signature?.toBase64();
  const device_keys = { ...keys, signatures: { [userId]: { [`ed25519:${deviceId}`]: signature } } };
  await homeserver.patiently('publish the encryption keys', () =>
    homeserver.request('POST', '/_matrix/client/v3/keys/upload', { device_keys }),
  );
  // The other users' clients hear of it through the homeserver; the bot's own view of its device must follow too.
  await homeserver.patiently('look for the encryption keys', () =>
    outgoing.send(machine.queryKeysForUsers([new UserId(userId)])),
  );
}
