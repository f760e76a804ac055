// Makes the SDK send its requests with node:http. It hands them to a function with the interface of the package `request`,
// which knows neither AbortSignals nor promises.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setRequestFn } from 'matrix-bot-sdk';
import { type Answer, AnswerCut, type Exchange, exchange } from './exchange.ts';

/** What the SDK asks for. */
interface Parameters {
  readonly uri: string;
  readonly method: string;
  readonly qs?: Readonly<Record<string, unknown>> | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** ms. */
  readonly timeout?: number | null;
  /** null: the body is wanted as a Buffer. */
  readonly encoding?: null;
}

interface Response {
  readonly statusCode: number;
  readonly headers: Answer['headers'];
  /** Parsed, if it is a JSON object or array; a string if it is no JSON. */
  readonly body: unknown;
}

type Callback = (error: unknown, response?: Response, body?: unknown) => void;

const MOST_REDIRECTS = 5;
const TIMEOUT_MS = 60_000;

/** The SDK has no way to pass a signal to a request. */
const signals = new AsyncLocalStorage<AbortSignal | undefined>();

/** The SDK's requests made by `work` are cancelled when the signal aborts, and reject with its reason. */
export function cancelledBy<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  return signals.run(signal, work);
}

setRequestFn((parameters: Parameters, callback: Callback) => {
  send(parameters).then(
    (response) => callback(undefined, response, response.body),
    (error: unknown) => callback(error instanceof AnswerCut ? responseOf(error, parameters) : error),
  );
});

async function send(parameters: Parameters): Promise<Response> {
  const { uri, method, qs, headers = {}, body, timeout } = parameters;
  let asked: Exchange = {
    url: withQuery(uri, qs ?? {}),
    method,
    headers,
    body,
    timeoutMs: timeout ?? TIMEOUT_MS,
    signal: signals.getStore(),
  };
  for (let redirects = 0; ; redirects++) {
    const answer = await exchange(asked);
    const target = redirects < MOST_REDIRECTS ? redirectOf(asked, answer) : undefined;
    if (target === undefined) return responseOf(answer, parameters);
    asked = target;
  }
}

/**
 * The same request at the address that the answer names; undefined: the answer is final. The access token goes along to the
 * same host only, and not from https to http.
 */
function redirectOf(asked: Exchange, { statusCode, headers: { location } }: Answer): Exchange | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && asked.method === 'GET';
  if (!isRedirect || location === undefined || !URL.canParse(location, asked.url)) return undefined;
  const [from, to] = [new URL(asked.url), new URL(location, asked.url)];
  if (to.protocol !== 'https:' && to.protocol !== 'http:') return undefined;
  const mayKnow =
    to.hostname === from.hostname && (to.protocol === from.protocol || to.protocol === 'https:');
  const { Authorization: _, ...others } = asked.headers;
  return { ...asked, url: to.href, headers: mayKnow ? asked.headers : others };
}

function withQuery(uri: string, qs: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(qs)) {
    for (const one of [value].flat()) if (one !== undefined && one !== null) query.append(name, String(one));
  }
  if (query.size === 0) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
}

/** Parsed here because the SDK would parse it twice. It can't handle JSON that is neither an object nor an array. */
function responseOf({ statusCode, headers, body }: Answer, { encoding }: Parameters): Response {
  if (encoding === null) return { statusCode, headers, body };
  const text = body.toString('utf8');
  try {
    const json: unknown = JSON.parse(text);
    return { statusCode, headers, body: typeof json === 'object' && json !== null ? json : undefined };
  } catch {
    return { statusCode, headers, body: text };
  }
}
