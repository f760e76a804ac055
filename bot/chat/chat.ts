// Connects /sync, the inbox, the commands and the replies.
import type { AccessControl } from '../access/accessControl.ts';
import type { AnswerQuota } from '../access/answerQuota.ts';
import type { Config } from '../config/config.ts';
import type { Encryption } from '../crypto/encryption.ts';
import type { Clock } from '../lib/clock.ts';
import { KeyedQueue } from '../lib/keyedQueue.ts';
import { DISPLAY_NAME, introduce } from '../matrix/profile.ts';
import { deviceSince, EarlierEvents } from '../matrix/rooms/earlierEvents.ts';
import { isInviteKept } from '../matrix/rooms/inviteLimits.ts';
import { Invites } from '../matrix/rooms/invites.ts';
import type { RoomSender } from '../matrix/rooms/roomSender.ts';
import { TypingNotifications } from '../matrix/rooms/typing.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import { WidgetRooms } from '../room-widget/widgetRooms.ts';
import type { StatusReport } from '../status/finding.ts';
import type { Store } from '../store/store.ts';
import type { RetryPolicy } from '../tokens/request.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { Words } from '../words/words.ts';
import { concludeDisallow, type DisallowOptions } from './access/disallowRun.ts';
import { type ConfirmationOptions, Confirmations } from './confirmation/confirmations.ts';
import { concludeDeletion, type DeletionOptions } from './deletion/deletionRun.ts';
import { Admission } from './inbox/admission.ts';
import { CommandTrust } from './inbox/commandTrust.ts';
import { InboxWorker } from './inbox/inboxWorker.ts';
import { Lanes } from './inbox/lanes.ts';
import { SyncHandler } from './inbox/syncHandler.ts';
import { UnreadableMessages } from './inbox/unreadableMessages.ts';
import { startPruning } from './pruning.ts';
import { RoomMessages } from './reply/roomMessages.ts';
import { RoomLeaving } from './rooms/leaving.ts';
import { VerificationNotices } from './verification/verificationNotices.ts';
import { renderMissingPower } from './widget/widgetReply.ts';

export interface ChatOptions {
  readonly config: Config;
  /** Signed in. */
  readonly homeserver: MatrixSession;
  readonly sender: RoomSender;
  readonly store: Store;
  readonly access: AccessControl;
  readonly quota: AnswerQuota;
  readonly tokens: Tokens;
  /** undefined: it is off. */
  readonly encryption: Encryption | undefined;
  readonly status: () => Promise<StatusReport>;
  readonly words: Words;
  /** Who may read a room, or how it is encrypted, may have changed. */
  readonly onReaders: (roomId: string) => void;
  readonly onLeft: (roomId: string) => void;
  /** How long to wait for the key of an encrypted message before a notice says that it can’t be read (ms). */
  readonly keyPatienceMs: number;
  /** From when on a slow answer is announced by a typing notification (ms). */
  readonly typingAfterMs?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when no new work is begun any more. */
  readonly receiveSignal: AbortSignal;
  /** Aborted when pending requests are left for the next start. */
  readonly signal: AbortSignal;
}

export interface Chat {
  /** Stores the events of an answer to /sync together with its position. */
  receive(answer: unknown): Promise<void>;
  /** Resumes items, confirmations and invites that the last run left open. */
  resume(): void;
  /** Sets the profile and starts the widget. To be called once the first answer to /sync is stored. */
  introduce(): Promise<void>;
  /** Resolves once all received items are answered. */
  idle(): Promise<void>;
  stop(): void;
}

export function startChat(options: ChatOptions): Chat {
  const { config, homeserver, store, access, tokens, encryption, clock, log, receiveSignal } = options;
  const { sender, quota, status, words, signal } = options;
  const queues = new KeyedQueue();
  const earlier = buildEarlierEvents(options);
  const messages = new RoomMessages(sender, earlier);
  // To people without access: a rate limit must not keep the others in their rooms waiting.
  const impatient = new RoomMessages(sender, earlier, false);
  const typing = new TypingNotifications({ session: homeserver, showAfterMs: options.typingAfterMs });
  const hasAccess = (userId: string) => access.isAllowed(userId);
  const introduced = Promise.withResolvers<void>();
  // Retries while the homeserver is unreachable: an error reply could not be sent either.
  const keepRetrying = async () => !(await homeserver.isReachable());
  const retries: RetryPolicy = { quickTries: 3, maxDelayMs: 10_000, keepRetrying, signal };
  const common = { store, access, tokens, retries, messages, typing, words, homeserver, clock, log, signal };
  const confirmations = new Confirmations({
    ...common,
    table: store.confirmations,
    conclude: concludeAll({ ...common, table: store.confirmations }),
    timeout: config.confirm_timeout,
    byReaction: config.bot.trust === 'any',
    inRoom: (roomId, task) => void queues.run(roomId, task),
  });
  const widgets = buildWidgetRooms(options, queues, messages, introduced.promise);
  const trust = buildTrust(options, retries);
  const working = { ...common, confirmations, trust, widgets, status, prefix: config.bot.prefix };
  const [first, last] = [new InboxWorker(working), new InboxWorker({ ...working, messages: impatient })];
  const lanes = new Lanes({
    queues,
    hasAccess,
    work: async (item) => void (await first.work(item)),
    workLast: (item) => last.work(item),
    signal,
  });
  const invites = new Invites({
    session: homeserver,
    rooms: store.rooms,
    accept: config.bot.accept_invites,
    hasAccess,
    clock,
    log,
    signal: receiveSignal,
  });
  const unreadable =
    encryption &&
    buildUnreadable(encryption, options, queues, (userId) => (hasAccess(userId) ? messages : impatient));
  const verificationNotices = new VerificationNotices({ ...common, rooms: store.rooms, queues });
  encryption?.verification.begun.listen((begun) => verificationNotices.announce(begun));
  const leaving = buildLeaving(options, queues, messages);
  let displayName: string | undefined = DISPLAY_NAME;
  const syncHandler = new SyncHandler({
    homeserver,
    store,
    clock,
    log,
    names: () => ({ userId: homeserver.userId, displayName, prefix: config.bot.prefix }),
    signal: receiveSignal,
    admission: new Admission({ store, quota, hasAccess, log }),
    onItem: (item) => lanes.add(item),
    onStored: (roomIds) => leaving.check(roomIds),
    keepsInvite: (roomId, inviter) => isInviteKept({ store, hasAccess }, roomId, inviter),
    onRoomChange: (roomId) => widgets.refresh(roomId),
    onInvites: () => invites.answer(),
    onReaders: options.onReaders,
    onLeft: options.onLeft,
    encryption: encryption && unreadable && { keys: encryption, unreadable },
  });
  const stopPruning = startPruning(common);

  return {
    receive: (answer) => syncHandler.receive(answer),
    resume() {
      for (const item of store.inbox.open()) lanes.add(item);
      confirmations.resume();
      invites.answer();
      leaving.check([]);
    },
    async introduce() {
      displayName = await introduce(homeserver, store.meta, log);
      introduced.resolve();
      widgets.start();
    },
    async idle() {
      await Promise.all([invites.idle(), syncHandler.idle(), leaving.idle(), queues.idle()]);
      await confirmations.idle();
    },
    stop: stopPruning,
  };
}

/** undefined: commands are taken from any device. */
function buildTrust(
  { config, encryption, store }: ChatOptions,
  retries: RetryPolicy,
): CommandTrust | undefined {
  if (config.bot.trust === 'any') return undefined;
  return new CommandTrust({ encryption, rooms: store.rooms, retries });
}

function buildEarlierEvents({ homeserver, store, clock, log }: ChatOptions): EarlierEvents {
  const since = deviceSince(store.meta, homeserver.deviceId, clock());
  return new EarlierEvents({ session: homeserver, deviceSince: since, clock, log });
}

function concludeAll(options: DeletionOptions & DisallowOptions): ConfirmationOptions['conclude'] {
  return {
    deletion: (confirmation, end) => concludeDeletion(confirmation, end, options),
    disallow: (confirmation, end) => concludeDisallow(confirmation, end, options),
  };
}

function buildWidgetRooms(
  { config, homeserver, store, access, words, log, receiveSignal }: ChatOptions,
  queues: KeyedQueue,
  messages: RoomMessages,
  introduced: Promise<void>,
): WidgetRooms {
  const widgets = new WidgetRooms({
    widget: config.widget,
    trust: config.bot.trust,
    name: words.widget.name,
    homeserver,
    rooms: store.rooms,
    meta: store.meta,
    inRoom: (roomId, task) => queues.run(roomId, task),
    hasAccess: (userId) => access.isAllowed(userId),
    notify: (roomId, missingPower, about) =>
      messages.sendNotice(roomId, renderMissingPower(words, missingPower), about),
    introduced: () => introduced,
    log,
    signal: receiveSignal,
  });
  access.changes.listen(() => widgets.accessChanged());
  return widgets;
}

function buildUnreadable(
  encryption: Encryption,
  { store, access, quota, words, keyPatienceMs, clock, log, receiveSignal }: ChatOptions,
  queues: KeyedQueue,
  messagesTo: (userId: string) => RoomMessages,
): UnreadableMessages {
  return new UnreadableMessages({
    encryption,
    store,
    queues,
    messagesTo,
    quota,
    hasAccess: (userId) => access.isAllowed(userId),
    words,
    patienceMs: keyPatienceMs,
    clock,
    log,
    signal: receiveSignal,
  });
}

function buildLeaving(
  { config, homeserver, store, access, words, clock, log, receiveSignal }: ChatOptions,
  queues: KeyedQueue,
  messages: RoomMessages,
): RoomLeaving {
  return new RoomLeaving({
    homeserver,
    store,
    access,
    messages,
    queues,
    mostMembers: config.bot.encryption ? config.bot.most_members : undefined,
    words,
    clock,
    log,
    signal: receiveSignal,
  });
}
