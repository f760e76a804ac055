import { AsyncLocalStorage } from 'node:async_hooks';
import { getRequestFn, setRequestFn } from 'matrix-bot-sdk';

interface OpenRequest {
  abort(): void;
}
type Callback = (...answer: unknown[]) => void;

/** What an answer may take beyond the time in which nothing of it arrives: a server can send it drop by drop (ms). */
const BEYOND_MS = 30_000;

const signals = new AsyncLocalStorage<AbortSignal>();
let open: Set<() => void> | undefined;

/**
 * Remembers the SDK's requests under way, which it has no way to cancel, and sees that each of them ends: the HTTP
 * library's own timeout is only for connections on which nothing at all arrives. Returns what ends them all. Without
 * it a long poll would keep the process for half a minute after the bot has stopped.
 */
export function trackRequests(): () => void {
  open ??= install();
  const requests = open;
  return () => {
    for (const end of requests) end();
  };
}

/** The requests that `work` makes are ended, connection and all, when the signal aborts. */
export function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return signals.run(signal, work);
}

/** The requests that `work` makes go on, even if those who wanted it first have given up meanwhile. */
export function forEverybody<T>(work: () => Promise<T>): Promise<T> {
  return signals.exit(work);
}

function install(): Set<() => void> {
  const send = getRequestFn() as (parameters: unknown, callback: Callback) => OpenRequest;
  const requests = new Set<() => void>();
  setRequestFn((parameters: { readonly timeout?: number }, callback: Callback) => {
    const signal = signals.getStore();
    const done = () => {
      clearTimeout(deadline);
      requests.delete(end);
      signal?.removeEventListener('abort', end);
    };
    // The library calls nobody back after that.
    const end = () => {
      done();
      request.abort();
      callback(Object.assign(new Error('The answer did not come in time.'), { code: 'ETIMEDOUT' }));
    };
    const deadline = setTimeout(end, (parameters.timeout ?? 60_000) + BEYOND_MS);
    deadline.unref();
    const request = send(parameters, (...answer) => {
      done();
      callback(...answer);
    });
    requests.add(end);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
    return request;
  });
  return requests;
}
