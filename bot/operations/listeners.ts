// The ports that the bot answers at: opened at its start, so that those who watch it hear why it is not there yet.
import type { Config } from '../config/config.ts';
import { packageVersion } from '../files.ts';
import { widgetPlace } from '../homeserver/widgetState.ts';
import type { Log } from '../log.ts';
import type { Health } from './health.ts';
import { type Listener, openListener, startingHandler } from './listener.ts';
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
  const web =
    'missing' in widgetPlace(widget)
      ? undefined
      : await openListener({
          listen: widget.listen,
          key: 'widget.listen',
          what: 'The widget',
          maxConnections: MAX_CONNECTIONS,
          handler: startingHandler(health),
        });
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
