import { beforeEach, expect, test } from 'vitest';
import { Store } from '../../store/store.ts';
import { isInviteKept, MOST_OF_ONE, MOST_PENDING, MOST_ROOMS } from './inviteLimits.ts';

const ADMIN = '@admin:x';
let store: Store;

beforeEach(() => {
  store = new Store(':memory:');
});

const kept = (inviter: string | undefined, roomId = '!new:x') =>
  isInviteKept({ store, hasAccess: (userId) => userId === ADMIN }, roomId, inviter);

function invite(count: number, inviter: (n: number) => string | undefined): void {
  for (let n = 0; n < count; n++)
    store.rooms.addInvite({ roomId: `!i${n}:x`, inviter: inviter(n), receivedAt: n });
}

function join(count: number, inviter: (n: number) => string | undefined): void {
  for (let n = 0; n < count; n++) {
    store.rooms.update(`!j${n}:x`, { joined: true });
    store.stays.begin(`!j${n}:x`, inviter(n), n);
  }
}

test('one user without access has a few rooms and invites; others and people with access go on', () => {
  join(MOST_OF_ONE - 2, () => '@eve:x');
  invite(1, () => '@eve:x');
  expect(kept('@eve:x')).toBe(true);
  invite(2, () => '@eve:x');
  expect([kept('@eve:x'), kept('@bob:x'), kept(ADMIN)]).toEqual([false, true, true]);
  // One of those that are kept already.
  expect(kept('@eve:x', '!i0:x')).toBe(true);
});

test('invites of nobody knows whom count as those of one user', () => {
  invite(MOST_OF_ONE - 1, () => undefined);
  expect(kept(undefined)).toBe(true);
  invite(MOST_OF_ONE, () => undefined);
  expect(kept(undefined)).toBe(false);
});

test('all people without access together have so many open invites', () => {
  invite(MOST_PENDING - 1, (n) => `@u${n}:x`);
  expect(kept('@eve:x')).toBe(true);
  invite(MOST_PENDING, (n) => `@u${n}:x`);
  expect([kept('@eve:x'), kept(ADMIN)]).toEqual([false, true]);
});

test('the bot is in so many rooms, unless people with access want it in more', () => {
  join(MOST_ROOMS - 1, (n) => `@u${n}:x`);
  expect(kept('@eve:x')).toBe(true);
  join(MOST_ROOMS, (n) => `@u${n}:x`);
  expect([kept('@eve:x'), kept(ADMIN)]).toEqual([false, true]);
  store.rooms.update('!j0:x', { joined: false });
  expect(kept('@eve:x')).toBe(true);
});
