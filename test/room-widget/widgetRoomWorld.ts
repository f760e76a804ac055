// What the suites about the widget's room side share: bots with a widget, and a look at the room's state as the
// homeserver has it.
import type { MatrixEvent } from 'matrix-js-sdk';
import { LAYOUT_TYPE, WIDGET_ID, WIDGET_TYPE } from '../../bot/room-widget/widgetState.ts';
import type { Settings, TestBot } from '../harness/bot.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import type { Conversation, Scene } from '../harness/scene.ts';
import type { RegisteredUser } from '../harness/users.ts';

export const PUBLIC_URL = 'http://localhost:18080';
export const WIDGET_ON: Settings = { WIDGET_PUBLIC_URL: PUBLIC_URL, WIDGET_LISTEN: '127.0.0.1:0' };

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
export async function layoutOf(scene: Scene, person: Person, roomId: string): Promise<unknown> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state/${LAYOUT_TYPE}/`;
  const { accessToken } = person;
  const { widgets } = await requestJson(scene.synapse.baseUrl, 'GET', path, { accessToken });
  return widgets;
}

/** What the bot said by itself about the widget, without being asked. */
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

/** Stops the bot and starts it again on the same data. */
export async function restart(
  scene: Scene,
  bot: TestBot,
  account: RegisteredUser,
  settings: Settings,
): Promise<TestBot> {
  await scene.stopBot(bot);
  return await scene.startBot(account, { dataDir: bot.dataDir, settings });
}

/**
 * Resolves once the bot has looked at the room's widget after whatever happened before: the room's next command waits
 * behind that.
 */
export async function settled(chat: Conversation): Promise<void> {
  await chat.ask('help help', { mentions: [chat.botId] });
}
