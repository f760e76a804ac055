// Reading and writing the state of rooms.

import { RequestFailed } from '../errors.ts';
import { asObject, type Json } from '../json.ts';
import type { MatrixSession } from '../session.ts';
import type { RoomAuthority } from './powerLevels.ts';

interface StateEvent {
  readonly content: Json;
  readonly sender: string | undefined;
  readonly eventId: string | undefined;
}

/** The content of a state event; undefined: there is none. @throws RequestFailed */
export async function readState(
  session: Pick<MatrixSession, 'request'>,
  roomId: string,
  type: string,
  stateKey = '',
): Promise<Json | undefined> {
  return await unlessNotFound(async () =>
    asObject(await session.request('GET', statePath(roomId, type, stateKey))),
  );
}

/** @throws RequestFailed */
export async function writeState(
  session: MatrixSession,
  roomId: string,
  type: string,
  stateKey: string,
  content: Json,
): Promise<void> {
  await session.request('PUT', statePath(roomId, type, stateKey), content);
}

/** With the ID of the event that set the power levels. @throws RequestFailed */
export async function readAuthority(
  session: MatrixSession,
  roomId: string,
): Promise<RoomAuthority & { eventId: string | undefined }> {
  const [create, powerLevels] = await Promise.all([
    readStateEvent(session, roomId, 'm.room.create'),
    readStateEvent(session, roomId, 'm.room.power_levels'),
  ]);
  return { create, powerLevels: powerLevels?.content, eventId: powerLevels?.eventId };
}

/** User IDs. @throws RequestFailed */
export async function readJoinedMembers(session: MatrixSession, roomId: string): Promise<string[]> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/joined_members`;
  const { joined } = asObject(await session.request('GET', path));
  return Object.keys(asObject(joined));
}

async function readStateEvent(
  session: MatrixSession,
  roomId: string,
  type: string,
): Promise<StateEvent | undefined> {
  return await unlessNotFound(async () => {
    const query = { format: 'event' };
    const event = asObject(await session.request('GET', statePath(roomId, type, ''), undefined, query));
    const { content, sender, event_id } = event;
    return { content: asObject(content), sender: text(sender), eventId: text(event_id) };
  });
}

async function unlessNotFound<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    // Any other 404 comes from a proxy, or means that the homeserver does not know the endpoint.
    const isAbsent =
      error instanceof RequestFailed && error.status === 404 && error.errcode === 'M_NOT_FOUND';
    if (isAbsent) return undefined;
    throw error;
  }
}

function statePath(roomId: string, type: string, stateKey: string): string {
  return `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state/${encodeURIComponent(type)}/${encodeURIComponent(stateKey)}`;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
