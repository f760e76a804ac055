import { getRequestFn, setRequestFn } from 'matrix-bot-sdk';

interface OpenRequest {
  abort(): void;
}
type Callback = (...answer: unknown[]) => void;

/**
 * Remembers the SDK's requests under way, which it has no way to cancel, and returns what ends them all. Without it a
 * long poll would keep the process for half a minute after the bot has stopped. For a process that ends: nobody gets
 * an answer of a request that is ended like this.
 */
export function trackRequests(): () => void {
  const send = getRequestFn() as (parameters: unknown, callback: Callback) => OpenRequest;
  const open = new Set<OpenRequest>();
  setRequestFn((parameters: unknown, callback: Callback) => {
    const request = send(parameters, (...answer) => {
      open.delete(request);
      callback(...answer);
    });
    open.add(request);
    return request;
  });
  return () => {
    for (const request of open) request.abort();
    open.clear();
  };
}
