// An HTTP proxy in front of a homeserver, for tests in which the network or another proxy misbehaves.
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProxiedRequest {
  method: string;
  /** With the query. */
  path: string;
  body: string;
  headers: IncomingHttpHeaders;
}

export interface CannedResponse {
  status: number;
  headers?: Record<string, string>;
  /** Text as it is; anything else as JSON. */
  body?: unknown;
}

/**
 * What happens to a request: undefined passes it on; `drop` cuts the connection; `drop-after` passes it on, lets the
 * homeserver answer, and cuts the connection instead of handing the answer on.
 */
export type Fault = CannedResponse | 'drop' | 'drop-after' | undefined;

/** A promise delays the request until it is settled. */
type Interceptor = (request: ProxiedRequest) => Fault | Promise<Fault>;

export interface Proxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly baseUrl: string;
  /** Every request so far, intercepted or not, in order of arrival. */
  readonly requests: ProxiedRequest[];
  /** Replaces the interceptor there was. */
  intercept(interceptor: Interceptor): void;
  /** Passes everything on again. */
  clear(): void;
  /** What the homeserver answers to a request: to hand it on changed, or to ask later what was held back. */
  pass(request: ProxiedRequest): Promise<CannedResponse>;
  /** Cuts all connections that are open now, long polls among them. */
  cutConnections(): void;
  close(): Promise<void>;
}

export async function startProxy(targetBaseUrl: string): Promise<Proxy> {
  const requests: ProxiedRequest[] = [];
  let interceptor: Interceptor | undefined;
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const seen = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      body: body.toString('utf8'),
      headers: incoming.headers,
    };
    requests.push(seen);
    const fault = await interceptor?.(seen);
    if (fault === 'drop') response.destroy();
    else if (typeof fault === 'object') answer(response, fault);
    else forward(targetBaseUrl, incoming, body, response, fault === 'drop-after');
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    intercept(next) {
      interceptor = next;
    },
    clear() {
      interceptor = undefined;
    },
    pass: (seen) => pass(targetBaseUrl, seen),
    cutConnections: () => server.closeAllConnections(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function answer(response: ServerResponse, canned: CannedResponse): void {
  const isText = typeof canned.body === 'string';
  const headers = { 'content-type': isText ? 'text/html' : 'application/json', ...canned.headers };
  response.writeHead(canned.status, headers);
  response.end(isText ? canned.body : JSON.stringify(canned.body ?? {}));
}

function forward(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  dropAnswer: boolean,
): void {
  const headers = { ...incoming.headers, 'content-length': String(body.length) };
  const upstream = request(
    target + incoming.url,
    { method: incoming.method, headers, agent: false },
    (reply) => {
      if (dropAnswer) {
        reply.resume().on('end', () => response.destroy());
        return;
      }
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.on('error', () => response.destroy());
      reply.pipe(response);
    },
  );
  // Passes on that the homeserver closed the connection.
  upstream.on('error', () => response.destroy());
  response.on('close', () => upstream.destroy());
  upstream.end(body);
}

async function pass(
  target: string,
  { method, path, body, headers }: ProxiedRequest,
): Promise<CannedResponse> {
  const { authorization } = headers;
  const response = await fetch(target + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(method === 'GET' ? {} : { body }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

/** As nginx answers while the homeserver is down. */
export function badGateway(): CannedResponse {
  return { status: 502, body: '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>' };
}

/** Synapse's answer when its rate limit is exceeded. */
export function rateLimited(retryAfterMs: number): CannedResponse {
  return {
    status: 429,
    headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) },
    body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: retryAfterMs },
  };
}
