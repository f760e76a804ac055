// Sanitizes the homeserver's answers before the OlmMachine reads them. Entries about users of other homeservers are passed
// on unchecked, and the OlmMachine rejects a whole answer for one malformed entry: such entries are replaced by empty ones.
import { RequestType } from '@matrix-org/matrix-sdk-crypto-wasm';
import { asObject, type Json } from '../matrix/json.ts';
import { isUserId } from './userIds.ts';

/** Fields of the answer to /keys/query. */
const CROSS_SIGNING_KEYS = ['master_keys', 'self_signing_keys', 'user_signing_keys'] as const;

/** The answer to a request of this type, without malformed entries. */
export function sanitizeAnswer(type: RequestType, answer: unknown): unknown {
  const { failures, ...rest } = asObject(answer);
  switch (type) {
    case RequestType.KeysQuery:
      return {
        ...rest,
        failures: asObject(failures),
        // Malformed devices become empty ones: the OlmMachine queries a missing user again and again.
        device_keys: mapped(ofUsers(rest.device_keys), asObject),
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

function mapped(entries: Json, change: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(value)]));
}

/** Algorithm and key name: `signed_curve25519:AAAAAQ`. */
function isKeyId(text: string): boolean {
  return /^[^:]+:/.test(text);
}
