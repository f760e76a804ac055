// The ID of the request or command being processed, added to every log line.
import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<{ readonly requestId: string }>();

/** @param requestId the ID of a command's event, or of a request to the widget's API */
export function withRequestId<T>(requestId: string, work: () => T): T {
  return current.run({ requestId }, work);
}

/** Runs background work without the ID of the request that started it. */
export function withoutRequestId<T>(work: () => T): T {
  return current.exit(work);
}

/** The fields for a log line: a new object each time, because pino adds to it. */
export function traceFields(): { requestId?: string } {
  return { ...current.getStore() };
}
