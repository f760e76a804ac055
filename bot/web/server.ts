// Serves the widget and its API. Loaded only when the widget is on.
import express from 'express';
import type { AccessControl } from '../access/accessControl.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Health } from '../observability/health.ts';
import type { Listener } from '../observability/listener.ts';
import type { Log } from '../observability/log.ts';
import type { StatusReport } from '../status/finding.ts';
import type { Store } from '../store/store.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { TokenWatch } from '../tokens/watch/tokenWatch.ts';
import { createApp } from './app.ts';
import { EventStreams } from './events/eventStreams.ts';
import { Sessions } from './sessions.ts';
import type { UntrustedProxy } from './untrustedProxy.ts';
import { isWidgetBuilt } from './widgetFiles.ts';

export interface WebOptions {
  readonly widget: Config['widget'];
  readonly web: Config['web'];
  readonly untrustedProxy: UntrustedProxy;
  /** The bot's own. */
  readonly serverName: string;
  readonly store: Pick<Store, 'widgetSessions' | 'transaction'>;
  readonly access: AccessControl;
  readonly tokens: Tokens;
  readonly watch: TokenWatch;
  readonly status: () => Promise<StatusReport>;
  /** Listens already. */
  readonly listener: Listener;
  readonly health: Health;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bot stops: cancels pending requests to the homeserver. */
  readonly signal: AbortSignal;
  /** The built widget; set in tests only. */
  readonly widgetFolder?: string | undefined;
}

export interface WebServer {
  /** Where it listens, with the port it got: `http://127.0.0.1:8080`. */
  readonly address: string;
  /** People signed in. */
  sessions(): number;
  /** Open event streams. */
  streams(): number;
  /** Ends the event streams, gives other requests that time to finish (ms), then cuts them off, and frees the port. */
  close(withinMs: number): Promise<void>;
}

export async function startWeb(options: WebOptions): Promise<WebServer> {
  const { listener, widget, web, untrustedProxy, serverName, store, access, watch, clock, log, signal } =
    options;
  const sessions = new Sessions(clock, store);
  const streams = new EventStreams({ watch, access, sessions });
  const identity = { openIdUrl: widget.openid_url, serverName, signal };
  const app = await createApp(
    { ...options, sessions, streams, identity, express },
    {
      frameAncestors: widget.frame_ancestors,
      trustedProxies: web.trusted_proxies,
      untrustedProxy,
      widgetFolder: options.widgetFolder,
    },
  );
  const { address } = listener;
  listener.use(app);
  log.info({ address, publicUrl: widget.public_url }, 'The widget is served');
  if (!isWidgetBuilt(options.widgetFolder)) {
    log.warn('The widget is not built, so people see a page that says so. Run: npm run build');
  }
  return {
    address,
    sessions: () => sessions.count,
    streams: () => streams.count,
    async close(withinMs) {
      const closed = listener.close(withinMs);
      streams.stop();
      await closed;
    },
  };
}
