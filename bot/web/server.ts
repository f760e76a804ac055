// Listens where the configuration says. Loaded only when the widget is on.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Problem } from '../../common/problem.ts';
import type { StatusReport } from '../chat/render/status.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { RegistrationService } from '../registration/service.ts';
import { createApp } from './app.ts';
import { Live } from './live.ts';
import { Sessions } from './sessions.ts';
import { isWidgetBuilt } from './widgetFiles.ts';

export interface WebOptions {
  readonly widget: Config['widget'];
  /** The bot's own. */
  readonly serverName: string;
  readonly service: RegistrationService;
  readonly status: () => Promise<StatusReport>;
  /** When the last answer to /sync was taken in, epoch ms; undefined: none yet. */
  readonly lastSync: () => number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bot stops: what still waits for the homeserver is given up. */
  readonly signal: AbortSignal;
  /** Where the built widget is; only for tests. */
  readonly widgetFolder?: string | undefined;
}

export interface WebServer {
  /** Where it really listens: `http://127.0.0.1:8080`. */
  readonly address: string;
  /** Ends the event streams, lets other requests finish for a moment, and frees the port. */
  close(): Promise<void>;
}

/** What takes longer to answer is cut off when the bot stops (ms). */
const CLOSE_WITHIN_MS = 2_000;
/** A request must have arrived by then; answers may take longer (ms). */
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 2_000;

/** @throws Problem `port_unusable` if it can't listen there */
export async function startWeb(options: WebOptions): Promise<WebServer> {
  const { widget, serverName, service, clock, log, signal } = options;
  const sessions = new Sessions(clock);
  const live = new Live({ service, sessions, log, signal });
  const identity = { openIdUrl: widget.openid_url, serverName, signal };
  const app = await createApp(
    { ...options, sessions, live, identity, express },
    { frameAncestors: widget.frame_ancestors, widgetFolder: options.widgetFolder },
  );
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, app);
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, widget.listen);
  const { port } = server.address() as AddressInfo;
  const address = `http://${inUrl(widget.listen.host)}:${port}`;
  log.info({ address, publicUrl: widget.public_url }, 'The widget is served');
  if (!isWidgetBuilt(options.widgetFolder)) {
    log.warn('The widget is not built, so people see a page that says so. Run: npm run build');
  }
  return {
    address,
    async close() {
      const closed = once(server, 'close');
      server.close();
      live.stop();
      const cutOff = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
      await closed;
      clearTimeout(cutOff);
    },
  };
}

async function listen(server: Server, { host, port }: Config['widget']['listen']): Promise<void> {
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw unusable(error, host, port);
  }
}

function unusable(error: unknown, host: string, port: number): Problem {
  const { code } = error as { code?: unknown };
  const where = `${inUrl(host)}:${port}`;
  const options = { cause: error };
  switch (code) {
    case 'EADDRINUSE':
      return new Problem(
        'port_unusable',
        `The widget can’t be served: something else listens on ${where} already.`,
        'Stop that, or set widget.listen to another port (and the reverse proxy along with it).',
        options,
      );
    case 'EACCES':
      return new Problem(
        'port_unusable',
        `The widget can’t be served: the system does not let the bot listen on ${where}.`,
        'Set widget.listen to a port from 1024 on.',
        options,
      );
    default:
      return new Problem(
        'port_unusable',
        `The widget can’t be served: ${where} is no address of this machine (${String(code)}).`,
        'Set widget.listen to one, such as 127.0.0.1:8080.',
        options,
      );
  }
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
