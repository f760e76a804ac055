// Tells whether crypto.sqlite is an older copy, which would encrypt with keys that were used already: each start, and
// each hour in which keys were used, is counted there and, after that, in the account's data on the homeserver. A copy
// of before the last count has counted fewer. What was used since is the Olm sessions: see renewOlmSessions.ts.

import { problem } from '../../common/problems/problem.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { asObject, type Json } from '../matrix/json.ts';
import type { Homeserver } from '../matrix/session.ts';
import type { CryptoStore } from './store/cryptoStore.ts';

const TYPE = 'matrix-registration-bot.starts';
const HOUR_MS = 3_600_000;

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

export interface CountUseOptions {
  readonly store: Pick<CryptoStore, 'facts' | 'generation'>;
  readonly homeserver: Homeserver;
  /** Default: each hour. */
  readonly everyMs: number | undefined;
  /** Another process uses a copy of the keys. */
  readonly onFatal: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Counts at these intervals, in the same way, if the store has changed since the last count. */
export function countUse(options: CountUseOptions): { stop(): Promise<void> } {
  const { store, homeserver, everyMs = HOUR_MS, onFatal, signal } = options;
  let counted = store.generation;
  let counting: Promise<void> | undefined;
  const timer = setInterval(() => {
    if (counting !== undefined || store.generation === counted) return;
    counted = store.generation;
    counting = countStart(store, homeserver)
      .catch((error) => {
        if (!signal.aborted) onFatal(error);
      })
      .finally(() => {
        counting = undefined;
      });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await counting;
    },
  };
}

async function read(homeserver: Homeserver, path: string): Promise<Json> {
  try {
    return asObject(await homeserver.request('GET', path));
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 404 && error.errcode === 'M_NOT_FOUND') return {};
    throw error;
  }
}
