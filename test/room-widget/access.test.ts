// Who gets the widget as access and members change, and what the bot says where it lacks power.
import { beforeAll, describe, expect, test } from 'vitest';
import { LAYOUT_TYPE, WIDGET_ID, WIDGET_TYPE } from '../../bot/room-widget/widgetState.ts';
import { Conversation } from '../harness/conversation.ts';
import type { Person } from '../harness/person.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import {
  layoutEvents,
  layoutOf,
  remark,
  remarks,
  setLevel,
  settled,
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

async function startBot(localpart: string, settings: Record<string, string> = {}) {
  return await server.startBot({ localpart, settings: { ...WIDGET_SETTINGS, ...settings } });
}

/** A room for two in which the bot has the default power level. */
async function plainRoom(person: Person, botId: string, roomVersion: string): Promise<Conversation> {
  const roomId = await person.createRoom({ is_direct: true, invite: [botId], room_version: roomVersion });
  const chat = new Conversation(person, roomId, botId);
  await chat.greeting();
  return chat;
}

describe('access', () => {
  test('withdrawn removes the widget from the person’s room only; given back, it returns', async () => {
    const bot = await startBot('accessbot', { ACCESS_ALLOW: alice.userId });
    const hers = await Conversation.start(alice, bot.userId);
    const his = await Conversation.start(bob, bot.userId);
    await widgetAppears(alice, hers.roomId);
    expect(widgetEvents(bob, his.roomId)).toEqual([]);

    await hers.ask(`allow ${bob.userId}`);
    await widgetAppears(bob, his.roomId);
    await hers.ask(`disallow ${bob.userId}`);
    await widgetGoes(bob, his.roomId);
    await bob.waitFor(his.roomId, () => layoutEvents(bob, his.roomId)[1], 'the layout without the widget');
    expect(await layoutOf(server, bob, his.roomId)).toEqual({});
    await hers.ask(`allow ${bob.userId}`);
    await widgetAppears(bob, his.roomId, 2);
    expect(widgetEvents(alice, hers.roomId)).toHaveLength(1);
    expect(remarks(his)).toEqual([]);
  });

  test('withdrawn while the bot was off removes it at the start, even if the state is lost', async () => {
    const bot = await server.startBot({ localpart: 'forgetfulbot', settings: WIDGET_SETTINGS });
    const { roomId } = await Conversation.start(bob, bot.userId);
    await widgetAppears(bob, roomId);
    await bot.stop();
    const settings = { ...WIDGET_SETTINGS, ACCESS_ALLOW: alice.userId };
    await server.startBot({ account: bot.account, settings });
    await widgetGoes(bob, roomId);
  });
});

describe('a room with others', () => {
  test('gets the widget only by command, and keeps it', async () => {
    const bot = await startBot('groupbot', { ACCESS_ALLOW: alice.userId });
    const roomId = await alice.createRoom({
      preset: 'trusted_private_chat' as never,
      invite: [bob.userId, bot.userId],
    });
    await bob.join(roomId);
    await alice.waitForMember(roomId, bot.userId, 'join');
    const asBob = new Conversation(bob, roomId, bot.userId);
    const mentions = [bot.userId];
    expect((await asBob.ask('widget', { mentions })).body).toContain('may not manage');
    expect(widgetEvents(bob, roomId)).toEqual([]);
    const asAlice = new Conversation(alice, roomId, bot.userId);
    expect((await asAlice.ask('widget', { mentions })).body).toContain('I put the widget into this room.');
    await widgetAppears(alice, roomId);
  });

  test('that was for two keeps it; back to two, it goes by who is left', async () => {
    const bot = await startBot('partybot', { ACCESS_ALLOW: alice.userId });
    const chat = await Conversation.start(alice, bot.userId);
    await widgetAppears(alice, chat.roomId);
    await alice.invite(chat.roomId, bob.userId);
    await bob.join(chat.roomId);
    await settled(chat);
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(1);
    await alice.leave(chat.roomId);
    await widgetGoes(bob, chat.roomId);
  });
});

describe('without the power to put it there', () => {
  test('the bot says once what it has, needs and where to change it; raised, the widget comes by itself', async () => {
    const bot = await server.startBot({ localpart: 'weakbot', settings: WIDGET_SETTINGS });
    const chat = await plainRoom(alice, bot.userId, '11');
    const notice = await remark(chat);
    expect(notice).toMatch(/I need power level 50 here, and I have 0\./);
    expect(notice).toMatch(/room settings → Roles & Permissions/);
    expect((await chat.ask('widget')).body).toMatch(/need power level 50 here, and I have 0/);

    await bot.restart();
    await alice.sendState(chat.roomId, 'm.room.topic', '', { topic: 'nothing about levels' });
    await settled(chat);
    await setLevel(alice, chat.roomId, bob.userId, 10);
    await settled(chat);
    expect(remarks(chat)).toHaveLength(1);
    await setLevel(alice, chat.roomId, bot.userId, 20);
    expect(await remark(chat, 2)).toMatch(/need power level 50 here, and I have 20/);
    await setLevel(alice, chat.roomId, bot.userId, 50);
    await widgetAppears(alice, chat.roomId);
    expect((await chat.ask('widget')).body).toContain('The widget is in this room.');
    expect(remarks(chat)).toHaveLength(2);
    await bot.stop();
  });

  test('raised while the bot was off, the widget comes at the start', async () => {
    const bot = await server.startBot({ localpart: 'absentbot', settings: WIDGET_SETTINGS });
    const chat = await plainRoom(alice, bot.userId, '11');
    await remark(chat);
    await bot.stop();
    await setLevel(alice, chat.roomId, bot.userId, 50);
    await bot.start();
    await widgetAppears(alice, chat.roomId);
  });

  test('to pin it, the widget is there and the missing power is reported', async () => {
    const bot = await startBot('halfbot');
    const roomId = await alice.createRoom({
      is_direct: true,
      invite: [bot.userId],
      power_level_content_override: { events: { [WIDGET_TYPE]: 0 } },
    });
    const chat = new Conversation(alice, roomId, bot.userId);
    await widgetAppears(alice, roomId);
    expect(await remark(chat)).toMatch(/can’t pin it for everyone: I need power level 50/);
    expect((await chat.ask('widget')).body).toMatch(/can’t pin it/);
    await setLevel(alice, roomId, bot.userId, 50);
    await alice.waitFor(roomId, () => layoutEvents(alice, roomId)[0], 'the layout');
    expect(widgetEvents(alice, roomId)).toHaveLength(1);
  });
});

describe('a room of version 12', () => {
  test('needs the level of everybody who did not create it', async () => {
    const bot = await startBot('twelvebot');
    const chat = await plainRoom(alice, bot.userId, '12');
    expect(await remark(chat)).toMatch(/need power level 50 here, and I have 0/);
    await setLevel(alice, chat.roomId, bot.userId, 50);
    await widgetAppears(alice, chat.roomId);
  });

  test('has the widget at once where the bot is a creator, whatever the levels', async () => {
    const bot = await startBot('creatorbot');
    const roomId = await alice.createRoom({
      is_direct: true,
      invite: [bot.userId],
      room_version: '12',
      creation_content: { additional_creators: [bot.userId] },
      power_level_content_override: { state_default: 1_000, events: { [LAYOUT_TYPE]: 1_000 } },
    });
    await widgetAppears(alice, roomId);
    expect(await layoutOf(server, alice, roomId)).toHaveProperty([WIDGET_ID]);
  });
});
