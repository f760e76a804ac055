// The composition root: configuration in, running bot out.
import { build } from './build.ts';
import type { Config } from './config/config.ts';
import { connect } from './connect.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { Lifetime } from './lifetime.ts';
import type { WatchTiming } from './matrix/sync/syncLoop.ts';
import { Health } from './observability/health.ts';
import type { Log } from './observability/log.ts';
import { type RunningBot, serve } from './serve.ts';

export type { RunningBot } from './serve.ts';

export interface BotDependencies {
  readonly log: Log;
  readonly clock?: Clock;
  /** Aborts the start, for example while it waits for the homeserver. No effect once started: use `stop()`. */
  readonly giveUp?: AbortSignal;
  /** Timeout of admin API requests (ms). */
  readonly adminApiTimeoutMs?: number;
  /** Generates a random token of the given length. */
  readonly generate?: (length: number) => string;
  /** How long to wait for the key of an encrypted message before replying that it can't be read (ms). */
  readonly keyPatienceMs?: number;
  /** In which time a person without access gets one answer (ms). */
  readonly quotaWindowMs?: number;
  /** Interval at which use of the encryption keys is counted, to detect older copies (ms). */
  readonly countKeysEveryMs?: number;
  /** From when on a slow answer is announced by a typing notification (ms). */
  readonly typingAfterMs?: number;
  /** Timeouts of the sync loop. */
  readonly watchTiming?: WatchTiming;
  /** How long sending a message is retried while the homeserver answers other requests (ms). */
  readonly sendPatienceMs?: number;
  /** How long work in progress may take to finish after `stop()` (ms). */
  readonly stopWithinMs?: number;
}

/**
 * Signs in (waiting for a homeserver that is not up yet) and starts the sync loop.
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`, `bot_credential_refused`, `encryption_keys_unusable`, `port_unusable`
 */
export async function startBot(config: Config, dependencies: BotDependencies): Promise<RunningBot> {
  const { giveUp, clock = systemClock } = dependencies;
  const health = new Health(clock);
  const lifetime = new Lifetime(health);
  const options = { ...dependencies, clock, health, lifetime };
  const onGiveUp = () => lifetime.end('The start was given up.');
  giveUp?.addEventListener('abort', onGiveUp, { once: true });
  try {
    const connected = await connect(config, options);
    const built = await build(config, connected, options);
    return await serve(config, connected, built, options);
  } catch (error) {
    throw await lifetime.failedStart(error);
  } finally {
    giveUp?.removeEventListener('abort', onGiveUp);
  }
}
