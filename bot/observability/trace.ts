// Which request or command the code that runs now works for: every line of the log carries its ID.
import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<{ readonly requestId: string }>();

/** @param requestId the ID of a command's event, or of a request to the widget's API */
export function withRequestId<T>(requestId: string, work: () => T): T {
  return current.run({ requestId }, work);
}

/** What is done for nobody in particular, although a request began it. */
export function withoutRequestId<T>(work: () => T): T {
  return current.exit(work);
}

/** The fields to put into a line of the log: an object of its own each time, for pino adds the line's fields to it. */
export function traceFields(): { requestId?: string } {
  return { ...current.getStore() };
}
