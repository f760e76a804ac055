// Whether another program has used a device for encryption. Its keys can't be taken over, and the homeserver keeps those
// that were published first: the bot could neither read nor write in encrypted rooms as that device.
import { MatrixConnection } from '../homeserver/connection.ts';
import type { Session } from '../homeserver/session.ts';

/** @throws RequestFailed */
export async function hasDeviceKeys(server: string, session: Session): Promise<boolean> {
  const { userId, deviceId, accessToken } = session;
  // Accounts of application services have no device.
  if (deviceId === undefined) return false;
  const answer = await new MatrixConnection(server, accessToken).request(
    'POST',
    '/_matrix/client/v3/keys/query',
    { device_keys: { [userId]: [deviceId] } },
  );
  const { device_keys } = answer as { device_keys?: Record<string, Record<string, unknown> | undefined> };
  return device_keys?.[userId]?.[deviceId] !== undefined;
}
