// The widget in direct rooms: it is placed, announced, and not changed without need, which would need a new consent.
import { beforeAll, describe, expect, test } from 'vitest';
import { WIDGET_ID, WIDGET_TYPE } from '../../bot/room-widget/widgetState.ts';
import { Conversation } from '../harness/conversation.ts';
import type { Person } from '../harness/person.ts';
import { PUBLIC_URL, WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import {
  eventIds,
  layoutEvents,
  layoutOf,
  remarks,
  widgetAppears,
  widgetEvents,
  widgetGoes,
} from './roomState.ts';

const server = useTestServer();
let alice: Person;
let bob: Person;

beforeAll(async () => {
  alice = await server.person('alice');
  bob = await server.person('bob');
});

describe('a new direct room', () => {
  test('gets the widget on top, after a greeting that says what the client will ask', async () => {
    const bot = await server.startBot({ localpart: 'newbot', settings: WIDGET_SETTINGS });
    const chat = await Conversation.start(alice, bot.userId);
    expect(await chat.greeting()).toMatch(/widget.*may ask/s);
    const content = await widgetAppears(alice, chat.roomId);
    expect(content).toMatchObject({
      id: WIDGET_ID,
      type: 'm.custom',
      name: 'Registration tokens',
      creatorUserId: bot.userId,
      waitForIframeLoad: true,
      avatar_url: expect.stringMatching(/^mxc:/),
    });
    expect(String(content.url)).toMatch(
      new RegExp(`^${PUBLIC_URL}/widget/#/\\?roomId=\\$matrix_room_id&widgetId=\\$matrix_widget_id&`),
    );
    expect(alice.state(chat.roomId, WIDGET_TYPE, WIDGET_ID)).toEqual(content);
    expect(await layoutOf(server, alice, chat.roomId)).toEqual({
      [WIDGET_ID]: { container: 'top', index: 0, width: 100, height: expect.any(Number) },
    });
    const { avatar_url } = alice.state(chat.roomId, 'm.room.member', bot.userId) ?? {};
    if (avatar_url !== undefined) expect(content.avatar_url).toBe(avatar_url);
    expect(remarks(chat)).toEqual([]);
    expect((await chat.ask('widget')).body).toMatch(/^The widget is in this room\..*Extensions/s);
    expect(eventIds(widgetEvents(alice, chat.roomId))).toHaveLength(1);
  });

  test('gets it with a German name, and again when it was taken out, if the bot speaks German', async () => {
    const settings = { ...WIDGET_SETTINGS, BOT_LANGUAGE: 'de' };
    const bot = await server.startBot({ localpart: 'neubot', settings });
    const chat = await Conversation.start(alice, bot.userId);
    expect(await widgetAppears(alice, chat.roomId)).toMatchObject({ name: 'Registrierungstoken' });
    const before = widgetEvents(alice, chat.roomId).length;
    await alice.sendState(chat.roomId, WIDGET_TYPE, WIDGET_ID, {});
    await widgetGoes(alice, chat.roomId);
    expect((await chat.ask('widget')).body).toMatch(/^Ich habe das Widget in diesen Raum geholt\./);
    await widgetAppears(alice, chat.roomId, before + 1);
  });

  test('that is encrypted gets it too', async () => {
    const bot = await server.startBot({ localpart: 'cipherbot', settings: WIDGET_SETTINGS });
    const { roomId } = await alice.startDirectRoom(bot.userId, { encrypted: true });
    await widgetAppears(alice, roomId);
  });

  test('has it at the side, or unpinned, where the configuration says so', async () => {
    const rightSettings = { ...WIDGET_SETTINGS, WIDGET_LAYOUT: 'right' };
    const right = await server.startBot({ localpart: 'rightbot', settings: rightSettings });
    const asideRoom = await Conversation.start(alice, right.userId);
    await widgetAppears(alice, asideRoom.roomId);
    expect(await layoutOf(server, alice, asideRoom.roomId)).toEqual({
      [WIDGET_ID]: { container: 'right', index: 0 },
    });
    const noneSettings = { ...WIDGET_SETTINGS, WIDGET_LAYOUT: 'none' };
    const none = await server.startBot({ localpart: 'nonebot', settings: noneSettings });
    const plainRoom = await Conversation.start(alice, none.userId);
    await widgetAppears(alice, plainRoom.roomId);
    await plainRoom.ask('widget');
    expect(layoutEvents(alice, plainRoom.roomId)).toEqual([]);
  });

  test('of a person without access has none, and its greeting does not mention one', async () => {
    const settings = { ...WIDGET_SETTINGS, ACCESS_ALLOW: alice.userId };
    const bot = await server.startBot({ localpart: 'strictbot', settings, quotaWindowMs: 0 });
    const chat = await Conversation.start(bob, bot.userId);
    expect(await chat.greeting()).not.toContain('widget');
    expect((await chat.ask('widget')).body).toContain('may not manage registration tokens');
    expect(widgetEvents(bob, chat.roomId)).toEqual([]);
  });

  test('keeps the places that others have given to their widgets', async () => {
    const bot = await server.startBot({ localpart: 'politebot', settings: WIDGET_SETTINGS });
    const clock = { container: 'top', index: 0, width: 60, height: 30 };
    const roomId = await alice.createRoom({
      preset: 'trusted_private_chat' as never,
      is_direct: true,
      invite: [bot.userId],
      initial_state: [{ type: 'io.element.widgets.layout', state_key: '', content: { widgets: { clock } } }],
    });
    await widgetAppears(alice, roomId);
    expect(await layoutOf(server, alice, roomId)).toEqual({
      clock,
      [WIDGET_ID]: { container: 'top', index: 1, width: 50, height: expect.any(Number) },
    });
  });

  test('gets nothing while the widget is off, and the command says which key is missing', async () => {
    const bot = await server.startBot({ localpart: 'offbot' });
    const chat = await Conversation.start(alice, bot.userId);
    expect(await chat.greeting()).not.toContain('widget');
    expect((await chat.ask('widget')).body).toMatch(/off, because widget\.public_url is missing/);
    const settings = { ...WIDGET_SETTINGS, WIDGET_ENABLED: 'false' };
    const disabled = await server.startBot({ localpart: 'disabledbot', settings });
    const other = await Conversation.start(alice, disabled.userId);
    expect((await other.ask('widget')).body).toMatch(/off, because widget\.enabled is false/);
    for (const { roomId } of [chat, other]) expect(widgetEvents(alice, roomId)).toEqual([]);
  });
});

describe('a restart', () => {
  test('writes nothing that exists already', async () => {
    const bot = await server.startBot({ localpart: 'steadybot', settings: WIDGET_SETTINGS });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    await bot.restart();
    await chat.ask('widget');
    // A bot that has lost its state looks at the room instead.
    await bot.stop();
    await server.startBot({ account: bot.account, settings: WIDGET_SETTINGS });
    await chat.ask('widget');
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(1);
    expect(layoutEvents(alice, chat.roomId)).toHaveLength(1);
  });

  test('with another public address writes only the widget, also where it was resized', async () => {
    const bot = await server.startBot({ localpart: 'movingbot', settings: WIDGET_SETTINGS });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    const resized = { widgets: { [WIDGET_ID]: { container: 'top', index: 0, width: 100, height: 90 } } };
    await alice.sendState(chat.roomId, 'io.element.widgets.layout', '', resized);
    const settings = { ...WIDGET_SETTINGS, WIDGET_PUBLIC_URL: 'https://tokens.example.org/bot' };
    await bot.restart({ settings });
    const content = await widgetAppears(alice, chat.roomId, 1);
    expect(String(content.url)).toMatch(/^https:\/\/tokens\.example\.org\/bot\/widget\/#\/\?/);
    await chat.ask('widget');
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(2);
    expect(await layoutOf(server, alice, chat.roomId)).toEqual(resized.widgets);
  });

  test('with another layout moves the widget without writing it anew', async () => {
    const bot = await server.startBot({ localpart: 'shiftbot', settings: WIDGET_SETTINGS });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    await bot.restart({ settings: { WIDGET_LAYOUT: 'right' } });
    await chat.person.waitFor(chat.roomId, () => layoutEvents(alice, chat.roomId)[1], 'another layout');
    expect(await layoutOf(server, alice, chat.roomId)).toEqual({
      [WIDGET_ID]: { container: 'right', index: 0 },
    });
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(1);
  });

  test('with the widget off removes it, and adds it again once it is on', async () => {
    const bot = await server.bot({ localpart: 'togglebot' });
    await bot.start({ settings: WIDGET_SETTINGS });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    await bot.restart();
    await widgetGoes(alice, chat.roomId);
    await bot.restart({ settings: WIDGET_SETTINGS });
    await widgetAppears(alice, chat.roomId, 2);
  });

  test('does not put it back after a person removed it, until they ask for it', async () => {
    const bot = await server.startBot({ localpart: 'modestbot', settings: WIDGET_SETTINGS });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    await alice.sendState(chat.roomId, WIDGET_TYPE, WIDGET_ID, {});
    await alice.sendState(chat.roomId, 'io.element.widgets.layout', '', { widgets: {} });
    await bot.restart();
    // Rooms are looked at in the order in which they came: once a later one has its widget, this one was looked at.
    const later = await Conversation.start(bob, bot.userId);
    await widgetAppears(bob, later.roomId);
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(2);
    expect((await chat.ask('widget')).body).toContain('I put the widget into this room.');
    await widgetAppears(alice, chat.roomId, 2);
    expect(await layoutOf(server, alice, chat.roomId)).toHaveProperty([WIDGET_ID]);
  });

  test('finds rooms that were made while the bot was off', async () => {
    const bot = await server.startBot({ localpart: 'latebot', settings: WIDGET_SETTINGS });
    await bot.stop();
    const { roomId } = await alice.startDirectRoom(bot.userId);
    await bot.start();
    await widgetAppears(alice, roomId);
  });
});
