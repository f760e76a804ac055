// Runs the bot until SIGINT or SIGTERM.
import { startBot } from '../bot.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../observability/log.ts';
import { EXIT } from './exit.ts';

/** Returns the exit status. @throws what `startBot` throws */
export async function run(config: Config, log: Log): Promise<number> {
  const stop = stopSignal();
  const giveUp = new AbortController();
  const starting = startBot(config, { log, giveUp: giveUp.signal });
  const bot = await Promise.race([starting, stop]);
  if (bot === undefined) {
    // Stopped while it waited for the homeserver: there is nothing to finish.
    giveUp.abort();
    await starting.then((late) => late.stop()).catch(() => undefined);
    return EXIT.ok;
  }
  try {
    const ready = await Promise.race([bot.synced.then(() => true), stop, bot.failed]);
    if (ready) log.info({ userId: bot.userId, startMs: Math.round(performance.now()) }, 'Ready');
    await Promise.race([stop, bot.failed]);
    log.info('Stopping');
  } finally {
    await bot.stop();
  }
  return EXIT.ok;
}

/** Resolves at the first SIGINT or SIGTERM. The second ends the process at once; the next start finishes the work. */
function stopSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (stopping) process.exit(EXIT.failed);
        stopping = true;
        resolve(undefined);
      });
    }
  });
}
