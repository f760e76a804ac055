import { describe, expect, test } from 'vitest';
import { powerGap, powerLevelOf, type RoomAuthority } from './powerLevels.ts';

const BOT = '@bot:x';
const ALICE = '@alice:x';
const WIDGETS = 'im.vector.modular.widgets';

function room(
  version: string | undefined,
  powerLevels: Record<string, unknown> | undefined,
  create: Record<string, unknown> = {},
): RoomAuthority {
  const content = version === undefined ? create : { room_version: version, ...create };
  return { create: { sender: ALICE, content }, powerLevels };
}

const gap = (authority: RoomAuthority, userId = BOT) => powerGap(authority, userId, WIDGETS);

describe('sending a state event in a room of version 11', () => {
  test.each<[string, Record<string, unknown>, { has: number; needs: number } | undefined]>([
    ['needs 50 unless the room says otherwise', {}, { has: 0, needs: 50 }],
    ['is allowed at exactly the level', { users: { [BOT]: 50 } }, undefined],
    ['goes by the default of all users', { users_default: 50 }, undefined],
    [
      'goes by the user before the default',
      { users_default: 50, users: { [BOT]: 0 } },
      { has: 0, needs: 50 },
    ],
    ['goes by the default of all state', { state_default: 100, users_default: 1 }, { has: 1, needs: 100 }],
    ['goes by the event before the default', { state_default: 100, events: { [WIDGETS]: 0 } }, undefined],
    ['has nothing to do with other events', { events: { 'm.room.name': 0 } }, { has: 0, needs: 50 }],
    ['may need less than nothing', { users: { [BOT]: -1 }, events: { [WIDGETS]: -1 } }, undefined],
    [
      'reads nonsense as nothing',
      { users: [BOT], events: 5, users_default: {}, state_default: null },
      { has: 0, needs: 50 },
    ],
  ])('%s', (_what, powerLevels, expected) => {
    expect(gap(room('11', powerLevels))).toEqual(expected);
  });

  test('uses power levels for the creator too', () => {
    expect(gap(room('11', { users: { [ALICE]: 1 } }), ALICE)).toEqual({ has: 1, needs: 50 });
  });

  test('ignores additional creators, which mean nothing there', () => {
    expect(gap(room('11', {}, { additional_creators: [BOT] }))).toEqual({ has: 0, needs: 50 });
  });
});

describe('a room without m.room.power_levels', () => {
  test('allows every member, with its creator at 100', () => {
    const authority = room('10', undefined);
    expect(gap(authority)).toBeUndefined();
    expect([powerLevelOf(authority, ALICE), powerLevelOf(authority, BOT)]).toEqual([100, 0]);
  });

  test('may name its creator in the content alone', () => {
    const create = { content: { creator: ALICE }, sender: undefined };
    expect(powerLevelOf({ create, powerLevels: undefined }, ALICE)).toBe(100);
  });

  test('without a known create event has no privileged creators', () => {
    expect(powerLevelOf({ create: undefined, powerLevels: undefined }, ALICE)).toBe(0);
  });
});

describe('an old room', () => {
  test('may have its levels as strings', () => {
    const powerLevels = { users: { [BOT]: ' 50 ' }, users_default: '0', events: { [WIDGETS]: '+75' } };
    expect(gap(room('1', powerLevels))).toEqual({ has: 50, needs: 75 });
    expect(gap(room(undefined, { users: { [BOT]: '075' }, state_default: '75' }))).toBeUndefined();
  });

  test('with non-numeric strings uses the defaults', () => {
    expect(gap(room('1', { users: { [BOT]: '1e9' }, events: { [WIDGETS]: '' } }))).toEqual({
      has: 0,
      needs: 50,
    });
  });
});

describe('a room of version 12', () => {
  test.each(['12', '13', '100', 'org.matrix.hydra.11'])(
    'or like it (%s) has its creators above all',
    (version) => {
      const powerLevels = { state_default: 1_000_000 };
      expect(gap(room(version, powerLevels), ALICE)).toBeUndefined();
      expect(gap(room(version, powerLevels, { additional_creators: [BOT] }))).toBeUndefined();
      expect(powerLevelOf(room(version, powerLevels), ALICE)).toBe(Number.POSITIVE_INFINITY);
    },
  );

  test('has levels for everybody else', () => {
    expect(gap(room('12', { users: { [BOT]: 1 } }))).toEqual({ has: 1, needs: 50 });
  });

  test('does not take its creator from the content', () => {
    expect(gap(room('12', {}, { creator: BOT }))).toEqual({ has: 0, needs: 50 });
  });

  test.each(['1.12', '12x', ' ', 12])('is not meant by %j', (version) => {
    const create = { sender: ALICE, content: { room_version: version } };
    expect(powerLevelOf({ create, powerLevels: {} }, ALICE)).toBe(0);
  });
});
