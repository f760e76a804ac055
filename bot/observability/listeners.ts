// The bot's ports. They open at its start, so that monitoring sees why it is not ready yet.
import type { Config } from '../config/config.ts';
import { widgetPlace } from '../config/widgetPlace.ts';
import { packageVersion } from '../lib/packageFiles.ts';
import type { Health } from './health.ts';
import type { Listener } from './listener.ts';
import type { Log } from './log.ts';
import type { Monitoring } from './monitoring.ts';

export interface Listeners {
  /** undefined: the widget is off. */
  readonly web: Listener | undefined;
  /** undefined: `metrics.listen` is not set. */
  readonly monitoring: Monitoring | undefined;
  /** Closes the ports that are still open. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 2_000;

/** @throws Problem `port_unusable` */
export async function openListeners(config: Config, health: Health, log: Log): Promise<Listeners> {
  const web = await webAt(config, health);
  try {
    const monitoring = await monitoringAt(config.metrics.listen, health, log);
    return {
      web,
      monitoring,
      close: async () => void (await Promise.all([web?.close(0), monitoring?.close()])),
    };
  } catch (error) {
    await web?.close(0);
    throw error;
  }
}

/** Imported only if needed: Node's HTTP server takes 3 MB. */
async function webAt({ bot, widget }: Config, health: Health): Promise<Listener | undefined> {
  if ('off' in widgetPlace(widget, bot.trust)) return undefined;
  const { openListener, startingHandler } = await import('./listener.ts');
  return await openListener({
    listen: widget.listen,
    key: 'widget.listen',
    what: 'The widget',
    maxConnections: MAX_CONNECTIONS,
    handler: startingHandler(health),
  });
}

/** Imported only if needed: the metrics library. */
async function monitoringAt(
  listen: Config['metrics']['listen'],
  health: Health,
  log: Log,
): Promise<Monitoring | undefined> {
  if (listen === undefined) return undefined;
  const { startMonitoring } = await import('./monitoring.ts');
  return await startMonitoring({ listen, health, version: packageVersion(), log });
}
