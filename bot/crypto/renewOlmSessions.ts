// Creates new Olm sessions after the store deleted those of an older copy of crypto.sqlite: with outdated sessions,
// the bot and other devices could not decrypt each other's messages.
import { randomUUID } from 'node:crypto';
import { UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { RequestFailed } from '../matrix/errors.ts';
import type { Json } from '../matrix/json.ts';
import { readJoinedMembers } from '../matrix/rooms/roomState.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { RoomTable } from '../store/rooms.ts';
import type { MachineRequest } from './machineRequests.ts';
import type { OwnDevice } from './ownDevice.ts';
import { isUserId } from './userIds.ts';

export interface RenewalOptions extends OwnDevice {
  readonly rooms: Pick<RoomTable, 'joined'>;
  /** Bigger rooms get no keys. */
  readonly mostMembers: number;
}

/**
 * Creates an Olm session with each device of the members of encrypted rooms, if the store has deleted its sessions. An
 * empty message (https://spec.matrix.org/v1.16/client-server-api/#mdummy) makes the device use the new session and
 * send its room keys again, which the copy may lack. To be called before /sync.
 * Retries while the homeserver does not answer.
 */
export async function renewOlmSessions(options: RenewalOptions): Promise<void> {
  const { store, rooms, mostMembers, machine, session, requests, log } = options;
  if (store.facts.get('olm_sessions') !== 'forgotten') return;
  log.warn('crypto.sqlite is an older copy: the bot starts new sessions with the devices of all users.');
  const users = new Set<string>();
  for (const userId of await machine.trackedUsers()) users.add(userId.toString());
  for (const { roomId, encrypted, joinedMembers } of rooms.joined()) {
    if (!encrypted || joinedMembers > mostMembers) continue;
    for (const userId of await membersOf(session, roomId)) users.add(userId);
  }
  const userIds = () => [...users].map((userId) => new UserId(userId));
  // The copy's device lists are outdated.
  await machine.markAllTrackedUsersAsDirty();
  await machine.updateTrackedUsers(userIds());
  await session.retryRequest('look for the encryption keys', () => requests.sendKeyQueries());
  await unlessRefused(options, async () => {
    const claim = await machine.getMissingSessions(userIds());
    if (claim !== null) await requests.send(claim as MachineRequest);
  });
  for (const userId of users) await greetDevices(options, userId);
  store.facts.set('olm_sessions', '');
}

/** Valid user IDs of the joined members; empty if the homeserver refuses to list them. */
async function membersOf(session: MatrixSession, roomId: string): Promise<string[]> {
  try {
    const members = await session.retryRequest('read who is in the room', () =>
      readJoinedMembers(session, roomId),
    );
    return members.filter(isUserId);
  } catch (error) {
    if (error instanceof RequestFailed && !error.accessTokenRefused) return [];
    throw error;
  }
}

async function greetDevices(options: RenewalOptions, userId: string): Promise<void> {
  const { machine, session, log } = options;
  const contents: Record<string, Json> = {};
  for (const device of (await machine.getUserDevices(new UserId(userId))).devices()) {
    const deviceId = device.deviceId.toString();
    if (userId === session.userId && deviceId === session.deviceId) continue;
    try {
      contents[deviceId] = JSON.parse(await device.encryptToDeviceEvent('m.dummy', {}));
    } catch (error) {
      // Its homeserver does not answer, or it has no one-time keys left: the next room key creates a session.
      log.debug({ userId, deviceId }, `No new encryption session with a device: ${String(error)}`);
    }
  }
  if (Object.keys(contents).length === 0) return;
  const path = `/_matrix/client/v3/sendToDevice/m.room.encrypted/${randomUUID()}`;
  await unlessRefused(options, () => session.request('PUT', path, { messages: { [userId]: contents } }));
}

/** Logs refusals instead of rethrowing: sharing the next room key creates missing sessions anyway. */
async function unlessRefused({ session, log }: RenewalOptions, work: () => Promise<unknown>): Promise<void> {
  try {
    await session.retryRequest('start new encryption sessions', work);
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.accessTokenRefused) throw error;
    log.warn(`Could not start new encryption sessions: ${error.sentence}`);
  }
}
