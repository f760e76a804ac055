// Tells whether crypto.sqlite is an older copy, which would encrypt with keys that were used already: each start is
// counted there and, after that, in the account's data on the homeserver. A copy that is older than the last start has
// counted fewer. One that is not is found out when the homeserver refuses its one-time keys.

import { problem } from '../../common/problems/problem.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { asObject, type Json } from '../matrix/json.ts';
import type { Homeserver } from '../matrix/session.ts';
import type { CryptoStore } from './store/cryptoStore.ts';

const TYPE = 'matrix-registration-bot.starts';

/** Waits for a homeserver that does not answer. @throws Problem `encryption_keys_unusable` */
export async function countStart(
  { facts }: Pick<CryptoStore, 'facts'>,
  homeserver: Homeserver,
): Promise<void> {
  const { userId, deviceId } = homeserver;
  const path = `/_matrix/client/v3/user/${encodeURIComponent(userId)}/account_data/${TYPE}`;
  const here = Number(facts.get('starts') ?? 0);
  const there = await homeserver.patiently('look for a newer copy of the encryption keys', () =>
    read(homeserver, path),
  );
  if (there.device_id === deviceId && typeof there.starts === 'number' && there.starts > here) {
    throw problem('keys_outdated', { canLogIn: homeserver.canLogIn });
  }
  // In this order: a count that is ahead of the homeserver's does no harm.
  facts.set('starts', String(here + 1));
  await homeserver.patiently('count the start', () =>
    homeserver.request('PUT', path, { device_id: deviceId, starts: here + 1 }),
  );
}

async function read(homeserver: Homeserver, path: string): Promise<Json> {
  try {
    return asObject(await homeserver.request('GET', path));
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 404 && error.errcode === 'M_NOT_FOUND') return {};
    throw error;
  }
}
