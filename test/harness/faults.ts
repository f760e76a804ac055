// Which requests of the bot a proxy sees, and making some of them fail.
import { expect, vi } from 'vitest';
import type { CannedResponse, Fault, Proxy as FaultyProxy, ProxiedRequest } from './proxy.ts';

export const isTokenApi = ({ path }: ProxiedRequest): boolean => path.startsWith('/_synapse/admin');
export const isSend = ({ path }: ProxiedRequest): boolean => path.includes('/send/');
export const isRedaction = ({ path }: ProxiedRequest): boolean => path.includes('/redact/');
export const isTyping = ({ path }: ProxiedRequest): boolean => path.includes('/typing/');
export const isSync = ({ path }: ProxiedRequest): boolean => path.startsWith('/_matrix/client/v3/sync');
/** The path of requests, without the query, ends or goes on like this. */
export const to =
  (part: string) =>
  ({ path }: ProxiedRequest): boolean =>
    decodeURIComponent(path).split('?')[0]?.includes(part) ?? false;

/** Resolves once the proxy has seen so many more requests that match. */
export async function waitForRequests(
  proxy: FaultyProxy,
  matches: (request: ProxiedRequest) => boolean,
  times: number,
): Promise<void> {
  const before = proxy.requests.length;
  await vi.waitFor(
    () => expect(proxy.requests.slice(before).filter(matches).length).toBeGreaterThanOrEqual(times),
    { timeout: 20_000, interval: 20 },
  );
}

/** The token API answers like this; everything else works. */
export function tokenApiAnswers(proxy: FaultyProxy, fault: Fault): void {
  proxy.intercept((request) => (isTokenApi(request) ? fault : undefined));
}

/** The homeserver handles the request, and its answer is cut in half on the way. */
export async function cutInHalf(proxy: FaultyProxy, request: ProxiedRequest): Promise<CannedResponse> {
  const { status, body } = await proxy.pass(request);
  const json = JSON.stringify(body);
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: json.slice(0, Math.floor(json.length / 2)),
  };
}

/** A page with status 200, as of a web server that shows its start page whatever is asked. */
export const startPage = { status: 200, body: '<!doctype html><title>Welcome</title>' } as const;

/**
 * These requests fail, each in its own way and the last way from then on, until `restore` is called.
 * `tried` resolves after so many.
 */
export function breakRequests(
  proxy: FaultyProxy,
  matches: (request: ProxiedRequest) => boolean,
  faults: readonly NonNullable<Fault>[],
): { tried(times: number): Promise<void>; restore(): void } {
  let tries = 0;
  proxy.intercept((request) => {
    if (!matches(request)) return undefined;
    return faults[Math.min(tries++, faults.length - 1)];
  });
  return {
    tried: (times) =>
      vi.waitFor(() => expect(tries).toBeGreaterThanOrEqual(times), { timeout: 20_000, interval: 10 }),
    restore: () => proxy.clear(),
  };
}
