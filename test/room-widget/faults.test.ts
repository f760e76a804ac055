// The widget's room side where the homeserver, or the way to it, fails in the middle.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestBot, type TestBot, type TestBotOptions } from '../harness/bot.ts';
import type { Person } from '../harness/person.ts';
import { type Fate, type Proxy as HttpProxy, type ProxiedRequest, startProxy } from '../harness/proxy.ts';
import { Conversation, Scene } from '../harness/scene.ts';
import type { RegisteredUser } from '../harness/users.ts';
import {
  layoutEvents,
  remark,
  remarks,
  setLevel,
  settled,
  WIDGET_ON,
  widgetAppears,
  widgetEvents,
} from './widgetRoomWorld.ts';

let scene: Scene;
let proxy: HttpProxy;
let alice: Person;
let account: RegisteredUser;
let bot: TestBot | undefined;
let bots = 0;

beforeAll(async () => {
  scene = await Scene.start();
  proxy = await startProxy(scene.synapse.baseUrl);
  alice = await scene.person('alice');
});

beforeEach(async () => {
  account = await scene.botAccount(`faultbot${bots++}`);
});

afterEach(async () => {
  proxy.clear();
  await stopBot();
});

afterAll(async () => {
  await proxy?.close();
  await scene?.[Symbol.asyncDispose]();
});

async function startBot(options: TestBotOptions = {}): Promise<TestBot> {
  const { localpart: username, password } = account;
  bot = await startTestBot(proxy.baseUrl, { username, password }, { settings: WIDGET_ON, ...options });
  return bot;
}

async function stopBot(): Promise<void> {
  const stopping = bot;
  bot = undefined;
  await stopping?.stop();
}

const isWidgetWrite = ({ method, path }: ProxiedRequest) =>
  method === 'PUT' && path.includes('/state/im.vector.modular.widgets/');
const isStateRequest = ({ path }: ProxiedRequest) => path.includes('/state/');

/** Lets the first requests of a kind come to grief, one fate after the other. */
function spoil(isMeant: (request: ProxiedRequest) => boolean, ...fates: Fate[]): void {
  proxy.intercept((request) => (isMeant(request) ? fates.shift() : undefined));
}

describe('the widget', () => {
  test.each<[string, (request: ProxiedRequest) => boolean, Fate[]]>([
    ['can’t be written twice', isWidgetWrite, [{ status: 502, body: '<h1>Bad gateway</h1>' }, 'drop']],
    ['was written but the answer was lost', isWidgetWrite, ['drop-after']],
    ['can’t be looked for', isStateRequest, ['drop', { status: 500, body: { errcode: 'M_UNKNOWN' } }]],
    // A page of the reverse proxy, not the homeserver's word that there is no such event.
    ['is not found by a proxy', isStateRequest, [{ status: 404, body: 'Not found' }]],
    [
      'meets a rate limit',
      isWidgetWrite,
      [{ status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 200 } }],
    ],
  ])('comes all the same, once, where it %s', async (_what, isMeant, fates) => {
    const { userId } = await startBot();
    spoil(isMeant, ...fates);
    const chat = await Conversation.start(alice, userId);
    await widgetAppears(alice, chat.roomId);
    expect((await chat.ask('widget')).body).toContain('The widget is in this room.');
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(1);
    expect(layoutEvents(alice, chat.roomId)).toHaveLength(1);
  });

  test('does not keep commands waiting while it fails', async () => {
    const { userId } = await startBot();
    proxy.intercept((request) => (isWidgetWrite(request) ? 'drop' : undefined));
    const chat = await Conversation.start(alice, userId);
    await settled(chat);
    proxy.clear();
    await widgetAppears(alice, chat.roomId);
  });

  test('that the homeserver refuses is told as the answer to the command', async () => {
    const { userId } = await startBot();
    const refusal = { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'No widgets on this server.' } };
    proxy.intercept((request) => (isWidgetWrite(request) ? refusal : undefined));
    const chat = await Conversation.start(alice, userId);
    expect((await chat.ask('widget')).body).toMatch(/refused: No widgets on this server\./);
  });

  test('has a picture that is uploaded once, and comes without one where that is not allowed', async () => {
    const uploads = () => proxy.requests.filter(({ path }) => path.includes('/media/v3/upload')).length;
    const before = uploads();
    const { userId, dataDir } = await startBot();
    const first = await Conversation.start(alice, userId);
    const { avatar_url } = await widgetAppears(alice, first.roomId);
    await stopBot();
    await startBot({ dataDir });
    const second = await Conversation.start(alice, userId);
    expect((await widgetAppears(alice, second.roomId)).avatar_url).toBe(avatar_url);
    expect(uploads() - before).toBe(1);
    await stopBot();

    account = await scene.botAccount('paintlessbot');
    const refusal = { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'No uploads.' } };
    proxy.intercept(({ path }) => (path.includes('/media/v3/upload') ? refusal : undefined));
    const other = await startBot();
    const chat = await Conversation.start(alice, other.userId);
    expect(await widgetAppears(alice, chat.roomId)).not.toHaveProperty('avatar_url');
  });
});

describe('a lack of power', () => {
  test('is told once, also if the answer to the message was lost and the bot starts again', async () => {
    const { userId, dataDir } = await startBot();
    spoil(({ path }) => path.includes('/send/m.room.message/mrb.say.widget'), 'drop-after');
    const roomId = await alice.createRoom({ is_direct: true, invite: [userId], room_version: '11' });
    const chat = new Conversation(alice, roomId, userId);
    await remark(chat);
    await stopBot();
    await startBot({ dataDir });
    await settled(chat);
    await setLevel(alice, roomId, userId, 50);
    await widgetAppears(alice, roomId);
    expect(remarks(chat)).toHaveLength(1);
  });
});
