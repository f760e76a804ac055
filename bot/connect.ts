// The first step of the start: opens the data folder and the ports, and signs in.
import { join } from 'node:path';
import { problem } from '../common/problems/problem.ts';
import type { Config } from './config/config.ts';
import type { CryptoStore } from './crypto/store/cryptoStore.ts';
import type { Clock } from './lib/clock.ts';
import type { Lifetime } from './lifetime.ts';
import { MatrixSession } from './matrix/session.ts';
import type { WatchTiming } from './matrix/sync/syncLoop.ts';
import type { Health } from './observability/health.ts';
import { type Listeners, openListeners } from './observability/listeners.ts';
import type { Log } from './observability/log.ts';
import { storeProblem } from './store/fault.ts';
import { claimDataDir } from './store/owner.ts';
import { Store } from './store/store.ts';
import { botAccount, sessionStore } from './tokens/backends/accounts.ts';

export interface ConnectOptions {
  readonly health: Health;
  readonly lifetime: Lifetime;
  readonly clock: Clock;
  readonly log: Log;
  readonly watchTiming?: WatchTiming | undefined;
  readonly sendPatienceMs?: number | undefined;
}

export interface Connected {
  readonly store: Store;
  readonly listeners: Listeners;
  /** undefined: encryption is disabled. */
  readonly keys: CryptoStore | undefined;
  /** Signed in. */
  readonly session: MatrixSession;
}

/**
 * Waits for a homeserver that is not up yet.
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`, `bot_credential_refused`, `port_unusable`
 */
export async function connect(config: Config, options: ConnectOptions): Promise<Connected> {
  const { health, lifetime, log } = options;
  const store = new Store(config.bot.data_dir);
  lifetime.onFailedStart(() => store.close());
  const listeners = await openListeners(config, health, log);
  lifetime.onFailedStart(() => listeners.close());
  const keys = config.bot.encryption ? await openKeys(config, store, options) : undefined;
  const session = new MatrixSession({
    account: botAccount(config),
    sessions: sessionStore(store, 'bot_session'),
    onTrouble: (problem) => health.recordFailure(problem),
    syncTiming: options.watchTiming?.sync,
    sendPatienceMs: options.sendPatienceMs,
    log,
    signal: lifetime.signal,
  });
  await session.signIn(keys?.facts.get('device_id'));
  claimDataDir(store.meta, session.userId, config.bot.data_dir);
  return { store, listeners, keys, session };
}

async function openKeys(
  { bot }: Config,
  { meta, rooms, departed }: Store,
  { lifetime, clock }: ConnectOptions,
): Promise<CryptoStore> {
  const { openCryptoStore } = await import('./crypto/store/cryptoStore.ts');
  const path = join(bot.data_dir, 'crypto.sqlite');
  const keys = await openCryptoStore(path, (error) => lifetime.fail(keysUnwritable(error)), {
    meta,
    // Before the first /sync the bot does not know which rooms it is in.
    rooms: meta.get('sync_token') === undefined ? undefined : rooms.known(),
    departed: departed.all(),
    clock,
  });
  departed.clear();
  lifetime.onFailedStart(() => keys.close());
  return keys;
}

/** The problem to report for a failed write to the crypto store, which stops the bot. */
function keysUnwritable(error: unknown): unknown {
  if (!(error instanceof Error) || storeProblem(error) === undefined) return error;
  return problem('keys_unwritable', { reason: error.message }, { cause: error });
}
