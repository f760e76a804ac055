import { expect, test } from 'vitest';
import type { Room } from '../../store/rooms.ts';
import { Store } from '../../store/store.ts';
import { reasonToLeave } from './leaving.ts';

const ROOM = { joined: true, joinedMembers: 2, invitedMembers: 0 };

test.each<[string, Partial<Room>, number | undefined, ReturnType<typeof reasonToLeave>]>([
  ['for two', {}, 50, undefined],
  ['without anybody else', { joinedMembers: 1 }, 50, 'alone'],
  ['to which somebody is invited', { joinedMembers: 1, invitedMembers: 1 }, 50, undefined],
  ['as big as may be', { encrypted: true, joinedMembers: 30, invitedMembers: 20 }, 50, undefined],
  ['bigger', { encrypted: true, joinedMembers: 30, invitedMembers: 21 }, 50, 'too-big'],
  ['bigger and not encrypted', { joinedMembers: 5_000 }, 50, undefined],
  ['bigger, without encryption of the bot', { encrypted: true, joinedMembers: 51 }, undefined, undefined],
  ['left already', { joined: false, joinedMembers: 0, encrypted: true, invitedMembers: 99 }, 50, undefined],
])('a room %s', (_which, change, mostMembers, reason) => {
  const store = new Store(':memory:');
  const room = store.rooms.update('!r:x', { ...ROOM, ...change });
  store.close();
  expect(reasonToLeave(room, mostMembers)).toBe(reason);
});
