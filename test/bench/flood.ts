// `node test/bench/flood.ts`: how long an admin's answer takes while people without access send as much as the homeserver
// lets them, beside the quiet. Synapse has its own rate limits here, for everybody.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MatrixHttpError, requestJson } from '../harness/matrixHttp.ts';
import { endChild } from '../harness/npmStart.ts';
import { startSynapse } from '../harness/synapse.ts';
import type { RegisteredUser } from '../harness/users.ts';
import { Observer } from './observer.ts';
import { startBot } from './stage.ts';
import { type Summary, summarise } from './stats.ts';
import { ms, table, verdict } from './table.ts';

const STRANGERS = 3;
const SAMPLES = 15;
/** Synapse lets the bot answer every five seconds, and the admin ask. */
const EVERY_MS = 6_000;

const synapse = await startSynapse({ rateLimits: 'default' });
const dataDir = mkdtempSync(join(tmpdir(), 'regbot-flood-'));
const botUser = await synapse.registerUser('registration-bot', undefined, { admin: true });
const admin = await synapse.registerUser('admin', undefined, { admin: true });
const bot = await startBot({ synapse, botUser }, dataDir, {
  ACCESS_ALLOW: admin.userId,
  WIDGET_ENABLED: 'false',
});
try {
  const room = await roomOf(admin);
  const observer = await Observer.start(synapse.baseUrl, admin.accessToken);
  const strangers = [];
  for (let index = 0; index < STRANGERS; index++) {
    const user = await synapse.registerUser(`stranger${index}`);
    strangers.push({ user, room: await roomOf(user) });
  }
  // What joining and greeting took of the limits comes back.
  await wait(60_000);
  const quiet = await measure(observer, room);
  const ending = new AbortController();
  const sent = strangers.map(({ user, room: theirs }) => flood(user, theirs, ending.signal));
  const attacked = await measure(observer, room);
  ending.abort();
  const messages = (await Promise.all(sent)).reduce((sum, count) => sum + count, 0);
  observer.stop();
  const row = (name: string, { samples, median, p95 }: Summary) => [name, `${samples}`, ms(median), ms(p95)];
  const target = verdict('at most 2 × at p95', attacked.p95 <= 2 * quiet.p95);
  process.stdout.write(
    `Admin’s answer (ms) while ${STRANGERS} people without access send ${messages} messages: ${target}\n`,
  );
  const rows = [row('quiet', quiet), row('attack', attacked)];
  process.stdout.write(`${table(['', 'samples', 'median', 'p95'], rows)}\n`);
} finally {
  await endChild(bot);
  await synapse.dispose();
  rmSync(dataDir, { recursive: true });
}

/** A direct room with the bot. */
async function roomOf({ accessToken }: RegisteredUser): Promise<string> {
  const body = { preset: 'trusted_private_chat', is_direct: true, invite: [botUser.userId] };
  const path = '/_matrix/client/v3/createRoom';
  return (await requestJson<{ room_id: string }>(synapse.baseUrl, 'POST', path, { accessToken, body }))
    .room_id;
}

async function measure(observer: Observer, roomId: string): Promise<Summary> {
  const samples: number[] = [];
  for (let index = 0; index < SAMPLES; index++) {
    const { eventId, at } = await observer.send(roomId, 'list');
    samples.push((await observer.arrival(`reply ${eventId}`)).at - at);
    await wait(EVERY_MS);
  }
  return summarise(samples);
}

/** Returns how many messages the homeserver has taken. */
async function flood({ accessToken }: RegisteredUser, roomId: string, signal: AbortSignal): Promise<number> {
  let count = 0;
  while (!signal.aborted) {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${crypto.randomUUID()}`;
    try {
      await requestJson(synapse.baseUrl, 'PUT', path, {
        accessToken,
        body: { msgtype: 'm.text', body: 'help' },
      });
      count++;
    } catch (error) {
      if (!(error instanceof MatrixHttpError) || error.status !== 429) throw error;
      await wait(Number(error.body.retry_after_ms));
    }
  }
  return count;
}
