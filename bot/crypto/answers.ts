// Sanitizes the homeserver's answers before the OlmMachine reads them. Entries about users of other homeservers are passed
// on unchecked, and the OlmMachine rejects a whole answer for one malformed entry: such entries are replaced by empty ones.
import { RequestType } from '@matrix-org/matrix-sdk-crypto-wasm';
import { asObject, type Json } from '../matrix/json.ts';
import { isUserId } from './userIds.ts';

/** Fields of the answer to /keys/query. */
const CROSS_SIGNING_KEYS = ['master_keys', 'self_signing_keys', 'user_signing_keys'] as const;

/** Each device costs memory, and time whenever a room gets a new key; anybody can have as many as they like. */
const MOST_DEVICES = 50;

/**
 * The answer to a request of this type, without malformed entries, and with at most `MOST_DEVICES` of each other user.
 * @param ownUserId the bot's
 */
export function sanitizeAnswer(type: RequestType, answer: unknown, ownUserId: string): unknown {
  const { failures, ...rest } = asObject(answer);
  switch (type) {
    case RequestType.KeysQuery:
      return {
        ...rest,
        failures: asObject(failures),
        // Malformed devices become empty ones: the OlmMachine queries a missing user again and again.
        device_keys: mapped(ofUsers(rest.device_keys), (devices, userId) =>
          userId === ownUserId ? asObject(devices) : fewDevices(userId, asObject(devices)),
        ),
        ...Object.fromEntries(CROSS_SIGNING_KEYS.map((name) => [name, ofUsers(rest[name])])),
      };
    case RequestType.KeysClaim:
      return {
        ...rest,
        failures: asObject(failures),
        one_time_keys: mapped(ofUsers(rest.one_time_keys), (devices) =>
          mapped(asObject(devices), (keys) => only(asObject(keys), isKeyId)),
        ),
      };
    case RequestType.SignatureUpload:
      return { ...rest, failures: mapped(ofUsers(failures), asObject) };
    default:
      return answer;
  }
}

function ofUsers(value: unknown): Json {
  return only(asObject(value), isUserId);
}

function only(entries: Json, isValidKey: (key: string) => boolean): Json {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => isValidKey(key)));
}

function mapped(entries: Json, change: (value: unknown, key: string) => unknown): Json {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(value, key)]));
}

/** Devices that their owner cross-signed come first; then in the order of their IDs, so that they stay the same. */
function fewDevices(userId: string, devices: Json): Json {
  const entries = Object.entries(devices);
  if (entries.length <= MOST_DEVICES) return devices;
  const isSigned = ([deviceId, device]: [string, unknown]) =>
    Object.keys(asObject(asObject(asObject(device).signatures)[userId])).some(
      (keyId) => keyId !== `ed25519:${deviceId}`,
    );
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  const signed = sorted.filter(isSigned);
  const others = sorted.filter((entry) => !isSigned(entry));
  return Object.fromEntries([...signed, ...others].slice(0, MOST_DEVICES));
}

/** Algorithm and key name: `signed_curve25519:AAAAAQ`. */
function isKeyId(text: string): boolean {
  return /^[^:]+:/.test(text);
}
