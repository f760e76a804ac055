// The second step of the start: builds the bot on a session that is signed in.
import { AccessControl } from './access/accessControl.ts';
import { AllowList } from './access/allowList.ts';
import { AnswerQuota } from './access/answerQuota.ts';
import { type Chat, startChat } from './chat/chat.ts';
import type { Config } from './config/config.ts';
import type { Connected } from './connect.ts';
import type { Encryption } from './crypto/encryption.ts';
import { RoomEncryption } from './crypto/roomEncryption.ts';
import type { Clock } from './lib/clock.ts';
import { parseRecoveryKey } from './lib/recoveryKey.ts';
import type { Lifetime } from './lifetime.ts';
import { RoomSender } from './matrix/rooms/roomSender.ts';
import type { Log } from './observability/log.ts';
import { unanswered } from './observability/observed.ts';
import { statusReport } from './status/report.ts';
import { adminCredential, backendFor } from './tokens/backends/accounts.ts';
import type { RegistrationBackend } from './tokens/backends/backend.ts';
import { AdminApi } from './tokens/backends/synapse/adminApi.ts';
import { generateToken } from './tokens/generate.ts';
import { currentTokens } from './tokens/listTokens.ts';
import { openTokens, type Tokens } from './tokens/tokens.ts';
import { TokenWatch } from './tokens/watch/tokenWatch.ts';
import { UntrustedProxy } from './web/untrustedProxy.ts';
import { wordsIn } from './words/words.ts';

export interface BuildOptions {
  readonly lifetime: Lifetime;
  readonly clock: Clock;
  readonly log: Log;
  readonly adminApiTimeoutMs?: number | undefined;
  readonly generate?: ((length: number) => string) | undefined;
  readonly keyPatienceMs?: number | undefined;
  readonly quotaWindowMs?: number | undefined;
  readonly countKeysEveryMs?: number | undefined;
  readonly typingAfterMs?: number | undefined;
}

export interface Built {
  readonly access: AccessControl;
  readonly tokens: Tokens;
  readonly watch: TokenWatch;
  /** undefined: disabled. */
  readonly encryption: Encryption | undefined;
  readonly status: () => ReturnType<typeof statusReport>;
  /** Filled by the web server, for `status`. */
  readonly untrustedProxy: UntrustedProxy;
  readonly chat: Chat;
}

const KEY_PATIENCE_MS = 10_000;

/** Waits for a homeserver that does not answer. @throws Problem `encryption_keys_unusable` */
export async function build(config: Config, connected: Connected, options: BuildOptions): Promise<Built> {
  const { store, session } = connected;
  const { lifetime, clock, log } = options;
  const { signal, receiveSignal } = lifetime;
  const adminApi = buildAdminApi(config, connected, options);
  const backend = backendFor(config.api.backend, adminApi, log);
  const access = buildAccess(config, connected, options);
  const quota = new AnswerQuota({
    hasAccess: (userId) => access.isAllowed(userId),
    clock,
    onRefused: () => unanswered.emit({}),
    windowMs: options.quotaWindowMs,
  });
  const tokens = buildTokens(config, backend, connected, options);
  const watch = new TokenWatch({
    list: () => currentTokens(tokens),
    changes: tokens.changes,
    log,
    signal,
  });
  // Before the first invite: clients enable encryption in a new room only if the account has published keys.
  const encryption = await buildEncryption(config, access, quota, connected, options);
  const roomEncryption =
    encryption?.roomEncryption ??
    new RoomEncryption(session, store.rooms, undefined, config.bot.most_members);
  const untrustedProxy = new UntrustedProxy(log);
  const status = () =>
    statusReport({
      server: config.bot.server,
      backend,
      adminApi,
      userId: session.userId,
      policy: access.policy,
      encryption: encryption?.status(),
      widget: config.widget,
      trust: config.bot.trust,
      untrustedProxy: untrustedProxy.address,
      signal,
    });
  const chat = startChat({
    config,
    homeserver: session,
    sender: encryption?.sender ?? new RoomSender(session, roomEncryption),
    store,
    access,
    quota,
    tokens,
    encryption,
    status,
    words: await wordsIn(config.bot.language),
    onReaders: (roomId) => roomEncryption.changed(roomId),
    onLeft: (roomId) => roomEncryption.left(roomId),
    keyPatienceMs: options.keyPatienceMs ?? KEY_PATIENCE_MS,
    typingAfterMs: options.typingAfterMs,
    clock,
    log,
    receiveSignal,
    signal,
  });
  lifetime.onFailedStart(() => chat.stop());
  return { access, tokens, watch, encryption, status, untrustedProxy, chat };
}

function buildAdminApi(
  config: Config,
  { store, session }: Connected,
  { lifetime, log, adminApiTimeoutMs }: BuildOptions,
): AdminApi {
  const { signal } = lifetime;
  return new AdminApi({
    baseUrl: config.api.base_url,
    credential: adminCredential(config, session, store, log, signal),
    signal,
    timeoutMs: adminApiTimeoutMs,
  });
}

function buildAccess(
  { access }: Config,
  { store, session }: Connected,
  { clock, log }: BuildOptions,
): AccessControl {
  const allowList = new AllowList({
    rules: { serverName: session.serverName, accessDefault: access.default, deny: access.deny },
    configured: access.allow,
    table: store.allowed,
    clock,
  });
  return new AccessControl({ allowList, audit: store.audit, clock, log });
}

function buildTokens(
  { tokens }: Config,
  backend: RegistrationBackend,
  { store }: Connected,
  { clock, log, generate = generateToken }: BuildOptions,
): Tokens {
  const defaults = { uses: tokens.default_uses, expiry: tokens.default_expiry, length: tokens.length };
  return openTokens({ backend, audit: store.audit, defaults, clock, generate, log });
}

async function buildEncryption(
  { bot }: Config,
  access: AccessControl,
  quota: AnswerQuota,
  { keys, session, store }: Connected,
  { lifetime, clock, log, countKeysEveryMs }: BuildOptions,
): Promise<Encryption | undefined> {
  if (keys === undefined) return undefined;
  const { startEncryption } = await import('./crypto/encryption.ts');
  const encryption = await startEncryption({
    store: keys,
    session,
    password: bot.password,
    recoveryKey: parseRecoveryKey(bot.recovery_key ?? ''),
    resetIdentity: bot.reset_identity,
    hasAccess: (userId) => access.isAllowed(userId),
    signedOnly: bot.trust === 'signed',
    quota,
    rooms: store.rooms,
    mostMembers: bot.most_members,
    countEveryMs: countKeysEveryMs,
    onFatal: lifetime.fail,
    clock,
    log,
    signal: lifetime.signal,
  });
  lifetime.onFailedStart(() => encryption.stop());
  return encryption;
}
