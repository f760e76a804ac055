// One HTTP request and its answer, on node:http and node:https. Node's fetch would take 17 MB of memory more.
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { createGunzip } from 'node:zlib';

export interface Exchange {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
  /** How long to wait for the head of the answer, once connected (ms). */
  readonly timeoutMs: number;
  readonly limits?: Limits;
  /** Cancels the request and closes its connection. */
  readonly signal: AbortSignal | undefined;
}

export interface Answer {
  readonly statusCode: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Limits {
  /** To resolve the name, connect, and agree on TLS. */
  readonly connectMs: number;
  /** Between two parts of the body. */
  readonly idleMs: number;
  /** For everything, beyond the time for the head: a server may send its answer in tiny pieces. */
  readonly beyondMs: number;
  /** Of the body, unpacked. */
  readonly bytes: number;
}

/**
 * The largest answers: 1,000,000 tokens are 130 MB, the first /sync of 1,000 busy rooms 50 MB. Beyond that parsing would
 * take more memory than a small machine has; a few KB of gzip can hold gigabytes.
 */
const LIMITS: Limits = { connectMs: 20_000, idleMs: 30_000, beyondMs: 30_000, bytes: 128 * 1024 * 1024 };

/** The body was larger than allowed. */
export class AnswerTooLarge extends Error {
  readonly statusCode: number;
  /** The limit. */
  readonly bytes: number;

  constructor(statusCode: number, bytes: number) {
    super(`The answer is larger than ${bytes} bytes.`);
    this.statusCode = statusCode;
    this.bytes = bytes;
  }
}

/** The connection was lost within the body; `body` is what came before. */
export class AnswerCut extends Error implements Answer {
  readonly code = 'ECONNRESET';
  readonly statusCode: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;

  constructor({ statusCode, headers, body }: Answer, cause: unknown) {
    super('The connection was cut within the answer.', { cause });
    this.statusCode = statusCode;
    this.headers = headers;
    this.body = body;
  }
}

/**
 * Connections that are idle for 5 s are closed, before the homeserver or a proxy between does: a request that just then is
 * sent would be lost. The connection of /sync, free again whenever something has happened, is younger than that.
 * Since Node 22.21 and 24.5 they follow HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
 */
const AGENT = { keepAlive: true, timeout: 5_000, scheduling: 'lifo', proxyEnv: process.env } as const;
const agents = { 'http:': new http.Agent(AGENT), 'https:': new https.Agent(AGENT) };

/**
 * @throws the signal's reason; Error with `code` ETIMEDOUT if a phase took too long; AnswerTooLarge; AnswerCut; Node's error
 *   if there was no answer
 */
export async function exchange(asked: Exchange): Promise<Answer> {
  const { limits = LIMITS, timeoutMs, signal } = asked;
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = open(asked);
  let response: http.IncomingMessage | undefined;
  /** Destroyed by its request, an answer would report that it was cut. */
  const fail = (error: unknown) => (response ?? request).destroy(error as Error);
  const onAbort = () => fail(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  const overall = setTimeout(() => fail(tooLate()), timeoutMs + limits.beyondMs);
  const phase = new Phase(() => fail(tooLate()));

  phase.begin(Math.min(limits.connectMs, timeoutMs));
  request.once('socket', (socket) => whenConnected(socket, () => phase.begin(timeoutMs)));
  request.on('error', reject);
  request.once('response', (incoming) => {
    response = incoming;
    const onPart = () => phase.begin(limits.idleMs);
    onPart();
    receive(incoming, limits.bytes, onPart).then(resolve, reject);
  });
  request.end(asked.body);
  try {
    return await promise;
  } catch (error) {
    request.destroy();
    signal?.throwIfAborted();
    throw error;
  } finally {
    phase.end();
    clearTimeout(overall);
    signal?.removeEventListener('abort', onAbort);
  }
}

function whenConnected(socket: Socket, then: () => void): void {
  const isSecure = socket instanceof TLSSocket;
  // Not in Node's types: true until TLS is agreed on.
  const { secureConnecting = false } = socket as { readonly secureConnecting?: boolean };
  if (socket.connecting || secureConnecting) socket.once(isSecure ? 'secureConnect' : 'connect', then);
  else then();
}

function open({ url, method, headers, body }: Exchange): http.ClientRequest {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new Error(`${protocol} is not http or https.`);
  const { request } = protocol === 'https:' ? https : http;
  return request({
    protocol,
    // Brackets are not part of an IPv6 address.
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    method,
    path: pathOf(url),
    agent: agents[protocol],
    headers: {
      accept: 'application/json',
      'accept-encoding': 'gzip',
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
  });
}

/** Path and query as they are: `URL` would resolve `..`, which is a valid registration token. */
function pathOf(url: string): string {
  const path = url.replace(/^[^:]+:\/\/[^/?#]*/, '').replace(/#.*$/s, '');
  return path.startsWith('/') ? path : `/${path}`;
}

async function receive(
  response: http.IncomingMessage,
  mostBytes: number,
  onPart: () => void,
): Promise<Answer> {
  const { statusCode = 0, headers } = response;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of unpacked(response) as AsyncIterable<Buffer>) {
      onPart();
      bytes += chunk.length;
      if (bytes > mostBytes) throw new AnswerTooLarge(statusCode, mostBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AnswerTooLarge || isTimeout(error)) throw error;
    throw new AnswerCut({ statusCode, headers, body: Buffer.concat(chunks) }, error);
  }
  return { statusCode, headers, body: Buffer.concat(chunks) };
}

function unpacked(response: http.IncomingMessage): Readable {
  if (!/^(x-)?gzip$/i.test(response.headers['content-encoding'] ?? '')) return response;
  const gunzip = createGunzip();
  response.on('error', (error) => gunzip.destroy(error));
  return response.pipe(gunzip);
}

/** One timer for the phase that the request is in. */
class Phase {
  readonly #onLate: () => void;
  #timer: NodeJS.Timeout | undefined;
  #ms = 0;

  constructor(onLate: () => void) {
    this.#onLate = onLate;
  }

  begin(ms: number): void {
    if (this.#timer !== undefined && this.#ms === ms) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#ms = ms;
    this.#timer = setTimeout(this.#onLate, ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function tooLate(): Error {
  return Object.assign(new Error('The answer did not come in time.'), { code: 'ETIMEDOUT' });
}

function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'ETIMEDOUT';
}
