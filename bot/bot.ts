// The composition root: configuration in, running bot out.
import { Problem } from '../common/problem.ts';
import { AllowList } from './access/allowList.ts';
import { Confirmations } from './chat/confirmations.ts';
import { Intake } from './chat/intake.ts';
import { accessSentence, narrowingHint } from './chat/render/access.ts';
import { paragraph, render } from './chat/render/document.ts';
import { RoomQueues } from './chat/roomQueues.ts';
import { Runner } from './chat/runner.ts';
import { Speech } from './chat/speech.ts';
import { type Clock, systemClock, wait } from './clock.ts';
import type { Config } from './config/config.ts';
import { Homeserver } from './homeserver/homeserver.ts';
import { Invites } from './homeserver/invites.ts';
import { completeProfile, DISPLAY_NAME, readProfile } from './homeserver/profile.ts';
import type { Account, SessionStore } from './homeserver/session.ts';
import { followHomeserver } from './homeserver/syncLoop.ts';
import type { Log } from './log.ts';
import { AdminApi, type AdminCredential } from './registration/adminApi.ts';
import type { RegistrationBackend } from './registration/backend.ts';
import { botCredential, passwordCredential, tokenCredential } from './registration/credentials.ts';
import { generateToken } from './registration/generate.ts';
import { RegistrationService } from './registration/service.ts';
import { SynapseBackend } from './registration/synapseBackend.ts';
import { unsupportedBackend } from './registration/unsupportedBackend.ts';
import { statusReport } from './status.ts';
import type { MetaKey } from './store/meta.ts';
import { Store } from './store/store.ts';

export interface BotDependencies {
  readonly log: Log;
  readonly clock?: Clock;
  /** How long the admin API may take to answer (ms). */
  readonly adminApiTimeoutMs?: number;
  /** Makes up a token of so many characters. */
  readonly generate?: (length: number) => string;
}

export interface RunningBot {
  readonly userId: string;
  readonly service: RegistrationService;
  readonly store: Store;
  /** Resolves after the first answer to /sync was taken in. */
  readonly synced: Promise<void>;
  /** Finishes what is under way (5 s at most; what is not finished by then goes on at the next start), then closes the store. */
  stop(): Promise<void>;
}

const STOP_WITHIN_MS = 5_000;
const DAY_MS = 86_400_000;

/**
 * Signs in (waiting for a homeserver that is not up yet) and starts to follow the homeserver.
 * @throws Problem `data_dir_in_use`, `data_dir_unusable`, `bot_credential_refused`
 */
export async function startBot(config: Config, dependencies: BotDependencies): Promise<RunningBot> {
  const { log, clock = systemClock } = dependencies;
  const store = new Store(config.bot.data_dir);
  // Two steps of stopping: nothing new is taken in; then what still waits for the homeserver is left for the next start.
  const intakeStop = new AbortController();
  const hardStop = new AbortController();
  const stopOnError = (error: unknown): never => {
    hardStop.abort(new Error('The bot could not start.'));
    store.close();
    throw error;
  };

  const homeserver = new Homeserver({
    account: botAccount(config),
    sessions: sessionStore(store, 'bot_session'),
    rooms: store.rooms,
    log,
    signal: hardStop.signal,
  });
  await homeserver
    .signIn()
    .then(() => claimStore(store, homeserver.userId, config))
    .catch(stopOnError);

  const credential = adminCredential(config, homeserver, store, log, hardStop.signal);
  const backend = backendFor(
    config,
    new AdminApi({
      baseUrl: config.api.base_url,
      credential,
      signal: hardStop.signal,
      timeoutMs: dependencies.adminApiTimeoutMs,
    }),
  );
  const allowList = new AllowList({
    serverName: homeserver.serverName,
    accessDefault: config.access.default,
    configured: config.access.allow,
    table: store.allowed,
    clock,
  });
  const service = new RegistrationService({
    backend,
    allowList,
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
  const status = () =>
    statusReport({
      server: config.bot.server,
      backend,
      policy: service.policy,
      signal: hardStop.signal,
    });

  const queues = new RoomQueues();
  const speech = new Speech(homeserver);
  const common = { store, service, speech, homeserver, clock, log, signal: hardStop.signal };
  const confirmations = new Confirmations({
    ...common,
    table: store.confirmations,
    timeout: config.confirm_timeout,
    inRoom: (roomId, task) => queues.run(roomId, task),
    transaction: (work) => store.transaction(work),
  });
  const runner = new Runner({ ...common, confirmations, queues, status, prefix: config.bot.prefix });
  const invites = new Invites({
    homeserver,
    rooms: store.rooms,
    accept: config.bot.accept_invites,
    hasAccess: (userId) => service.accessOf(userId).allowed,
    clock,
    log,
    signal: intakeStop.signal,
  });
  let displayName: string | undefined = DISPLAY_NAME;
  const intake = new Intake({
    homeserver,
    store,
    clock,
    names: () => ({ userId: homeserver.userId, displayName, prefix: config.bot.prefix }),
    onItem: (item) => runner.enqueue(item),
    onAlone: (roomId) => leaveEmptyRoom(roomId),
    onInvites: () => invites.answer(),
  });

  function leaveEmptyRoom(roomId: string): void {
    queues.run(roomId, async () => {
      try {
        await homeserver.leave(roomId);
        log.info({ roomId }, 'Left a room in which nobody else is left');
      } catch (error) {
        // Still alone at the next start: tried again then.
        log.warn({ err: error, roomId }, 'Could not leave an empty room.');
      }
    });
  }

  const prune = () => {
    store.inbox.prune(clock());
    store.confirmations.prune(clock() - 60 * DAY_MS);
  };
  prune();
  const pruning = setInterval(prune, DAY_MS);
  logAccess(service, log);

  for (const item of store.inbox.open()) runner.enqueue(item);
  confirmations.resume();
  invites.answer();
  for (const room of store.rooms.joined()) {
    if (room.joinedMembers <= 1 && room.invitedMembers === 0) leaveEmptyRoom(room.roomId);
  }

  const { promise: synced, resolve: onFirstSync } = Promise.withResolvers<void>();
  const following = followHomeserver({
    homeserver,
    position: () => store.meta.get('sync_token'),
    forgetPosition: () => store.meta.delete('sync_token'),
    receive: (answer) => intake.receive(answer),
    onFirstSync,
    log,
    signal: intakeStop.signal,
  });
  const introducing = synced.then(async () => {
    displayName = await introduce(homeserver, store, log);
  });

  return {
    userId: homeserver.userId,
    service,
    store,
    synced,
    async stop() {
      clearInterval(pruning);
      intakeStop.abort(new Error('The bot stops.'));
      const patience = new AbortController();
      await Promise.race([queues.idle(), wait(STOP_WITHIN_MS, patience.signal).catch(() => undefined)]);
      patience.abort();
      hardStop.abort(new Error('The bot stops.'));
      onFirstSync();
      await Promise.allSettled([following, introducing, invites.idle(), queues.idle()]);
      store.close();
    },
  };
}

export function botAccount({ bot }: Config): Account {
  return {
    section: 'bot',
    server: bot.server,
    username: bot.username,
    password: bot.password,
    accessToken: bot.access_token,
  };
}

/** The account that `api` names; undefined: it names none, and the bot's own is meant. */
export function apiAccount({ api }: Config): Account | undefined {
  if (api.token === undefined && api.username === undefined) return undefined;
  return {
    section: 'api',
    server: api.base_url,
    username: api.username,
    password: api.password,
    accessToken: api.token,
  };
}

export function backendFor(config: Config, api: AdminApi): RegistrationBackend {
  return config.api.backend === 'mas' ? unsupportedBackend('mas') : new SynapseBackend(api);
}

function adminCredential(
  config: Config,
  homeserver: Homeserver,
  store: Store,
  log: Log,
  signal: AbortSignal,
): AdminCredential {
  const account = apiAccount(config);
  if (account === undefined) return botCredential(homeserver);
  if (account.accessToken !== undefined) return tokenCredential(account.accessToken);
  return passwordCredential(account, sessionStore(store, 'api_session'), log, signal);
}

function sessionStore({ meta }: Store, key: MetaKey): SessionStore {
  return {
    load: () => meta.get(key),
    save: (session) => meta.set(key, session),
    forget: () => meta.delete(key),
  };
}

/** A sync position and answered commands mean something only for the account they came from. */
function claimStore(store: Store, userId: string, config: Config): void {
  const owner = store.meta.get('user_id');
  if (owner === undefined) store.meta.set('user_id', userId);
  else if (owner !== userId) {
    throw new Problem(
      'data_dir_unusable',
      `The data folder ${config.bot.data_dir} belongs to the account ${owner}, but the bot is ${userId} now.`,
      'Give this account a folder of its own (bot.data_dir), or move the old one away.',
    );
  }
}

/** Returns the bot's display name. */
async function introduce(homeserver: Homeserver, { meta }: Store, log: Log): Promise<string | undefined> {
  try {
    const profile = await readProfile(homeserver);
    if (meta.get('profile_set') !== undefined) return profile.displayName;
    const { displayName } = await completeProfile(homeserver, profile);
    meta.set('profile_set', 'yes');
    return displayName;
  } catch (error) {
    // Only an ornament: tried again at the next start.
    log.debug({ err: error }, 'Could not set the display name and the picture.');
    return DISPLAY_NAME;
  }
}

function logAccess({ policy }: RegistrationService, log: Log): void {
  const hint = narrowingHint(policy);
  const { body } = render(paragraph(accessSentence(policy), ...(hint === undefined ? [] : [' ', ...hint])));
  log.info(body);
}
