// The floor: the same requests as the bot's, made one after the other as soon as /sync brings the message, and nothing
// else. Nothing is checked, stored or logged. A process of its own, as the bot is.
import { requestJson } from '../harness/matrixHttp.ts';
import { type RawEvent, sync } from './observer.ts';

const { FLOOR_SERVER = '', FLOOR_ACCESS_TOKEN = '', FLOOR_USER_ID = '', FLOOR_ROOM_ID = '' } = process.env;
const TOKENS = '/_synapse/admin/v1/registration_tokens';
const ROOM = `/_matrix/client/v3/rooms/${encodeURIComponent(FLOOR_ROOM_ID)}`;
const WEEK_MS = 7 * 86_400_000;

/** About as long as what the bot says. */
const SHORT = 'x'.repeat(250);
const LONG = 'x'.repeat(1_500);

let transactions = 0;
/** Prompts that wait for a reaction, and the token each is about. */
const prompts = new Map<string, string>();

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  return await requestJson<T>(FLOOR_SERVER, method, path, { accessToken: FLOOR_ACCESS_TOKEN, body });
}

async function send(type: string, content: Record<string, unknown>): Promise<string> {
  const path = `${ROOM}/send/${type}/floor${process.pid}.${transactions++}`;
  return (await ask<{ event_id: string }>('PUT', path, content)).event_id;
}

function notice(text: string, relation: Record<string, unknown>): Record<string, unknown> {
  const message = { msgtype: 'm.notice', body: text, format: 'org.matrix.custom.html', formatted_body: text };
  return { ...message, 'm.relates_to': relation };
}

async function answer({ event_id, type, content }: RawEvent): Promise<void> {
  const reply = (text: string) => send('m.room.message', notice(text, { 'm.in_reply_to': { event_id } }));
  if (type === 'm.reaction') {
    const prompt = String((content['m.relates_to'] as { event_id?: unknown } | undefined)?.event_id);
    const token = prompts.get(prompt);
    if (token === undefined) return;
    await ask('GET', `${TOKENS}/${token}`);
    await ask('DELETE', `${TOKENS}/${token}`);
    const edit = {
      ...notice(SHORT, { rel_type: 'm.replace', event_id: prompt }),
      'm.new_content': notice(SHORT, {}),
    };
    await send('m.room.message', edit);
    return;
  }
  const [command, token = ''] = String(content.body).split(' ');
  if (command === 'create') {
    const value = `floor${process.pid}-${transactions}`;
    await ask('POST', `${TOKENS}/new`, { token: value, uses_allowed: 1, expiry_time: Date.now() + WEEK_MS });
    await reply(SHORT);
  } else if (command === 'list') {
    await ask('GET', TOKENS);
    await reply(LONG);
  } else if (command === 'delete') {
    await ask('GET', `${TOKENS}/${token}`);
    const prompt = await reply(SHORT);
    prompts.set(prompt, token);
    for (const key of ['✅', '❌'])
      await send('m.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: prompt, key } });
  }
}

let { nextBatch } = await sync(FLOOR_SERVER, FLOOR_ACCESS_TOKEN, undefined);
process.stdout.write('Ready\n');
for (;;) {
  const news = await sync(FLOOR_SERVER, FLOOR_ACCESS_TOKEN, nextBatch);
  nextBatch = news.nextBatch;
  for (const { roomId, event } of news.events) {
    if (roomId === FLOOR_ROOM_ID && event.sender !== FLOOR_USER_ID) await answer(event);
  }
}
