// Puts the widget into one room, or removes it. An unchanged state event is not sent again: clients tie a person's
// consent to load the widget to the event.

import { isSameJson, type Json } from '../matrix/json.ts';
import { type PowerGap, powerGap } from '../matrix/rooms/powerLevels.ts';
import { readAuthority, readState, writeState } from '../matrix/rooms/roomState.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { RoomTable } from '../store/rooms.ts';
import {
  isTakenOut,
  LAYOUT_TYPE,
  layoutWith,
  layoutWithout,
  WIDGET_ID,
  WIDGET_TYPE,
  type WidgetLayout,
} from './widgetState.ts';

export interface WantedWidget {
  readonly content: Json;
  readonly layout: WidgetLayout;
}

/** The bot’s power level is too low for the widget’s state event, or only for the layout that pins it. */
export interface MissingPower extends PowerGap {
  readonly of: 'widget' | 'layout';
  /** The event that set the power levels, if any did. */
  readonly eventId: string | undefined;
}

export interface Placing {
  readonly homeserver: MatrixSession;
  readonly rooms: RoomTable;
}

/** unchanged: the room had it already. left-out: a member of the room took it out. */
export type PutOutcome = 'put' | 'unchanged' | 'left-out' | MissingPower;

/**
 * @param isAskedFor by command: restores a removed widget and its layout
 * @throws RequestFailed
 */
export async function putWidget(
  { homeserver, rooms }: Placing,
  roomId: string,
  wanted: WantedWidget,
  isAskedFor: boolean,
): Promise<PutOutcome> {
  const { widget: before } = rooms.get(roomId);
  const current = await readState(homeserver, roomId, WIDGET_TYPE, WIDGET_ID);
  // A room member removed it: not put back until `widget` is sent.
  if (isTakenOut(current) && before !== undefined && !isAskedFor) return 'left-out';
  const isNew = current === undefined || isTakenOut(current);
  // Keeps a layout that people have changed, until the configuration changes or `widget` is sent.
  const mayMove = isAskedFor || isNew || before !== wanted.layout;
  const layout = mayMove ? await layoutChange(homeserver, roomId, wanted.layout) : undefined;
  const isDifferent = !isSameJson(current, wanted.content);
  if (isDifferent || layout !== undefined) {
    const authority = await readAuthority(homeserver, roomId);
    const missingFor = (of: MissingPower['of'], type: string): MissingPower | undefined => {
      const gap = powerGap(authority, homeserver.userId, type);
      return gap === undefined ? undefined : { of, ...gap, eventId: authority.eventId };
    };
    const missingForWidget = isDifferent ? missingFor('widget', WIDGET_TYPE) : undefined;
    if (missingForWidget !== undefined) return missingForWidget;
    const missingForLayout = layout === undefined ? undefined : missingFor('layout', LAYOUT_TYPE);
    // The layout first, so that clients show the widget in its place at once.
    if (layout !== undefined && missingForLayout === undefined)
      await writeState(homeserver, roomId, LAYOUT_TYPE, '', layout);
    if (isDifferent) await writeState(homeserver, roomId, WIDGET_TYPE, WIDGET_ID, wanted.content);
    if (missingForLayout !== undefined) {
      rooms.update(roomId, { widget: 'none' });
      return missingForLayout;
    }
  }
  rooms.update(roomId, { widget: wanted.layout, missingPowerReported: undefined });
  return isDifferent || layout !== undefined ? 'put' : 'unchanged';
}

/** @throws RequestFailed */
export async function removeWidget(
  { homeserver, rooms }: Placing,
  roomId: string,
): Promise<'removed' | 'absent' | MissingPower> {
  const [current, layout] = await Promise.all([
    readState(homeserver, roomId, WIDGET_TYPE, WIDGET_ID),
    layoutChange(homeserver, roomId, 'none'),
  ]);
  const isThere = current !== undefined && !isTakenOut(current);
  if (isThere || layout !== undefined) {
    const authority = await readAuthority(homeserver, roomId);
    const gapFor = (type: string) => powerGap(authority, homeserver.userId, type);
    const gap = isThere ? gapFor(WIDGET_TYPE) : undefined;
    if (gap !== undefined) return { of: 'widget', ...gap, eventId: authority.eventId };
    if (isThere) await writeState(homeserver, roomId, WIDGET_TYPE, WIDGET_ID, {});
    // A layout entry without a widget has no effect, so a missing power level is ignored.
    if (layout !== undefined && gapFor(LAYOUT_TYPE) === undefined)
      await writeState(homeserver, roomId, LAYOUT_TYPE, '', layout);
  }
  rooms.update(roomId, { widget: undefined, missingPowerReported: undefined });
  return isThere ? 'removed' : 'absent';
}

/** The new content of the layout event; undefined: no change is needed. */
async function layoutChange(
  homeserver: MatrixSession,
  roomId: string,
  layout: WidgetLayout,
): Promise<Json | undefined> {
  const current = await readState(homeserver, roomId, LAYOUT_TYPE);
  const wanted = layout === 'none' ? layoutWithout(current) : layoutWith(current, layout);
  return isSameJson(wanted, current ?? {}) ? undefined : wanted;
}
