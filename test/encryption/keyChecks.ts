// What the suites about encryption share: rooms, what the homeserver really has of them, and the bot's account as its
// owner's other client.
import { Preset } from 'matrix-js-sdk';
import type { CryptoApi } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { expect } from 'vitest';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import type { RawEvent } from '../harness/rawEvents.ts';

/** A direct room in which every so many messages a new key is made; resolves once the bot is in. */
export async function encryptedRoom(
  person: Person,
  botId: string,
  { newKeyAfter }: { newKeyAfter: number },
): Promise<string> {
  const content = { algorithm: 'm.megolm.v1.aes-sha2', rotation_period_msgs: newKeyAfter };
  const roomId = await person.createRoom({
    preset: Preset.TrustedPrivateChat,
    is_direct: true,
    invite: [botId],
    initial_state: [{ type: 'm.room.encryption', state_key: '', content }],
  });
  await person.waitForMember(roomId, botId, 'join');
  return roomId;
}

/**
 * The place of a message in its Megolm session: https://spec.matrix.org/v1.16/olm-megolm/megolm/#message-format
 * @throws RangeError for what is no Megolm message
 */
function messageIndex(ciphertext: string): number {
  const bytes = Buffer.from(ciphertext, 'base64');
  if (bytes[0] !== 3 || bytes[1] !== 0x08) throw new RangeError(`No Megolm message: ${ciphertext}`);
  let index = 0;
  for (let at = 2, factor = 1; ; at++, factor *= 128) {
    const byte = bytes[at];
    if (byte === undefined) throw new RangeError(`A Megolm message without an index: ${ciphertext}`);
    index += (byte & 0x7f) * factor;
    if (byte < 0x80) return index;
  }
}

/** Megolm's keys that were used for more than one text, in words; empty: none. */
export function reusedKeys(events: readonly RawEvent[]): string[] {
  const used = new Map<string, string>();
  const faults: string[] = [];
  for (const { event_id: eventId, type, content } of events) {
    if (type !== 'm.room.encrypted') continue;
    const { session_id: sessionId, ciphertext } = content;
    if (typeof ciphertext !== 'string') throw new TypeError(`${eventId} has no ciphertext.`);
    const place = `${sessionId}, index ${messageIndex(ciphertext)}`;
    if ((used.get(place) ?? ciphertext) !== ciphertext) faults.push(`${eventId}: ${place} was used before.`);
    used.set(place, ciphertext);
  }
  return faults;
}

/** Those of these events that a client can't read, in words. */
export async function unreadableFor(person: Person, events: readonly RawEvent[]): Promise<string[]> {
  const toEvent = person.client.getEventMapper({ preventReEmit: true });
  const faults: string[] = [];
  for (const raw of events) {
    if (raw.type !== 'm.room.encrypted') continue;
    const event = toEvent(raw);
    await person.client.decryptEventIfNeeded(event);
    if (event.isDecryptionFailure() || event.getType() === 'm.room.encrypted')
      faults.push(`${raw.event_id}: ${event.decryptionFailureReason}`);
  }
  return faults;
}

/** A person's side of encryption. */
export function cryptoOf({ client }: Pick<Person, 'client'>): CryptoApi {
  const crypto = client.getCrypto();
  if (crypto === undefined) throw new Error('This client has no encryption.');
  return crypto;
}

/** Gives a person's account a cross-signing identity, as clients do at the first login. */
export async function makeIdentity(person: Person): Promise<void> {
  await cryptoOf(person).bootstrapCrossSigning({
    // For the first one the homeserver wants no password.
    authUploadDeviceSigningKeys: async (upload) => void (await upload(null)),
  });
}

/** What the homeserver has of an account's keys. */
export interface PublishedKeys {
  /** The public master key; undefined: the account has no identity. */
  readonly masterKey: string | undefined;
  readonly deviceIds: readonly string[];
}

export async function publishedKeys(
  baseUrl: string,
  { accessToken }: Pick<Person, 'accessToken'>,
  userId: string,
): Promise<PublishedKeys> {
  const answer = await requestJson<{
    device_keys: Record<string, Record<string, unknown>>;
    master_keys?: Record<string, { keys: Record<string, string> }>;
  }>(baseUrl, 'POST', '/_matrix/client/v3/keys/query', {
    accessToken,
    body: { device_keys: { [userId]: [] } },
  });
  return {
    masterKey: Object.values(answer.master_keys?.[userId]?.keys ?? {})[0],
    deviceIds: Object.keys(answer.device_keys[userId] ?? {}),
  };
}

/**
 * Waits until a person's client sees whether a device is signed by its owner's identity. Clients learn of the devices of
 * those to whom they write.
 */
export async function expectSignature(
  person: Person,
  userId: string,
  deviceId: string,
  isSigned: boolean,
): Promise<void> {
  await person.startDirectRoom(userId, { encrypted: true, firstMessage: 'help' });
  const status = async () => await cryptoOf(person).getDeviceVerificationStatus(userId, deviceId);
  await expect.poll(async () => (await status())?.signedByOwner, { timeout: 15_000 }).toBe(isSigned);
}
