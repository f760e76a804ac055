// Signing in, and finding the room that is shown.
import {
  ClientEvent,
  createClient,
  EventType,
  type MatrixClient,
  PendingEventOrdering,
  Preset,
  SyncState,
} from 'matrix-js-sdk';
import type { LinkedAccount } from './link.ts';

/** Throws what the SDK throws: a wrong password, a server that does not answer. */
export async function logIn(homeserver: string, user: string, password: string): Promise<LinkedAccount> {
  const answer = await createClient({ baseUrl: homeserver }).loginRequest({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user },
    password,
    initial_device_display_name: 'Test client',
  });
  return { homeserver, user: answer.user_id, token: answer.access_token, room: '' };
}

/** Resolves after the first sync. */
export async function connect({ homeserver, user, token }: LinkedAccount): Promise<MatrixClient> {
  const client = createClient({ baseUrl: homeserver, accessToken: token, userId: user });
  // An invalid token would be retried without end.
  const { user_id: userId } = await client.whoami();
  if (userId !== user) throw new Error(`The access token belongs to ${userId}.`);
  const synced = new Promise<void>((resolve) => {
    client.on(ClientEvent.Sync, (state) => {
      if (state === SyncState.Prepared) resolve();
    });
  });
  await client.startClient({ initialSyncLimit: 100, pendingEventOrdering: PendingEventOrdering.Detached });
  await synced;
  return client;
}

/** The linked room, or the latest direct one. */
export function roomToShow(client: MatrixClient, linked: string): string | undefined {
  if (linked !== '') return linked;
  const direct: Record<string, string[]> = client.getAccountData(EventType.Direct)?.getContent() ?? {};
  const joined = Object.values(direct)
    .flat()
    .filter((roomId) => client.getRoom(roomId)?.getMyMembership() === 'join');
  return joined.at(-1);
}

/** A direct room as Element makes it; its ID. */
export async function startDirectRoom(client: MatrixClient, userId: string): Promise<string> {
  const { room_id: roomId } = await client.createRoom({
    preset: Preset.TrustedPrivateChat,
    is_direct: true,
    invite: [userId],
  });
  const direct = client.getAccountData(EventType.Direct)?.getContent() ?? {};
  await client.setAccountData(EventType.Direct, { ...direct, [userId]: [...(direct[userId] ?? []), roomId] });
  return roomId;
}
