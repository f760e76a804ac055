// The composition root: configuration in, running bot out.
import { build } from './build.ts';
import type { Config } from './config/config.ts';
import { connect } from './connect.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { Lifetime } from './lifetime.ts';
import { trackRequests } from './matrix/openRequests.ts';
import type { WatchTiming } from './matrix/sync/syncLoop.ts';
import { Health } from './observability/health.ts';
import type { Log } from './observability/log.ts';
import { type RunningBot, serve } from './serve.ts';

export type { RunningBot } from './serve.ts';

export interface BotDependencies {
  readonly log: Log;
  readonly clock?: Clock;
  /** Gives up the start, for example while it waits for the homeserver. Has no effect after that: use `stop()`. */
  readonly giveUp?: AbortSignal;
  /** How long the admin API may take to answer (ms). */
  readonly adminApiTimeoutMs?: number;
  /** Makes up a token of so many characters. */
  readonly generate?: (length: number) => string;
  /** How long the key of an encrypted message is waited for before the person is told (ms). */
  readonly keyPatienceMs?: number;
  /** How often it is counted that the encryption keys are used (ms). */
  readonly countKeysEveryMs?: number;
  /** When a homeserver that does not answer counts as gone. */
  readonly watchTiming?: WatchTiming;
  /** How long a message is tried at which the homeserver fails while it answers otherwise (ms). */
  readonly sendPatienceMs?: number;
  /** How long what is under way gets to finish once the bot is stopped (ms). */
  readonly stopWithinMs?: number;
}

/**
 * Signs in (waiting for a homeserver that is not up yet) and starts to follow the homeserver.
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`, `bot_credential_refused`, `encryption_keys_unusable`, `port_unusable`
 */
export async function startBot(config: Config, dependencies: BotDependencies): Promise<RunningBot> {
  const { giveUp, clock = systemClock } = dependencies;
  const health = new Health(clock);
  const lifetime = new Lifetime(health);
  const options = { ...dependencies, clock, health, lifetime };
  const onGiveUp = () => lifetime.end('The start was given up.');
  giveUp?.addEventListener('abort', onGiveUp, { once: true });
  trackRequests();
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
