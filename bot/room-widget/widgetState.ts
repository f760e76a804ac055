// The contents of the widget’s state events, and which rooms should have it. Pure.
import { serverNameOf } from '../../common/userId.ts';
import type { Config } from '../config/config.ts';
import { asObject, type Json } from '../matrix/json.ts';
import type { Room } from '../store/rooms.ts';

export const WIDGET_TYPE = 'im.vector.modular.widgets';
export const LAYOUT_TYPE = 'io.element.widgets.layout';
/** State key and ID: clients treat them as the same. */
export const WIDGET_ID = 'matrix-registration-bot';

export type WidgetLayout = Config['widget']['layout'];

/** Replaced by clients. Not percent-encoded: clients look for a literal `$`. */
const VARIABLES = {
  roomId: '$matrix_room_id',
  widgetId: '$matrix_widget_id',
  userId: '$matrix_user_id',
  theme: '$org.matrix.msc2873.client_theme',
  lang: '$org.matrix.msc2873.client_language',
};

/**
 * The content of the widget's state event.
 * @param address of `widgetPlace`
 * @param avatarUrl `mxc:` URI; undefined: no picture
 */
export function widgetContent(
  name: string,
  address: string,
  botUserId: string,
  avatarUrl: string | undefined,
): Json {
  const query = Object.entries(VARIABLES).map(([key, variable]) => `${key}=${variable}`);
  return {
    id: WIDGET_ID,
    type: 'm.custom',
    name,
    creatorUserId: botUserId,
    url: `${address}#/?${query.join('&')}`,
    waitForIframeLoad: true,
    ...(avatarUrl === undefined ? {} : { avatar_url: avatarUrl }),
    // Shown after the name in the widget's title bar.
    data: { title: serverNameOf(botUserId) ?? '' },
  };
}

/** The room's layout with the widget in a container; the widgets of others keep their places. */
export function layoutWith(layout: Json | undefined, container: 'top' | 'right'): Json {
  const widgets = asObject(layout?.widgets);
  if (asObject(widgets[WIDGET_ID]).container === container) return layout ?? {};
  const neighbours = Object.entries(widgets).filter(
    ([id, entry]) => id !== WIDGET_ID && asObject(entry).container === container,
  ).length;
  // Percent: of the room's width, shared with the others there; of the height that clients allow.
  const size = container === 'top' ? { width: Math.floor(100 / (neighbours + 1)), height: 50 } : {};
  return { ...layout, widgets: { ...widgets, [WIDGET_ID]: { container, index: neighbours, ...size } } };
}

export function layoutWithout(layout: Json | undefined): Json {
  const { [WIDGET_ID]: ours, ...others } = asObject(layout?.widgets);
  return ours === undefined ? (layout ?? {}) : { ...layout, widgets: others };
}

/** A widget is removed from a room by emptying its state event. */
export function isTakenOut(content: Json | undefined): boolean {
  return content !== undefined && Object.keys(content).length === 0;
}

/**
 * What to do about the widget in a room.
 * @param hasAccess of the person in a direct room; undefined: the person is not known
 */
export function widgetGoal(
  isOn: boolean,
  room: Room,
  hasAccess: boolean | undefined,
): 'put' | 'remove' | 'nothing' {
  const { joined, joinedMembers, invitedMembers } = room;
  const placed = room.widget !== undefined;
  if (!joined || joinedMembers < 2) return 'nothing';
  if (!isOn) return placed ? 'remove' : 'nothing';
  // In a group it is kept if it is there, but not added.
  if (joinedMembers > 2 || hasAccess === undefined) return placed ? 'put' : 'nothing';
  if (!hasAccess) return 'remove';
  return placed || invitedMembers === 0 ? 'put' : 'nothing';
}
