// What the homeserver has of encrypted rooms, where no client has decrypted it.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { to } from '../harness/faults.ts';
import type { Person } from '../harness/person.ts';
import type { Proxy as FaultyProxy } from '../harness/proxy.ts';
import type { RawEvent } from '../harness/rawEvents.ts';
import { rawEvents } from '../harness/rawEvents.ts';
import type { TestServer } from '../harness/testServer.ts';

/** A user's messages in a room, without state, reactions and redactions, as the homeserver has them. */
export async function rawMessages(
  server: TestServer,
  reader: Person,
  roomId: string,
  sender: string,
): Promise<RawEvent[]> {
  const events = await rawEvents(server.baseUrl, reader, roomId);
  const inClear = ['m.reaction', 'm.room.redaction'];
  return events.filter(
    (event) => event.sender === sender && event.state_key === undefined && !inClear.includes(event.type),
  );
}

/** Nothing but ciphertext, and what clients need to place it. */
export function expectEncrypted(events: readonly RawEvent[]): void {
  for (const { type, content } of events) {
    expect(type).toBe('m.room.encrypted');
    expect(content).toMatchObject({
      algorithm: 'm.megolm.v1.aes-sha2',
      ciphertext: expect.any(String),
      session_id: expect.any(String),
    });
    const readable = ['algorithm', 'ciphertext', 'session_id', 'sender_key', 'device_id', 'm.relates_to'];
    expect(readable).toEqual(expect.arrayContaining(Object.keys(content)));
  }
}

export async function expectNothingInClear(
  server: TestServer,
  reader: Person,
  roomId: string,
  sender: string,
): Promise<void> {
  expectEncrypted(await rawMessages(server, reader, roomId, sender));
}

/** The devices of a user to which to-device messages went through this proxy, of which keys of rooms are one kind. */
export function encryptedFor(proxy: FaultyProxy, userId: string, since = 0): string[] {
  return proxy.requests
    .slice(since)
    .filter(to('/sendToDevice/m.room.encrypted/'))
    .flatMap(({ body }) => Object.keys(JSON.parse(body).messages[userId] ?? {}));
}

/**
 * Resolves once the person's client has got everything that happened before: device lists and to-device messages
 * come in the order of events.
 */
export async function upToDate(person: Person, roomId: string): Promise<void> {
  // Reactions need no keys.
  const [first] = person.timeline(roomId);
  const eventId = await person.react(roomId, first?.getId() ?? '', randomUUID());
  await person.waitForEvent(roomId, (event) => event.getId() === eventId, 'an own reaction');
}
