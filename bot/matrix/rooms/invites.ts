// Invites: decides which are accepted, and retries joining.
import { Problem } from '../../../common/problems/problem.ts';
import { serverNameOf } from '../../../common/userId.ts';
import { type Clock, wait } from '../../lib/clock.ts';
import { retry } from '../../lib/retry.ts';
import { Slots } from '../../lib/slots.ts';
import type { Log } from '../../observability/log.ts';
import { retryStoreFailures } from '../../store/fault.ts';
import type { RoomTable } from '../../store/rooms.ts';
import { RequestFailed } from '../errors.ts';
import type { MatrixSession } from '../session.ts';
import { joinRoom, leaveRoom } from './membership.ts';

export type AcceptInvites = 'homeserver' | 'allowed' | 'anyone';

/**
 * Users with access may always invite the bot; `bot.accept_invites` decides who else.
 * @param inviter undefined: unknown, treated as a user without access
 */
export function isInviteAccepted(
  inviter: string | undefined,
  accept: AcceptInvites,
  serverName: string,
  hasAccess: (userId: string) => boolean,
): boolean {
  if (accept === 'anyone') return true;
  if (inviter === undefined) return false;
  if (hasAccess(inviter)) return true;
  return accept === 'homeserver' && serverNameOf(inviter) === serverName;
}

/** How long joining is retried before the invite is dropped. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/** Answered at once: invites of people with access, and of others. */
const AT_ONCE = 8;
const OTHERS_AT_ONCE = 2;
/**
 * Rooms of people without access that are joined within `OTHERS_WITHIN_MS`: half of what Synapse lets an account join
 * (`rc_joins`: ten at once, then one every ten seconds), so that people with access need not wait for them.
 */
const MOST_OTHERS = 5;
const OTHERS_WITHIN_MS = 100_000;

export interface InviteOptions {
  readonly session: MatrixSession;
  readonly rooms: RoomTable;
  readonly accept: AcceptInvites;
  readonly hasAccess: (userId: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export class Invites {
  readonly #options: InviteOptions;
  readonly #busy = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #slots = new Slots(AT_ONCE);
  readonly #slotsOfOthers = new Slots(OTHERS_AT_ONCE);
  /** When the last rooms of people without access were joined, epoch ms. */
  readonly #joinedAt: number[] = [];

  constructor(options: InviteOptions) {
    this.#options = options;
  }

  /** Accepts or declines the stored invites that are not in progress yet. */
  answer(): void {
    const invites = this.#options.rooms.invites();
    const first = invites.filter(({ inviter }) => this.#isFirst(inviter));
    const others = invites.filter(({ inviter }) => !this.#isFirst(inviter));
    for (const { roomId, inviter, receivedAt } of [...first, ...others]) {
      if (this.#busy.has(roomId)) continue;
      this.#busy.add(roomId);
      const running = this.#settle(roomId, inviter, receivedAt).finally(() => {
        this.#busy.delete(roomId);
        this.#running.delete(running);
      });
      this.#running.add(running);
    }
  }

  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #settle(roomId: string, inviter: string | undefined, receivedAt: number): Promise<void> {
    const { rooms, log, signal } = this.#options;
    const isOver = await this.#answer(roomId, inviter, receivedAt);
    if (isOver) await retryStoreFailures(log, signal, async () => rooms.removeInvite(roomId));
  }

  /** Returns whether to delete the stored invite. */
  async #answer(roomId: string, inviter: string | undefined, receivedAt: number): Promise<boolean> {
    const { clock, log, signal } = this.#options;
    const about = { roomId, inviter };
    try {
      // A slot for each try: an invite to a room whose servers are away holds up no others.
      return await retry(() => this.#slotsFor(inviter).run(() => this.#tryToAnswer(roomId, inviter)), {
        when: (error) => isPassing(error) && clock() - receivedAt <= GIVE_UP_AFTER_MS,
        first: 1_000,
        most: 600_000,
        signal,
        onRetry: (error, retryInMs) =>
          log.warn({ ...about, retryInMs }, `Could not answer an invite: ${(error as Problem).message}`),
      });
    } catch (error) {
      if (signal.aborted) return false;
      log.warn({ ...about, err: error }, 'An invite can’t be answered, it is left alone.');
      return true;
    }
  }

  #isFirst(inviter: string | undefined): boolean {
    return inviter !== undefined && this.#options.hasAccess(inviter);
  }

  #slotsFor(inviter: string | undefined): Slots {
    return this.#isFirst(inviter) ? this.#slots : this.#slotsOfOthers;
  }

  /** Resolves when another room of people without access may be joined. */
  async #awaitTurn(): Promise<void> {
    const { clock, signal } = this.#options;
    const oldest = this.#joinedAt.at(-MOST_OTHERS);
    const ready = Math.max(clock(), oldest === undefined ? 0 : oldest + OTHERS_WITHIN_MS);
    this.#joinedAt.push(ready);
    if (this.#joinedAt.length > MOST_OTHERS) this.#joinedAt.shift();
    await wait(ready - clock(), signal);
  }

  async #tryToAnswer(roomId: string, inviter: string | undefined): Promise<boolean> {
    const { session, accept, hasAccess, log } = this.#options;
    if (isInviteAccepted(inviter, accept, session.serverName, hasAccess)) {
      if (!this.#isFirst(inviter)) await this.#awaitTurn();
      await joinRoom(session, roomId);
      log.info({ roomId, inviter }, 'Accepted an invite');
      // Kept until /sync reports the room as joined: the greeting needs the inviter.
      return false;
    }
    await leaveRoom(session, roomId, 'This bot accepts invites only from people it works for.');
    log.info({ roomId, inviter }, 'Declined an invite: see bot.accept_invites');
    return true;
  }
}

/** 403 and 404 are final: the invite was withdrawn, or the room is gone. 502: the room's servers are unreachable. */
function isPassing(error: unknown): boolean {
  if (error instanceof RequestFailed)
    return error.transient || (error.status !== 403 && error.status !== 404);
  return error instanceof Problem;
}
