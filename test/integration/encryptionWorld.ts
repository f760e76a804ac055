// What the suites about encryption share: rooms, what the homeserver really has of them, and the bot's account as its
// owner's other client.
import { Preset } from 'matrix-js-sdk';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';

/** An event as the homeserver has it. */
export interface RawEvent {
  readonly event_id: string;
  readonly room_id: string;
  readonly sender: string;
  readonly type: string;
  readonly content: Record<string, unknown>;
}

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

/** Everything that was sent to a room, oldest first, read over HTTP. */
export async function rawEvents(
  baseUrl: string,
  { accessToken }: Pick<Person, 'accessToken'>,
  roomId: string,
): Promise<RawEvent[]> {
  const events: RawEvent[] = [];
  let from: string | undefined;
  do {
    const query = `dir=f&limit=500${from === undefined ? '' : `&from=${encodeURIComponent(from)}`}`;
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?${query}`;
    const page = await requestJson<{ chunk: RawEvent[]; end?: string }>(baseUrl, 'GET', path, {
      accessToken,
    });
    events.push(...page.chunk);
    from = page.end;
  } while (from !== undefined);
  return events;
}

/**
 * The place of a message in its Megolm session: https://spec.matrix.org/v1.16/olm-megolm/megolm/#message-format
 * @throws RangeError for what is no Megolm message
 */
export function messageIndex(ciphertext: string): number {
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
