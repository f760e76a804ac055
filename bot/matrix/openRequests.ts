import { AsyncLocalStorage } from 'node:async_hooks';
import { getRequestFn, setRequestFn } from 'matrix-bot-sdk';

interface OpenRequest {
  abort(): void;
}
type Callback = (...answer: unknown[]) => void;

/** Added to the library's idle timeout to limit the whole request: a server may send its answer in tiny pieces (ms). */
const BEYOND_MS = 30_000;

const signals = new AsyncLocalStorage<AbortSignal>();
let open: Set<() => void> | undefined;

/**
 * Tracks the SDK's open requests, which it can't cancel, and limits their duration: the HTTP library's own timeout only
 * covers idle connections. Returns the functions that abort them. Without it a long poll would keep the process running
 * for half a minute after the bot has stopped.
 */
export function trackRequests(): () => void {
  open ??= install();
  const requests = open;
  return () => {
    for (const end of requests) end();
  };
}

/** Aborts the requests made by `work`, and closes their connections, when the signal aborts. */
export function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return signals.run(signal, work);
}

/** Detaches the requests made by `work` from the caller's signal, because other callers wait for them too. */
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
    // The library does not call back after `abort()`.
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
