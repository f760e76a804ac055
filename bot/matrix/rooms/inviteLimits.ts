// How many invites and rooms people without access may make the bot have. Whoever has access may invite it always.
import type { Store } from '../../store/store.ts';

/** Rooms and pending invites in all: each costs memory, and time at the start. */
export const MOST_ROOMS = 1_000;
/** Pending invites in all. */
export const MOST_PENDING = 200;
/** Rooms and pending invites of one user. */
export const MOST_OF_ONE = 20;

export interface InviteLimitOptions {
  readonly store: Pick<Store, 'rooms' | 'stays'>;
  readonly hasAccess: (userId: string) => boolean;
}

/**
 * Whether to keep an invite, to be answered.
 * @param inviter undefined: unknown, treated as a user without access
 */
export function isInviteKept(
  { store: { rooms, stays }, hasAccess }: InviteLimitOptions,
  roomId: string,
  inviter: string | undefined,
): boolean {
  if (inviter !== undefined && hasAccess(inviter)) return true;
  const pending = rooms.invites().filter((invite) => invite.roomId !== roomId);
  const own = pending.filter((invite) => invite.inviter === inviter).length + stays.countBy(inviter);
  return (
    own < MOST_OF_ONE && pending.length < MOST_PENDING && pending.length + rooms.joinedCount() < MOST_ROOMS
  );
}
