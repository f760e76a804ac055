// The composition root: configuration in, running bot out.
import { join } from 'node:path';
import { Problem } from '../common/problems/problem.ts';
import { AccessControl } from './access/accessControl.ts';
import { AllowList } from './access/allowList.ts';
import { renderAccess } from './access/summary.ts';
import { startChat } from './chat/chat.ts';
import type { Config } from './config/config.ts';
import type { Encryption } from './crypto/encryption.ts';
import { keysUnwritable } from './crypto/problems.ts';
import { RoomEncryption } from './crypto/roomEncryption.ts';
import type { CryptoStore } from './crypto/store/cryptoStore.ts';
import { type Clock, systemClock, wait } from './lib/clock.ts';
import { parseRecoveryKey } from './lib/recoveryKey.ts';
import { trackRequests } from './matrix/openRequests.ts';
import { Homeserver } from './matrix/session.ts';
import { followHomeserver, type WatchTiming } from './matrix/sync/syncLoop.ts';
import { Health } from './observability/health.ts';
import type { Listener } from './observability/listener.ts';
import { type Listeners, openListeners } from './observability/listeners.ts';
import type { Log } from './observability/log.ts';
import { statusReport } from './status/report.ts';
import { claimDataDir } from './store/owner.ts';
import { Store } from './store/store.ts';
import { adminCredential, backendFor, botAccount, sessionStore } from './tokens/backends/accounts.ts';
import { AdminApi } from './tokens/backends/synapse/adminApi.ts';
import { generateToken } from './tokens/generate.ts';
import { currentTokens } from './tokens/listTokens.ts';
import { openTokens } from './tokens/tokens.ts';
import { TokenWatch } from './tokens/watch/tokenWatch.ts';
import type { WebOptions, WebServer } from './web/server.ts';

export interface BotDependencies {
  readonly log: Log;
  readonly clock?: Clock;
  /** Gives up the start, for example while it waits for the homeserver. Has no effect after that: use `stop()`. */
  readonly giveUp?: AbortSignal;
  /** How long the admin API may take to answer (ms). */
  readonly adminApiTimeoutMs?: number;
  /** Makes up a token of so many characters. */
  readonly generate?: (length: number) => string;
  /** How long the key of an encrypted message is waited for before the person is told (ms). */
  readonly keyPatienceMs?: number;
  /** How often it is counted that the encryption keys are used (ms). */
  readonly countKeysEveryMs?: number;
  /** When a homeserver that does not answer counts as gone. */
  readonly watchTiming?: WatchTiming;
  /** How long a message is tried at which the homeserver fails while it answers otherwise (ms). */
  readonly sendPatienceMs?: number;
  /** How long what is under way gets to finish once the bot is stopped (ms). */
  readonly stopWithinMs?: number;
}

export interface RunningBot {
  readonly userId: string;
  readonly access: AccessControl;
  readonly store: Store;
  /** Resolves after the first answer to /sync was taken in. */
  readonly synced: Promise<void>;
  /** Where the widget and its API are served, before any reverse proxy; undefined: they are not. */
  readonly webAddress: string | undefined;
  /** Where metrics and health are served; undefined: they are not. */
  readonly metricsAddress: string | undefined;
  /** Rejects if the bot can't go on; it has to be stopped then. */
  readonly failed: Promise<never>;
  /** Finishes what is under way (8.5 s at most; what is not finished by then goes on at the next start), then closes the store. */
  stop(): Promise<void>;
}

/** With what it takes to let go it makes ten seconds: then Docker kills, unless it is told otherwise. */
const STOP_WITHIN_MS = 8_500;
/** What was told to end at once, and does not, is left behind after this time (ms). */
const LET_GO_WITHIN_MS = 2_000;
const KEY_PATIENCE_MS = 10_000;

/**
 * Signs in (waiting for a homeserver that is not up yet) and starts to follow the homeserver.
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`, `bot_credential_refused`, `encryption_keys_unusable`, `port_unusable`
 */
export async function startBot(config: Config, dependencies: BotDependencies): Promise<RunningBot> {
  const { log, clock = systemClock, watchTiming, stopWithinMs = STOP_WITHIN_MS } = dependencies;
  const health = new Health(clock);
  const store = new Store(config.bot.data_dir);
  // Two steps of stopping: nothing new is taken in; then what still waits for the homeserver is left for the next start.
  const intakeStop = new AbortController();
  const hardStop = new AbortController();
  const giveUp = () => hardStop.abort(new Error('The start was given up.'));
  dependencies.giveUp?.addEventListener('abort', giveUp, { once: true });
  const { promise: failed, reject: onFailure } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  /** Nothing more is sent: keys might be used that were used before. What is under way goes on at the next start. */
  const fail = (error: unknown) => {
    health.failed(error instanceof Problem ? error.kind : 'internal');
    onFailure(error);
    intakeStop.abort(error);
    hardStop.abort(error);
  };
  trackRequests();
  let listeners: Listeners | undefined;
  let keys: CryptoStore | undefined;
  let encryption: Encryption | undefined;
  let loggedInMeanwhile = false;
  const stopOnError = async (error: unknown): Promise<never> => {
    const cause = hardStop.signal.aborted ? hardStop.signal.reason : error;
    hardStop.abort(new Error('The bot could not start.'));
    await listeners?.close();
    await encryption?.stop();
    keys?.close();
    store.close();
    throw cause;
  };

  const roomEncryption = new RoomEncryption(
    { request: (...request) => homeserver.request(...request) },
    store.rooms,
  );
  const homeserver = new Homeserver({
    account: botAccount(config),
    sessions: sessionStore(store, 'bot_session'),
    seal: (...event) => roomEncryption.seal(...event),
    onLoggedInAgain: () => {
      if (encryption === undefined) loggedInMeanwhile = true;
      else encryption.loggedInAgain();
    },
    onTrouble: (problem) => health.troubled(problem),
    syncTiming: watchTiming?.sync,
    sendPatienceMs: dependencies.sendPatienceMs,
    log,
    signal: hardStop.signal,
  });
  try {
    listeners = await openListeners(config, health, log);
    if (config.bot.encryption) {
      const { openCryptoStore } = await import('./crypto/store/cryptoStore.ts');
      const path = join(config.bot.data_dir, 'crypto.sqlite');
      keys = await openCryptoStore(path, (error) => fail(keysUnwritable(error)), store.meta);
    }
    await homeserver.signIn(keys?.facts.get('device_id'));
    claimDataDir(store.meta, homeserver.userId, config.bot.data_dir);
  } catch (error) {
    return await stopOnError(error);
  }

  const credential = adminCredential(config, homeserver, store, log, hardStop.signal);
  const adminApi = new AdminApi({
    baseUrl: config.api.base_url,
    credential,
    signal: hardStop.signal,
    timeoutMs: dependencies.adminApiTimeoutMs,
  });
  const backend = backendFor(config.api.backend, adminApi, log);
  const allowList = new AllowList({
    serverName: homeserver.serverName,
    accessDefault: config.access.default,
    configured: config.access.allow,
    table: store.allowed,
    clock,
  });
  const access = new AccessControl({ allowList, audit: store.audit, clock, log });
  const tokens = openTokens({
    backend,
    audit: store.audit,
    defaults: {
      uses: config.tokens.default_uses,
      expiry: config.tokens.default_expiry,
      length: config.tokens.length,
    },
    clock,
    generate: dependencies.generate ?? generateToken,
    log,
  });
  const watch = new TokenWatch({
    list: () => currentTokens(tokens),
    changes: tokens.changes,
    log,
    signal: hardStop.signal,
  });
  const hasAccess = (userId: string) => access.isAllowed(userId);
  const status = () =>
    statusReport({
      server: config.bot.server,
      backend,
      policy: access.policy,
      encryption: encryption?.status(),
      widget: config.widget,
      signal: hardStop.signal,
    });

  // Before anybody can invite the bot: clients make rooms encrypted only for accounts that have keys.
  if (keys !== undefined) {
    const { startEncryption } = await import('./crypto/encryption.ts');
    encryption = await startEncryption({
      store: keys,
      homeserver,
      password: config.bot.password,
      recoveryKey: parseRecoveryKey(config.bot.recovery_key ?? ''),
      resetIdentity: config.bot.reset_identity,
      hasAccess,
      rooms: store.rooms,
      countEveryMs: dependencies.countKeysEveryMs,
      onFatal: fail,
      clock,
      log,
      signal: hardStop.signal,
    }).catch(stopOnError);
    roomEncryption.use(encryption.engine);
    // Its keys may have gone with the login that it began with.
    if (loggedInMeanwhile) encryption.loggedInAgain();
  }

  const web = await serveWidget(config, listeners.web, {
    serverName: homeserver.serverName,
    access,
    tokens,
    watch,
    status,
    health,
    clock,
    log,
    signal: hardStop.signal,
  }).catch(stopOnError);

  listeners.monitoring?.use({
    listTokens: () => currentTokens(tokens),
    openInboxItems: () => store.inbox.openCount(),
    undecryptableMessages: () => store.unreadable.count(),
    widget: web,
  });

  dependencies.giveUp?.removeEventListener('abort', giveUp);

  const chat = startChat({
    config,
    homeserver,
    store,
    access,
    tokens,
    encryption,
    status,
    onReaders: (roomId) => roomEncryption.changed(roomId),
    keyPatienceMs: dependencies.keyPatienceMs ?? KEY_PATIENCE_MS,
    clock,
    log,
    intakeSignal: intakeStop.signal,
    signal: hardStop.signal,
  });
  logAccess(access, log);
  chat.resume();

  const { promise: synced, resolve: onFirstSync } = Promise.withResolvers<void>();
  const following = followHomeserver({
    homeserver,
    position: () => store.meta.get('sync_token'),
    forgetPosition: () => store.meta.delete('sync_token'),
    receive: async (answer) => {
      await chat.receive(answer);
      health.heard();
    },
    onFirstSync,
    onTrouble: (problem) => health.troubled(problem),
    onStuck: fail,
    clock,
    timing: watchTiming,
    log,
    signal: intakeStop.signal,
  });
  const introducing = synced.then(() => chat.introduce());

  return {
    userId: homeserver.userId,
    access,
    store,
    synced,
    failed,
    webAddress: web?.address,
    metricsAddress: listeners.monitoring?.address,
    async stop() {
      health.stopping();
      chat.stop();
      intakeStop.abort(new Error('The bot stops.'));
      await within(stopWithinMs, Promise.allSettled([web?.close(stopWithinMs), chat.idle()]));
      hardStop.abort(new Error('The bot stops.'));
      onFirstSync();
      const ending = [following, introducing, chat.idle(), listeners?.close()];
      await within(LET_GO_WITHIN_MS, Promise.allSettled(ending));
      await encryption?.stop();
      store.close();
    },
  };
}

/** Waits for the work, but not longer (ms). */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  await Promise.race([work, wait(ms, enough.signal).catch(() => undefined)]);
  enough.abort();
}

/** express is loaded only for those who have the widget. */
async function serveWidget(
  { widget }: Config,
  listener: Listener | undefined,
  options: Omit<WebOptions, 'widget' | 'listener'>,
): Promise<WebServer | undefined> {
  if (listener === undefined) return undefined;
  const { startWeb } = await import('./web/server.ts');
  return await startWeb({ widget, listener, ...options });
}

function logAccess({ policy }: AccessControl, log: Log): void {
  log.info(renderAccess(policy));
}
