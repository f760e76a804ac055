// The widget's room side where the homeserver, or the way to it, fails in the middle.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import type { Person } from '../harness/person.ts';
import type { Fault, Proxy as HttpProxy, ProxiedRequest } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { WIDGET_SETTINGS } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import {
  layoutEvents,
  remark,
  remarks,
  setLevel,
  settled,
  widgetAppears,
  widgetEvents,
} from './roomState.ts';

const server = useTestServer();
let proxy: HttpProxy;
let alice: Person;
let bot: RestartableBot;

beforeAll(async () => {
  alice = await server.person('alice');
});

beforeEach(async () => {
  bot = await server.startBot({ proxied: true, settings: WIDGET_SETTINGS });
  ({ proxy } = bot);
});

afterEach(async () => {
  proxy.clear();
  await bot.stop();
});

const isWidgetWrite = ({ method, path }: ProxiedRequest) =>
  method === 'PUT' && path.includes('/state/im.vector.modular.widgets/');
const isStateRequest = ({ path }: ProxiedRequest) => path.includes('/state/');

/** Makes the first requests of a kind fail, each in its own way. */
function corrupt(isMeant: (request: ProxiedRequest) => boolean, ...faults: Fault[]): void {
  proxy.intercept((request) => (isMeant(request) ? faults.shift() : undefined));
}

describe('the widget', () => {
  test.each<[string, (request: ProxiedRequest) => boolean, Fault[]]>([
    ['can’t be written twice', isWidgetWrite, [{ status: 502, body: '<h1>Bad gateway</h1>' }, 'drop']],
    ['was written but the answer was lost', isWidgetWrite, ['drop-after']],
    ['can’t be looked for', isStateRequest, ['drop', { status: 500, body: { errcode: 'M_UNKNOWN' } }]],
    // A page of the reverse proxy, not the homeserver's M_NOT_FOUND.
    ['is not found by a proxy', isStateRequest, [{ status: 404, body: 'Not found' }]],
    [
      'meets a rate limit',
      isWidgetWrite,
      [{ status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 200 } }],
    ],
  ])('comes all the same, once, where it %s', async (_what, isMeant, faults) => {
    const { userId } = bot;
    corrupt(isMeant, ...faults);
    const chat = await Conversation.start(alice, userId);
    await widgetAppears(alice, chat.roomId);
    expect((await chat.ask('widget')).body).toContain('The widget is in this room.');
    expect(widgetEvents(alice, chat.roomId)).toHaveLength(1);
    expect(layoutEvents(alice, chat.roomId)).toHaveLength(1);
  });

  test('does not keep commands waiting while it fails', async () => {
    const { userId } = bot;
    proxy.intercept((request) => (isWidgetWrite(request) ? 'drop' : undefined));
    const chat = await Conversation.start(alice, userId);
    await settled(chat);
    proxy.clear();
    await widgetAppears(alice, chat.roomId);
  });

  test('that the homeserver refuses is reported in the reply to the command', async () => {
    const { userId } = bot;
    const refusal = { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'No widgets on this server.' } };
    proxy.intercept((request) => (isWidgetWrite(request) ? refusal : undefined));
    const chat = await Conversation.start(alice, userId);
    expect((await chat.ask('widget')).body).toMatch(/refused: No widgets on this server\./);
  });

  test('has a picture that is uploaded once, and comes without one where that is not allowed', async () => {
    const uploads = () => proxy.requests.filter(({ path }) => path.includes('/media/v3/upload')).length;
    const { userId } = bot;
    const first = await Conversation.start(alice, userId);
    const { avatar_url } = await widgetAppears(alice, first.roomId);
    await bot.restart();
    const second = await Conversation.start(alice, userId);
    expect((await widgetAppears(alice, second.roomId)).avatar_url).toBe(avatar_url);
    expect(uploads()).toBe(1);
    await bot.stop();

    const other = await server.bot({ localpart: 'paintlessbot', proxied: true, settings: WIDGET_SETTINGS });
    const refusal = { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'No uploads.' } };
    other.proxy.intercept(({ path }) => (path.includes('/media/v3/upload') ? refusal : undefined));
    await other.start();
    const chat = await Conversation.start(alice, other.userId);
    expect(await widgetAppears(alice, chat.roomId)).not.toHaveProperty('avatar_url');
  });
});

describe('a lack of power', () => {
  test('is reported once, also if the answer to the message was lost and the bot restarts', async () => {
    const { userId } = bot;
    corrupt(({ path }) => path.includes('/send/m.room.message/mrb.say.widget'), 'drop-after');
    const roomId = await alice.createRoom({ is_direct: true, invite: [userId], room_version: '11' });
    const chat = new Conversation(alice, roomId, userId);
    await remark(chat);
    await bot.restart();
    await settled(chat);
    await setLevel(alice, roomId, userId, 50);
    await widgetAppears(alice, roomId);
    expect(remarks(chat)).toHaveLength(1);
  });
});
