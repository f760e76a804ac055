// Whether another program has used a device for encryption. Its keys can't be taken over, and the homeserver keeps those
// that were published first: the bot could neither read nor write in encrypted rooms as that device.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HomeserverClient } from '../matrix/client.ts';
import type { Session } from '../matrix/signIn.ts';

/**
 * @param dataDir the bot's; with keys in there, those of the device are taken for its own, and a start tells if they are not
 * @throws RequestFailed
 */
export async function hasForeignKeys(server: string, session: Session, dataDir: string): Promise<boolean> {
  if (existsSync(join(dataDir, 'crypto.sqlite'))) return false;
  const { userId, deviceId, accessToken } = session;
  // Accounts of application services have no device.
  if (deviceId === undefined) return false;
  const answer = await new HomeserverClient(server, accessToken).request(
    'POST',
    '/_matrix/client/v3/keys/query',
    { device_keys: { [userId]: [deviceId] } },
  );
  const { device_keys } = answer as { device_keys?: Record<string, Record<string, unknown> | undefined> };
  return device_keys?.[userId]?.[deviceId] !== undefined;
}
