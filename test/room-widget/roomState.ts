// The widget in the state of a room, what the bot says about it, and the power levels it needs.
import type { MatrixEvent } from 'matrix-js-sdk';
import { LAYOUT_TYPE, WIDGET_ID, WIDGET_TYPE } from '../../bot/room-widget/widgetState.ts';
import type { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import type { TestServer } from '../harness/testServer.ts';

/** The widget's state events that came so far, oldest first, as the person's client got them. */
export function widgetEvents(person: Person, roomId: string): MatrixEvent[] {
  return person
    .timeline(roomId)
    .filter((event) => event.getType() === WIDGET_TYPE && event.getStateKey() === WIDGET_ID);
}

export function layoutEvents(person: Person, roomId: string): MatrixEvent[] {
  return person.timeline(roomId).filter((event) => event.getType() === LAYOUT_TYPE);
}

export function eventIds(events: readonly MatrixEvent[]): (string | undefined)[] {
  return events.map((event) => event.getId());
}

/** Resolves with the content of the widget's latest event once that event is one with an address. */
export async function widgetAppears(
  person: Person,
  roomId: string,
  after: number = 0,
): Promise<Record<string, unknown>> {
  return await person.waitFor(
    roomId,
    () => {
      const events = widgetEvents(person, roomId);
      const content = events.at(-1)?.getContent();
      return events.length > after && content?.url !== undefined ? content : undefined;
    },
    'the widget',
  );
}

export async function widgetGoes(person: Person, roomId: string): Promise<void> {
  const isGone = () => {
    const content = widgetEvents(person, roomId).at(-1)?.getContent();
    return content !== undefined && Object.keys(content).length === 0 ? true : undefined;
  };
  await person.waitFor(roomId, isGone, 'the widget to go');
}

/** The entries of the room's layout by widget, as the homeserver has them. */
export async function layoutOf(server: TestServer, person: Person, roomId: string): Promise<unknown> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state/${LAYOUT_TYPE}/`;
  const { accessToken } = person;
  const { widgets } = await requestJson(server.baseUrl, 'GET', path, { accessToken });
  return widgets;
}

/** The bot's notices about the widget that are no replies. */
export function remarks(chat: Conversation): string[] {
  return chat.greetings().filter((body) => !body.startsWith('Hello!'));
}

export async function remark(chat: Conversation, count = 1): Promise<string> {
  const found = () => remarks(chat)[count - 1];
  return await chat.person.waitFor(chat.roomId, found, `remark ${count} about the widget`);
}

/** Sets the bot's power level, as the person's client does it. */
export async function setLevel(person: Person, roomId: string, userId: string, level: number): Promise<void> {
  const before = await powerLevels(person, roomId);
  const users = { ...(before.users as Record<string, number>), [userId]: level };
  await person.sendState(roomId, 'm.room.power_levels', '', { ...before, users });
}

async function powerLevels(person: Person, roomId: string): Promise<Record<string, unknown>> {
  return await person.client.getStateEvent(roomId, 'm.room.power_levels', '');
}

/**
 * Resolves once the bot has looked at the room's widget after whatever happened before: the room's next command waits
 * behind that.
 */
export async function settled(chat: Conversation): Promise<void> {
  await chat.ask('help help', { mentions: [chat.botId] });
}
