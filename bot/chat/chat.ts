// The side of the bot that people talk to: what is received, what is made of it, what is said.
import type { AccessControl } from '../access/accessControl.ts';
import type { Config } from '../config/config.ts';
import type { Encryption } from '../crypto/encryption.ts';
import type { Clock } from '../lib/clock.ts';
import { DISPLAY_NAME, introduce } from '../matrix/profile.ts';
import { Invites } from '../matrix/rooms/invites.ts';
import type { Homeserver } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import { WidgetRooms } from '../room-widget/widgetRooms.ts';
import type { StatusReport } from '../status/finding.ts';
import type { Store } from '../store/store.ts';
import type { RetryPolicy } from '../tokens/request.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { Confirmations } from './deletion/confirmations.ts';
import { InboxWorker } from './inbox/inboxWorker.ts';
import { RoomQueues } from './inbox/roomQueues.ts';
import { SyncHandler } from './inbox/syncHandler.ts';
import { UnreadableMessages } from './inbox/unreadableMessages.ts';
import { startPruning } from './pruning.ts';
import { RoomMessages } from './reply/roomMessages.ts';
import { renderMissingPower } from './widget/widgetReply.ts';

export interface ChatOptions {
  readonly config: Config;
  /** Signed in. */
  readonly homeserver: Homeserver;
  readonly store: Store;
  readonly access: AccessControl;
  readonly tokens: Tokens;
  /** undefined: it is off. */
  readonly encryption: Encryption | undefined;
  readonly status: () => Promise<StatusReport>;
  /** Who may read a room, or how it is encrypted, may have changed. */
  readonly onReaders: (roomId: string) => void;
  /** How long the key of an encrypted message is waited for before the person is told (ms). */
  readonly keyPatienceMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when nothing new is taken in any more. */
  readonly intakeSignal: AbortSignal;
  /** Aborted when what still waits for the homeserver is left for the next start. */
  readonly signal: AbortSignal;
}

export interface Chat {
  /** Takes in an answer to /sync and stores its position. */
  receive(answer: unknown): Promise<void>;
  /** Goes on with what the last run left open. */
  resume(): void;
  /** To be called once the first answer to /sync was taken in. */
  introduce(): Promise<void>;
  /** Resolves once all that was received is answered. */
  idle(): Promise<void>;
  stop(): void;
}

export function startChat(options: ChatOptions): Chat {
  const { config, homeserver, store, access, tokens, encryption, onReaders, clock, log, intakeSignal } =
    options;
  const { status, signal } = options;
  const queues = new RoomQueues();
  const messages = new RoomMessages(homeserver);
  const hasAccess = (userId: string) => access.isAllowed(userId);
  const introduced = Promise.withResolvers<void>();
  // While the homeserver is gone as a whole, nobody could read that something has failed: it is waited for.
  const goOn = async () => !(await homeserver.isReachable());
  const retries: RetryPolicy = { quickTries: 3, mostDelayMs: 10_000, goOn, signal };
  const common = { store, access, tokens, retries, messages, homeserver, clock, log, signal };
  const confirmations = new Confirmations({
    ...common,
    table: store.confirmations,
    timeout: config.confirm_timeout,
    inRoom: (roomId, task) => queues.run(roomId, task),
  });
  const widgets = new WidgetRooms({
    widget: config.widget,
    homeserver,
    rooms: store.rooms,
    meta: store.meta,
    inRoom: (roomId, task) => queues.run(roomId, task),
    hasAccess,
    notify: (roomId, missingPower, about) =>
      messages.sendNotice(roomId, renderMissingPower(missingPower), about),
    introduced: () => introduced.promise,
    log,
    signal: intakeSignal,
  });
  access.changes.listen(() => widgets.accessChanged());
  const inboxWorker = new InboxWorker({
    ...common,
    confirmations,
    widgets,
    queues,
    status,
    prefix: config.bot.prefix,
  });
  const invites = new Invites({
    homeserver,
    rooms: store.rooms,
    accept: config.bot.accept_invites,
    hasAccess,
    clock,
    log,
    signal: intakeSignal,
  });
  const unreadable =
    encryption &&
    new UnreadableMessages({
      encryption,
      store,
      queues,
      messages,
      patienceMs: options.keyPatienceMs,
      clock,
      log,
      signal: intakeSignal,
    });
  let displayName: string | undefined = DISPLAY_NAME;
  const syncHandler = new SyncHandler({
    homeserver,
    store,
    clock,
    log,
    names: () => ({ userId: homeserver.userId, displayName, prefix: config.bot.prefix }),
    signal: intakeSignal,
    onItem: (item) => inboxWorker.enqueue(item),
    onAlone: (roomId) => leaveEmptyRoom(roomId),
    onRoomChange: (roomId) => widgets.refresh(roomId),
    onInvites: () => invites.answer(),
    onReaders,
    encryption: encryption && unreadable && { keys: encryption, unreadable },
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

  const stopPruning = startPruning(common);

  return {
    receive: (answer) => syncHandler.receive(answer),
    resume() {
      for (const item of store.inbox.open()) inboxWorker.enqueue(item);
      confirmations.resume();
      invites.answer();
      for (const room of store.rooms.joined()) {
        if (room.joinedMembers <= 1 && room.invitedMembers === 0) leaveEmptyRoom(room.roomId);
      }
    },
    async introduce() {
      displayName = await introduce(homeserver, store.meta, log);
      introduced.resolve();
      widgets.start();
    },
    async idle() {
      await Promise.all([invites.idle(), syncHandler.idle(), queues.idle()]);
    },
    stop: stopPruning,
  };
}
