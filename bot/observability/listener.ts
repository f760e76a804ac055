// A port that the bot listens on from its start. What it answers there can be replaced once the bot knows more.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Problem, problem } from '../../common/problems/problem.ts';
import { type Health, healthAnswer } from './health.ts';

export interface ListenOptions {
  /** Host without brackets; port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The configuration's key for it. */
  readonly key: 'widget.listen' | 'metrics.listen';
  /** What can't be served there, at the beginning of a sentence. */
  readonly what: string;
  readonly maxConnections: number;
  readonly handler: RequestListener;
}

export interface Listener {
  /** Where it really listens: `http://127.0.0.1:8080`. */
  readonly address: string;
  /** Answers requests from now on. */
  use(handler: RequestListener): void;
  /** Takes no more connections, lets requests under way finish, and cuts off what takes longer (ms). Frees the port. */
  close(withinMs: number): Promise<void>;
}

/** A request must have arrived by then; answers may take longer (ms). */
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
 * While the bot starts: health, and for everything else that it is not there yet, as a reverse proxy would say it of a
 * bot that is down: the widget knows what to make of that.
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

/** Whether the request asked for that. */
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
