// For tests: what the homeserver has of a device, without the device. What is encrypted for it can't be read.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

type Signable = Readonly<Record<string, unknown>>;

export interface PublishedDevice {
  readonly deviceKeys: Signable;
  /** Another one each time. */
  oneTimeKey(): Signable;
}

export function publishedDevice(userId: string, deviceId: string): PublishedDevice {
  const ed25519 = generateKeyPairSync('ed25519');
  const signed = (object: Signable) => {
    const signature = sign(null, Buffer.from(canonicalJson(object)), ed25519.privateKey);
    return { ...object, signatures: { [userId]: { [`ed25519:${deviceId}`]: unpadded(signature) } } };
  };
  return {
    deviceKeys: signed({
      user_id: userId,
      device_id: deviceId,
      algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
      keys: {
        [`curve25519:${deviceId}`]: curve25519(),
        [`ed25519:${deviceId}`]: encoded(ed25519.publicKey),
      },
    }),
    oneTimeKey: () => signed({ key: curve25519() }),
  };
}

function curve25519(): string {
  return encoded(generateKeyPairSync('x25519').publicKey);
}

function encoded(key: KeyObject): string {
  return unpadded(Buffer.from(String(key.export({ format: 'jwk' }).x), 'base64url'));
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** https://spec.matrix.org/v1.16/appendices/#canonical-json, of what is signed here: objects, lists and strings. */
function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, it]) => `${JSON.stringify(key)}:${canonicalJson(it)}`).join(',')}}`;
}
