// What the machine gets to see of the homeserver's answers. They hold what other homeservers say of their users, passed
// on as it is; and the machine refuses an answer as a whole if one entry has another shape than it should. So that
// nobody's homeserver keeps the bot from the devices of all others, such entries count as empty.
import { RequestType } from '@matrix-org/matrix-sdk-crypto-wasm';
import { asObject, type Json } from '../matrix/json.ts';
import { isUserId } from './userIds.ts';

/** Of /keys/query. */
const CROSS_SIGNING_KEYS = ['master_keys', 'self_signing_keys', 'user_signing_keys'] as const;

/** The answer to a request of that kind, without what the machine can't read. */
export function legible(type: RequestType, answer: unknown): unknown {
  const { failures, ...rest } = asObject(answer);
  switch (type) {
    case RequestType.KeysQuery:
      return {
        ...rest,
        failures: asObject(failures),
        // Who is not answered for would be asked for again and again.
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

function only(entries: Json, isLegible: (key: string) => boolean): Json {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => isLegible(key)));
}

function mapped(entries: Json, change: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(value)]));
}

/** Algorithm and name: `signed_curve25519:AAAAAQ`. */
function isKeyId(text: string): boolean {
  return /^[^:]+:/.test(text);
}
