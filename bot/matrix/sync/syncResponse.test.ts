import { describe, expect, test } from 'vitest';
import { readEvent, readSync } from './syncResponse.ts';

const BOT = '@regbot:example.org';
const MESSAGE = {
  type: 'm.room.message',
  event_id: '$1',
  sender: '@alice:example.org',
  origin_server_ts: 1_000,
  content: { msgtype: 'm.text', body: 'list' },
};

const sync = (rooms: unknown) => readSync({ next_batch: 's1', rooms }, BOT);

describe('an answer to /sync', () => {
  test('contains messages, counts and a gap', () => {
    const { nextBatch, joined } = sync({
      join: {
        '!a:x': {
          summary: { 'm.joined_member_count': 2, 'm.invited_member_count': 0 },
          timeline: { limited: true, prev_batch: 'p1', events: [MESSAGE] },
        },
        '!b:x': { timeline: { limited: false, prev_batch: 'p2', events: [] } },
      },
    });
    expect(nextBatch).toBe('s1');
    expect(joined).toEqual([
      {
        roomId: '!a:x',
        joinedMembers: 2,
        invitedMembers: 0,
        encrypted: false,
        powerLevels: false,
        readers: true,
        gapBefore: 'p1',
        timeline: [
          {
            type: 'm.room.message',
            eventId: '$1',
            sender: '@alice:example.org',
            stateKey: undefined,
            sentAt: 1_000,
            content: { msgtype: 'm.text', body: 'list' },
          },
        ],
      },
      expect.objectContaining({
        roomId: '!b:x',
        joinedMembers: undefined,
        gapBefore: undefined,
        timeline: [],
      }),
    ]);
  });

  test('takes the inviter from the bot’s own member event', () => {
    const member = (state_key: string, membership: string, sender = '@alice:example.org') => ({
      type: 'm.room.member',
      state_key,
      sender,
      content: { membership },
    });
    const { invites } = sync({
      invite: {
        '!a:x': {
          invite_state: {
            events: [member('@alice:example.org', 'join', '@creator:x'), member(BOT, 'invite', '@bob:x')],
          },
        },
        '!forged:x': { invite_state: { events: [member('@other:x', 'invite'), member(BOT, 'ban')] } },
        '!empty:x': {},
      },
    });
    expect(invites).toEqual([{ roomId: '!a:x', inviter: '@bob:x' }]);
  });

  test.each([
    ['first', ['@admin:example.org', '@mallory:evil.org']],
    ['last', ['@mallory:evil.org', '@admin:example.org']],
  ])('does not say whose an invite is that names several senders, the forged one %s', (_, senders) => {
    const events = senders.map((sender) => ({
      type: 'm.room.member',
      state_key: BOT,
      sender,
      content: { membership: 'invite' },
    }));
    const invite = { '!a:evil.org': { invite_state: { events } } };
    expect(sync({ invite }).invites).toEqual([{ roomId: '!a:evil.org', inviter: undefined }]);
    const same = { '!a:x': { invite_state: { events: [events[0], events[0]] } } };
    expect(sync({ invite: same }).invites).toEqual([{ roomId: '!a:x', inviter: senders[0] }]);
  });

  test('finds the encryption event in the state and in the timeline', () => {
    const encryption = { ...MESSAGE, type: 'm.room.encryption', state_key: '' };
    const { joined } = sync({
      join: {
        '!state:x': { state: { events: [encryption] } },
        '!timeline:x': { timeline: { events: [encryption] } },
        '!message:x': { timeline: { events: [{ ...encryption, state_key: undefined }] } },
        '!otherKey:x': { state: { events: [{ ...encryption, state_key: 'x' }] } },
      },
    });
    expect(joined.map(({ encrypted }) => encrypted)).toEqual([true, true, false, false]);
  });

  test('reports new power levels, in the state or in the timeline', () => {
    const powerLevels = { ...MESSAGE, type: 'm.room.power_levels', state_key: '' };
    const { joined } = sync({
      join: {
        '!state:x': { state: { events: [powerLevels] } },
        '!timeline:x': { timeline: { events: [powerLevels] } },
        '!neither:x': { timeline: { events: [MESSAGE] } },
      },
    });
    expect(joined.map((room) => room.powerLevels)).toEqual([true, true, false]);
  });

  test('names the rooms that were left', () => {
    expect(sync({ leave: { '!a:x': {} } }).left).toEqual(['!a:x']);
  });

  test.each([
    undefined,
    null,
    5,
    'text',
    [],
    [[]],
    { join: 5, invite: [], leave: null },
    { join: { '!a:x': null } },
  ])('with rooms of the shape %j is read without harm', (rooms) => {
    const { invites, left, joined } = sync(rooms);
    expect(invites).toEqual([]);
    expect(left).toEqual([]);
    expect(joined.flatMap(({ timeline }) => timeline)).toEqual([]);
  });

  test('keeps only valid events', () => {
    const events = [null, 5, 'x', [], {}, { ...MESSAGE, sender: 5 }, { ...MESSAGE, event_id: null }, MESSAGE];
    const { joined } = sync({ join: { '!a:x': { timeline: { events } } } });
    expect(joined[0]?.timeline.map(({ eventId }) => eventId)).toEqual(['$1']);
  });

  test('keeps only valid counts', () => {
    for (const count of [-1, 1.5, '2', null, Number.NaN]) {
      const { joined } = sync({ join: { '!a:x': { summary: { 'm.joined_member_count': count } } } });
      expect(joined[0]?.joinedMembers).toBeUndefined();
    }
  });

  test.each([undefined, null, 'text', {}, { next_batch: 5 }])('%j is none', (answer) => {
    expect(() => readSync(answer, BOT)).toThrow(TypeError);
  });
});

describe('an event', () => {
  test('that lacks time or content is old and empty', () => {
    expect(readEvent({ ...MESSAGE, origin_server_ts: 'now', content: 'text' })).toMatchObject({
      sentAt: 0,
      content: {},
    });
  });
});
