import { describe, expect, test } from 'vitest';
import { isSameJson } from '../matrix/json.ts';
import type { Room } from '../store/rooms.ts';
import {
  isTakenOut,
  layoutWith,
  layoutWithout,
  WIDGET_ID,
  widgetContent,
  widgetGoal,
} from './widgetState.ts';

const ADDRESS = 'https://regbot.example.org/widget/';
const BOT = '@regbot:example.org';

describe('the widget', () => {
  test('has the content that clients expect', () => {
    const content = widgetContent('Registration tokens', ADDRESS, BOT, 'mxc://example.org/icon');
    expect(content).toMatchObject({
      id: WIDGET_ID,
      type: 'm.custom',
      name: 'Registration tokens',
      creatorUserId: BOT,
      waitForIframeLoad: true,
      avatar_url: 'mxc://example.org/icon',
      data: { title: 'example.org' },
    });
    expect(widgetContent('Registration tokens', ADDRESS, BOT, undefined)).not.toHaveProperty('avatar_url');
  });

  test('has exactly these variables in the fragment of its address, as clients look for them', () => {
    const url = String(widgetContent('Registration tokens', ADDRESS, BOT, undefined).url);
    expect(url.startsWith(`${ADDRESS}#/?`)).toBe(true);
    const { hash, search } = new URL(url);
    expect(search).toBe('');
    expect(Object.fromEntries(new URLSearchParams(hash.slice('#/?'.length)))).toEqual({
      roomId: '$matrix_room_id',
      widgetId: '$matrix_widget_id',
      userId: '$matrix_user_id',
      theme: '$org.matrix.msc2873.client_theme',
      lang: '$org.matrix.msc2873.client_language',
    });
    expect(url).not.toContain('%');
  });

  test('stays the same whatever the order of its keys', () => {
    const content = widgetContent('Registration tokens', ADDRESS, BOT, undefined);
    const turned = Object.fromEntries(Object.entries(content).toReversed());
    expect(isSameJson(turned, content)).toBe(true);
    expect(isSameJson({ ...content, name: 'Other' }, content)).toBe(false);
    expect(isSameJson(undefined, content)).toBe(false);
  });

  test('counts as removed if its event is empty, not if there is none', () => {
    expect([isTakenOut({}), isTakenOut(undefined), isTakenOut({ url: '' })]).toEqual([true, false, false]);
  });
});

describe('the layout', () => {
  const ours = { container: 'top', index: 0, width: 100, height: 50 };

  test('has the widget alone on top, over the whole width', () => {
    expect(layoutWith(undefined, 'top')).toEqual({ widgets: { [WIDGET_ID]: ours } });
  });

  test('has it at the side without a size', () => {
    expect(layoutWith({}, 'right')).toEqual({ widgets: { [WIDGET_ID]: { container: 'right', index: 0 } } });
  });

  test('keeps what others pinned, and shares the width with them', () => {
    const clock = { container: 'top', index: 0, width: 70, height: 20 };
    const notes = { container: 'right' };
    expect(layoutWith({ widgets: { clock, notes }, other: 1 }, 'top')).toEqual({
      widgets: { clock, notes, [WIDGET_ID]: { container: 'top', index: 1, width: 50, height: 50 } },
      other: 1,
    });
  });

  test('keeps the size that people gave it', () => {
    const layout = { widgets: { [WIDGET_ID]: { container: 'top', index: 3, width: 40, height: 80 } } };
    expect(layoutWith(layout, 'top')).toEqual(layout);
    expect(layoutWith(layout, 'right')).toEqual({
      widgets: { [WIDGET_ID]: { container: 'right', index: 0 } },
    });
  });

  test.each([undefined, null, 5, 'top', []])('with %j for widgets is made anew', (widgets) => {
    expect(layoutWith({ widgets }, 'top')).toEqual({ widgets: { [WIDGET_ID]: ours } });
  });

  test('loses only the widget’s own entry', () => {
    const clock = { container: 'top' };
    expect(layoutWithout({ widgets: { clock, [WIDGET_ID]: ours }, other: 1 })).toEqual({
      widgets: { clock },
      other: 1,
    });
    const without = { widgets: { clock } };
    expect(layoutWithout(without)).toBe(without);
    expect(layoutWithout(undefined)).toEqual({});
  });
});

describe('in a room', () => {
  const room = (change: Partial<Room> = {}): Room => ({
    roomId: '!a:x',
    joined: true,
    joinedMembers: 2,
    invitedMembers: 0,
    encrypted: false,
    hinted: false,
    clearReported: false,
    person: '@alice:x',
    widget: undefined,
    missingPowerReported: undefined,
    unreadableNoticeAt: undefined,
    unreadableNoticeCode: undefined,
    ...change,
  });
  const placed = { widget: 'top' } as const;

  test.each<[string, boolean, Partial<Room>, boolean | undefined, ReturnType<typeof widgetGoal>]>([
    ['for two it is put for a person with access', true, {}, true, 'put'],
    ['for two it is put although the room is encrypted', true, { encrypted: true }, true, 'put'],
    ['for two it is kept right', true, placed, true, 'put'],
    ['for two it is removed from a person without access', true, placed, false, 'remove'],
    ['that may still have it, after the state was lost, as well', true, {}, false, 'remove'],
    ['whose person is not known nothing new is done', true, {}, undefined, 'nothing'],
    ['that others are invited to it waits', true, { invitedMembers: 1 }, true, 'nothing'],
    ['that others are invited to it stays', true, { ...placed, invitedMembers: 1 }, true, 'put'],
    ['of many it is not put', true, { joinedMembers: 3 }, true, 'nothing'],
    ['of many it stays', true, { ...placed, joinedMembers: 3 }, undefined, 'put'],
    ['that the bot left nothing is done', true, { ...placed, joined: false }, true, 'nothing'],
    [
      'in which nobody else is left nothing is done',
      true,
      { ...placed, joinedMembers: 1 },
      undefined,
      'nothing',
    ],
    ['it is removed once it is off', false, placed, undefined, 'remove'],
    ['in which it never was nothing is done while it is off', false, {}, undefined, 'nothing'],
  ])('%s', (_what, isOn, change, hasAccess, goal) => {
    expect(widgetGoal(isOn, room(change), hasAccess)).toBe(goal);
  });
});
