// Detects that crypto.sqlite is an older copy, which would encrypt with keys that were used already: a counter is
// increased at each start, and each hour in which keys were used, first in crypto.sqlite and then in the account data
// on the homeserver. In a copy made before the last increase, the counter is lower. For Olm sessions that were used
// after the last increase, see renewOlmSessions.ts.

import { problem } from '../../common/problems/problem.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { asObject, type Json } from '../matrix/json.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { CryptoStore } from './store/cryptoStore.ts';

const TYPE = 'matrix-registration-bot.starts';
const HOUR_MS = 3_600_000;

/** Retries while the homeserver does not answer. @throws Problem `encryption_keys_unusable` */
export async function countStart(
  { facts }: Pick<CryptoStore, 'facts'>,
  session: MatrixSession,
): Promise<void> {
  const { userId, deviceId } = session;
  const path = `/_matrix/client/v3/user/${encodeURIComponent(userId)}/account_data/${TYPE}`;
  const here = Number(facts.get('starts') ?? 0);
  const there = await session.retryRequest('look for a newer copy of the encryption keys', () =>
    read(session, path),
  );
  if (there.device_id === deviceId && typeof there.starts === 'number' && there.starts > here) {
    throw problem('keys_outdated', { canLogIn: session.canLogIn });
  }
  // The local counter first: if the second write fails, it is ahead of the homeserver's, which is harmless.
  facts.set('starts', String(here + 1));
  await session.retryRequest('count the start', () =>
    session.request('PUT', path, { device_id: deviceId, starts: here + 1 }),
  );
}

export interface CountUseOptions {
  readonly store: Pick<CryptoStore, 'facts' | 'generation'>;
  readonly session: MatrixSession;
  /** Default: one hour. */
  readonly everyMs: number | undefined;
  /** Called if the homeserver's counter is higher (another process uses a copy of the keys) or can't be updated. */
  readonly onFatal: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Increases the counter at this interval if the store has changed since the last increase. */
export function countUse(options: CountUseOptions): { stop(): Promise<void> } {
  const { store, session, everyMs = HOUR_MS, onFatal, signal } = options;
  let counted = store.generation;
  let counting: Promise<void> | undefined;
  const timer = setInterval(() => {
    if (counting !== undefined || store.generation === counted) return;
    counted = store.generation;
    counting = countStart(store, session)
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

async function read(session: MatrixSession, path: string): Promise<Json> {
  try {
    return asObject(await session.request('GET', path));
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 404 && error.errcode === 'M_NOT_FOUND') return {};
    throw error;
  }
}
