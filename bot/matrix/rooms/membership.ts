// The bot's own membership of rooms.
import type { MatrixSession } from '../session.ts';

/** @throws RequestFailed */
export async function joinRoom(session: MatrixSession, roomId: string): Promise<void> {
  await session.request('POST', `/_matrix/client/v3/join/${encodeURIComponent(roomId)}`);
}

/** Leaves, or declines an invite. @throws RequestFailed */
export async function leaveRoom(session: MatrixSession, roomId: string, reason?: string): Promise<void> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/leave`;
  await session.request('POST', path, reason === undefined ? {} : { reason });
}
