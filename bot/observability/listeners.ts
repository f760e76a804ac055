// The ports that the bot answers at: opened at its start, so that those who watch it hear why it is not there yet.
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
  /** The ports that are still open; the web's is closed by whoever serves the widget. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 2_000;

/** @throws Problem `port_unusable` */
export async function openListeners(
  { widget, metrics }: Config,
  health: Health,
  log: Log,
): Promise<Listeners> {
  const web = await webAt(widget, health);
  try {
    const monitoring = await monitoringAt(metrics.listen, health, log);
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

/** Node's module for servers takes 3 MB when it is imported: only for those who listen. */
async function webAt(widget: Config['widget'], health: Health): Promise<Listener | undefined> {
  if ('missing' in widgetPlace(widget)) return undefined;
  const { openListener, startingHandler } = await import('./listener.ts');
  return await openListener({
    listen: widget.listen,
    key: 'widget.listen',
    what: 'The widget',
    maxConnections: MAX_CONNECTIONS,
    handler: startingHandler(health),
  });
}

/** Its library is loaded only for those who want metrics. */
async function monitoringAt(
  listen: Config['metrics']['listen'],
  health: Health,
  log: Log,
): Promise<Monitoring | undefined> {
  if (listen === undefined) return undefined;
  const { startMonitoring } = await import('./monitoring.ts');
  return await startMonitoring({ listen, health, version: packageVersion(), log });
}
