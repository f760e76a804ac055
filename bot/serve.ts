// The last step of the start: runs the sync loop and serves the widget until the bot is stopped.

import type { AccessControl } from './access/accessControl.ts';
import { renderAccess } from './access/summary.ts';
import type { Built } from './build.ts';
import type { Config } from './config/config.ts';
import type { Connected } from './connect.ts';
import type { Clock } from './lib/clock.ts';
import { type Lifetime, within } from './lifetime.ts';
import { followHomeserver, type WatchTiming } from './matrix/sync/syncLoop.ts';
import type { Health } from './observability/health.ts';
import type { Log } from './observability/log.ts';
import type { Store } from './store/store.ts';
import { currentTokens } from './tokens/listTokens.ts';
import type { WebServer } from './web/server.ts';

export interface ServeOptions {
  readonly health: Health;
  readonly lifetime: Lifetime;
  readonly clock: Clock;
  readonly log: Log;
  readonly watchTiming?: WatchTiming | undefined;
  readonly stopWithinMs?: number | undefined;
}

export interface RunningBot {
  readonly userId: string;
  readonly access: AccessControl;
  readonly store: Store;
  /** Resolves after the first /sync answer was processed. */
  readonly synced: Promise<void>;
  /** Where the widget and its API are served, before any reverse proxy; undefined: disabled. */
  readonly webAddress: string | undefined;
  /** Where metrics and health are served; undefined: disabled. */
  readonly metricsAddress: string | undefined;
  /** Rejects on a fatal error; the caller has to stop the bot then. */
  readonly failed: Promise<never>;
  /** Finishes work in progress (for at most 8.5 s; the rest continues at the next start), then closes the store. */
  stop(): Promise<void>;
}

/** Together with closing it stays below ten seconds, after which Docker kills the process by default. */
const STOP_WITHIN_MS = 8_500;
/** How long to wait for aborted work to end (ms). */
const LET_GO_WITHIN_MS = 2_000;

export async function serve(
  config: Config,
  connected: Connected,
  built: Built,
  options: ServeOptions,
): Promise<RunningBot> {
  const { store, session, listeners } = connected;
  const { access, tokens, chat, encryption } = built;
  const { health, lifetime, log, stopWithinMs = STOP_WITHIN_MS } = options;
  const web = await serveWidget(config, connected, built, options);
  listeners.monitoring?.use({
    listTokens: () => currentTokens(tokens),
    openInboxItems: () => store.inbox.openCount(),
    undecryptableMessages: () => store.unreadable.count(),
    widget: web,
  });
  log.info(renderAccess(access.policy));
  chat.resume();
  const { following, synced, leave } = follow(connected, built, options);
  const introducing = synced.then(() => chat.introduce());
  return {
    userId: session.userId,
    access,
    store,
    synced,
    failed: lifetime.failed,
    webAddress: web?.address,
    metricsAddress: listeners.monitoring?.address,
    async stop() {
      health.stopping();
      chat.stop();
      lifetime.endReceiving('The bot stops.');
      await within(stopWithinMs, Promise.allSettled([web?.close(stopWithinMs), chat.idle()]));
      lifetime.end('The bot stops.');
      leave();
      const ending = [following, introducing, chat.idle(), listeners.close()];
      await within(LET_GO_WITHIN_MS, Promise.allSettled(ending));
      await encryption?.stop();
      store.close();
    },
  };
}

interface Following {
  /** Resolves when the sync loop has ended. */
  readonly following: Promise<void>;
  /** Resolves after the first /sync answer was processed, or after `leave()`. */
  readonly synced: Promise<void>;
  /** Resolves `synced` without an answer, because the bot stops. */
  leave(): void;
}

function follow(
  { store, session }: Connected,
  { chat }: Built,
  { health, lifetime, clock, log, watchTiming }: ServeOptions,
): Following {
  const { promise: synced, resolve: onFirstSync } = Promise.withResolvers<void>();
  const following = followHomeserver({
    session,
    position: () => store.meta.get('sync_token'),
    forgetPosition: () => store.meta.delete('sync_token'),
    receive: async (answer) => {
      await chat.receive(answer);
      health.recordSync();
    },
    onFirstSync,
    onTrouble: (problem) => health.recordFailure(problem),
    onStuck: lifetime.fail,
    clock,
    timing: watchTiming,
    log,
    signal: lifetime.receiveSignal,
  });
  return { following, synced, leave: onFirstSync };
}

/** Loads express only if the widget is enabled. */
async function serveWidget(
  { widget, web }: Config,
  { listeners, session, store }: Connected,
  { access, tokens, watch, status, untrustedProxy }: Built,
  { health, lifetime, clock, log }: ServeOptions,
): Promise<WebServer | undefined> {
  const listener = listeners.web;
  if (listener === undefined) return undefined;
  const { startWeb } = await import('./web/server.ts');
  const { serverName } = session;
  const { signal } = lifetime;
  return await startWeb({
    widget,
    web,
    untrustedProxy,
    listener,
    serverName,
    store,
    access,
    tokens,
    watch,
    status,
    health,
    clock,
    log,
    signal,
  });
}
