// A port that the bot listens on from its start, with a request handler that is replaced once the bot is connected.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Problem, problem } from '../../common/problems/problem.ts';
import { type Health, healthAnswer } from './health.ts';

export interface ListenOptions {
  /** Host without brackets; port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The configuration key. */
  readonly key: 'widget.listen' | 'metrics.listen';
  /** What is served there, as the start of a sentence. */
  readonly what: string;
  readonly maxConnections: number;
  readonly handler: RequestListener;
}

export interface Listener {
  /** The actual address: `http://127.0.0.1:8080`. */
  readonly address: string;
  /** Replaces the request handler. */
  use(handler: RequestListener): void;
  /** Stops accepting connections, waits up to `withinMs` for open requests, then closes them. Frees the port. */
  close(withinMs: number): Promise<void>;
}

/** Limit for receiving a request; answers may take longer (ms). */
const REQUEST_TIMEOUT_MS = 30_000;

/** @throws Problem `port_unusable` if it can't listen there */
export async function openListener(options: ListenOptions): Promise<Listener> {
  const { listen, maxConnections } = options;
  let { handler } = options;
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) =>
    handler(request, response),
  );
  server.maxConnections = maxConnections;
  server.listen({ ...listen });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw unusable(error, options);
  }
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://${inUrl(listen.host)}:${port}`,
    use(next) {
      handler = next;
    },
    async close(withinMs) {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      const cutOff = setTimeout(() => server.closeAllConnections(), withinMs);
      await closed;
      clearTimeout(cutOff);
    },
  };
}

/**
 * Used while the bot starts: serves health and answers 503 to everything else, as a reverse proxy does for a bot that is
 * down, so the widget retries.
 */
export function startingHandler(health: Health): RequestListener {
  return (request, response) => {
    if (answerHealth(request, response, health)) return;
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'retry-after': '5',
    };
    response.writeHead(503, headers).end('The bot is starting.\n');
  };
}

/** Answers health requests; false: it was not one. */
export function answerHealth(request: IncomingMessage, response: ServerResponse, health: Health): boolean {
  const answer = isReading(request) ? healthAnswer(pathOf(request), health) : undefined;
  if (answer === undefined) return false;
  json(response, answer.status, answer.body);
  return true;
}

export function isReading({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}

function unusable(error: unknown, { listen, key, what }: ListenOptions): Problem {
  const { code } = error as { code?: unknown };
  const port = { what, where: `${inUrl(listen.host)}:${listen.port}`, key };
  const options = { cause: error };
  switch (code) {
    case 'EADDRINUSE':
      return problem('port_taken', port, options);
    case 'EACCES':
      return problem('port_forbidden', port, options);
    default:
      return problem('address_not_here', { ...port, reason: String(code) }, options);
  }
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
