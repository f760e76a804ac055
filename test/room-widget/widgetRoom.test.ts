// The widget in direct rooms: that it is there, stays what people have consented to, and is told about.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WIDGET_ID, WIDGET_TYPE } from '../../bot/room-widget/widgetState.ts';
import type { Person } from '../harness/person.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import {
  eventIds,
  layoutEvents,
  layoutOf,
  PUBLIC_URL,
  remarks,
  restart,
  WIDGET_ON,
  widgetAppears,
  widgetEvents,
  widgetGoes,
} from './widgetRoomWorld.ts';

let scene: Scene;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  scene = await Scene.start();
  alice = await scene.person('alice');
  bob = await scene.person('bob');
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

describe('a new direct room', () => {
  test('gets the widget on top, after a greeting that says what the client will ask', async () => {
    const bot = await scene.startBot(await scene.botAccount('newbot'), { settings: WIDGET_ON });
    const chat = await Conversation.start(alice, bot.userId);
    expect(await chat.greeting()).toMatch(/widget.*asks twice/s);
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
    expect(await layoutOf(scene, alice, chat.roomId)).toEqual({
      [WIDGET_ID]: { container: 'top', index: 0, width: 100, height: expect.any(Number) },
    });
    const { avatar_url } = alice.state(chat.roomId, 'm.room.member', bot.userId) ?? {};
    if (avatar_url !== undefined) expect(content.avatar_url).toBe(avatar_url);
    expect(remarks(chat)).toEqual([]);
    expect((await chat.ask('widget')).body).toMatch(/The widget is in this room\..*Extensions/s);
    expect(eventIds(widgetEvents(alice, chat.roomId))).toHaveLength(1);
  });

  test('that is encrypted gets it as well', async () => {
    const bot = await scene.startBot(await scene.botAccount('cipherbot'), { settings: WIDGET_ON });
    const { roomId } = await alice.startDirectRoom(bot.userId, { encrypted: true });
    await widgetAppears(alice, roomId);
  });

  test('has it at the side, or unpinned, where the configuration says so', async () => {
    const rightSettings = { ...WIDGET_ON, WIDGET_LAYOUT: 'right' };
    const right = await scene.startBot(await scene.botAccount('rightbot'), { settings: rightSettings });
    const asideRoom = await Conversation.start(alice, right.userId);
    await widgetAppears(alice, asideRoom.roomId);
    expect(await layoutOf(scene, alice, asideRoom.roomId)).toEqual({
      [WIDGET_ID]: { container: 'right', index: 0 },
    });
    const noneSettings = { ...WIDGET_ON, WIDGET_LAYOUT: 'none' };
    const none = await scene.startBot(await scene.botAccount('nonebot'), { settings: noneSettings });
    const plainRoom = await Conversation.start(alice, none.userId);
    await widgetAppears(alice, plainRoom.roomId);
    await plainRoom.ask('widget');
    expect(layoutEvents(alice, plainRoom.roomId)).toEqual([]);
  });

  test('of somebody without access has none, and its greeting promises none', async () => {
    const settings = { ...WIDGET_ON, ACCESS_ALLOW: alice.userId };
    const bot = await scene.startBot(await scene.botAccount('strictbot'), { settings });
    const chat = await Conversation.start(bob, bot.userId);
    expect(await chat.greeting()).not.toContain('widget');
    expect((await chat.ask('widget')).body).toContain('may not manage registration tokens');
    expect(widgetEvents(bob, chat.roomId)).toEqual([]);
  });

  test('keeps the places that others have given to their widgets', async () => {
    const bot = await scene.startBot(await scene.botAccount('politebot'), { settings: WIDGET_ON });
    const clock = { container: 'top', index: 0, width: 60, height: 30 };
    const roomId = await alice.createRoom({
      preset: 'trusted_private_chat' as never,
      is_direct: true,
      invite: [bot.userId],
      initial_state: [{ type: 'io.element.widgets.layout', state_key: '', content: { widgets: { clock } } }],
    });
    await widgetAppears(alice, roomId);
    expect(await layoutOf(scene, alice, roomId)).toEqual({
      clock,
      [WIDGET_ID]: { container: 'top', index: 1, width: 50, height: expect.any(Number) },
    });
  });

  test('gets nothing while the widget is off, and the command says which key is missing', async () => {
    const bot = await scene.startBot(await scene.botAccount('offbot'));
    const chat = await Conversation.start(alice, bot.userId);
    expect(await chat.greeting()).not.toContain('widget');
    expect((await chat.ask('widget')).body).toMatch(/off, because widget\.public_url is missing/);
    const settings = { ...WIDGET_ON, WIDGET_ENABLED: 'false' };
    const disabled = await scene.startBot(await scene.botAccount('disabledbot'), { settings });
    const other = await Conversation.start(alice, disabled.userId);
    expect((await other.ask('widget')).body).toMatch(/off, because widget\.enabled is false/);
    for (const { roomId } of [chat, other]) expect(widgetEvents(alice, roomId)).toEqual([]);
  });
});

describe('a restart', () => {
  test('writes nothing that is there already', async () => {
    const account = await scene.botAccount('steadybot');
    const bot = await scene.startBot(account, { settings: WIDGET_ON });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    const again = await restart(scene, bot, account, WIDGET_ON);
    await chat.ask('widget');
    // A bot that has lost its state looks at the room instead.
    await scene.stopBot(again);
    await scene.startBot(account, { settings: WIDGET_ON });
    await chat.ask('widget');
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(1);
    expect(layoutEvents(alice, chat.roomId)).toHaveLength(1);
  });

  test('with another public address writes only the widget, also where it was resized', async () => {
    const account = await scene.botAccount('movingbot');
    const bot = await scene.startBot(account, { settings: WIDGET_ON });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    const resized = { widgets: { [WIDGET_ID]: { container: 'top', index: 0, width: 100, height: 90 } } };
    await alice.sendState(chat.roomId, 'io.element.widgets.layout', '', resized);
    const settings = { ...WIDGET_ON, WIDGET_PUBLIC_URL: 'https://tokens.example.org/bot' };
    await restart(scene, bot, account, settings);
    const content = await widgetAppears(alice, chat.roomId, 1);
    expect(String(content.url)).toMatch(/^https:\/\/tokens\.example\.org\/bot\/widget\/#\/\?/);
    await chat.ask('widget');
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(2);
    expect(await layoutOf(scene, alice, chat.roomId)).toEqual(resized.widgets);
  });

  test('with another layout moves the widget without writing it anew', async () => {
    const account = await scene.botAccount('shiftbot');
    const bot = await scene.startBot(account, { settings: WIDGET_ON });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    await restart(scene, bot, account, { ...WIDGET_ON, WIDGET_LAYOUT: 'right' });
    await chat.person.waitFor(chat.roomId, () => layoutEvents(alice, chat.roomId)[1], 'another layout');
    expect(await layoutOf(scene, alice, chat.roomId)).toEqual({
      [WIDGET_ID]: { container: 'right', index: 0 },
    });
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(1);
  });

  test('with the widget off takes it out, and puts it back once it is on', async () => {
    const account = await scene.botAccount('togglebot');
    const bot = await scene.startBot(account, { settings: WIDGET_ON });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    const off = await restart(scene, bot, account, {});
    await widgetGoes(alice, chat.roomId);
    await restart(scene, off, account, WIDGET_ON);
    await widgetAppears(alice, chat.roomId, 2);
  });

  test('leaves it out where somebody took it out, until they ask for it', async () => {
    const account = await scene.botAccount('modestbot');
    const bot = await scene.startBot(account, { settings: WIDGET_ON });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    await alice.sendState(chat.roomId, WIDGET_TYPE, WIDGET_ID, {});
    await alice.sendState(chat.roomId, 'io.element.widgets.layout', '', { widgets: {} });
    await restart(scene, bot, account, WIDGET_ON);
    // Rooms are looked at in the order in which they came: once a later one has its widget, this one was looked at.
    const later = await Conversation.start(bob, bot.userId);
    await widgetAppears(bob, later.roomId);
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(2);
    expect((await chat.ask('widget')).body).toContain('The widget is in this room.');
    await widgetAppears(alice, chat.roomId, 2);
    expect(await layoutOf(scene, alice, chat.roomId)).toHaveProperty([WIDGET_ID]);
  });

  test('finds rooms that were made while the bot was off', async () => {
    const account = await scene.botAccount('latebot');
    const bot = await scene.startBot(account, { settings: WIDGET_ON });
    await scene.stopBot(bot);
    const { roomId } = await alice.startDirectRoom(account.userId);
    await scene.startBot(account, { dataDir: bot.dataDir, settings: WIDGET_ON });
    await widgetAppears(alice, roomId);
  });
});
