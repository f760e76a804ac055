// kill -9 at random moments while the bot answers in encrypted rooms. No key of a message may be used twice, none that
// was received may be lost, and members who were there all the time can read everything.
import { randomInt } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  DeviceId,
  EncryptionSettings,
  initAsync,
  OlmMachine,
  RoomId,
  StoreHandle,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { beforeAll, expect, test } from 'vitest';
import { openCryptoStore } from '../../bot/crypto/store/cryptoStore.ts';
import { temporaryDataDir } from '../harness/botProcess.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Person } from '../harness/person.ts';
import { type RawEvent, rawEvents } from '../harness/rawEvents.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { BARE_BOT } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { cryptoOf, encryptedRoom, reusedKeys, unreadableFor } from './keyChecks.ts';

/** One kills the processes of one bot after the other; several go on at the same time. */
const KILLERS = 2;
const KILLS_OF_EACH = 25;
/** A process lives for so many requests to the homeserver at most. The first ones are those of its start. */
const MOST_REQUESTS = 70;
/** Then what it does meanwhile goes on for so long at most. */
const LONGEST_DELAY_MS = 30;
/** Of each bot. After so many messages new keys are made there, the bot's and the person's. */
const ROOMS_NEW_KEY_AFTER = [2, 5, 100];
/** Commands in a room that wait for their answers. */
const MOST_OPEN = 8;

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice', { encryption: true });
});

test('killed at any moment: no key is used twice, and everything can be read', {
  timeout: 240_000,
}, async ({ annotate }) => {
  const outcomes = await Promise.all(
    Array.from({ length: KILLERS }, async (_, index) => await killAndAsk(`regbot-${index}`)),
  );
  const sum = (key: 'commands' | 'sent' | 'sessions') =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const kills = KILLERS * KILLS_OF_EACH;
  const figures = `${kills} kills, ${sum('commands')} commands, ${sum('sent')} encrypted messages of the bots in ${sum('sessions')} sessions`;
  await annotate(figures);
  expect(
    outcomes.flatMap(({ faults }) => faults),
    figures,
  ).toEqual([]);
  expect(sum('sent')).toBeGreaterThan(kills);
});

interface Outcome {
  readonly commands: number;
  /** Encrypted messages of the bot. */
  readonly sent: number;
  readonly sessions: number;
  /** What is not as it must be, in words. */
  readonly faults: readonly string[];
}

/** Kills a bot repeatedly, while Alice sends commands in several rooms. */
async function killAndAsk(localpart: string): Promise<Outcome> {
  const bot = await server.bot({ localpart, proxied: true, ...BARE_BOT });
  await bot.startProcess();
  const rooms: string[] = [];
  for (const newKeyAfter of ROOMS_NEW_KEY_AFTER)
    rooms.push(await encryptedRoom(alice, bot.userId, { newKeyAfter }));
  const killing = { over: false };
  const asking = Promise.all(rooms.map((roomId) => keepAsking(roomId, killing)));
  asking.catch(() => undefined);
  for (let kills = 0; kills < KILLS_OF_EACH; kills++) {
    await killAfter(randomInt(1, MOST_REQUESTS + 1), bot);
    bot.spawn();
  }
  killing.over = true;
  const asked = await asking;
  const status = await bot.stop();
  const faults = status === 0 ? [] : [`The bot ended with the status ${status}.`];
  let [sent, sessions] = [0, 0];
  for (const [index, roomId] of rooms.entries()) {
    const events = await rawEvents(server.baseUrl, alice, roomId);
    const own = events.filter(({ sender, type }) => sender === bot.userId && type === 'm.room.encrypted');
    sent += own.length;
    sessions += new Set(own.map(({ content }) => content.session_id)).size;
    faults.push(...reusedKeys(own), ...(await unreadableFor(alice, own)));
    for (const eventId of asked[index] ?? []) {
      const answers = alice.repliesTo(roomId, eventId).length;
      if (answers !== 1) faults.push(`The command ${eventId} has ${answers} answers.`);
    }
  }
  return { commands: asked.flat().length, sent, sessions, faults };
}

/** The last request reaches the homeserver, or not; the bot never gets the answer. */
function killAfter(requests: number, bot: RestartableBot): Promise<void> {
  const { proxy } = bot;
  let left = requests;
  return new Promise((resolve) => {
    proxy.intercept(async () => {
      if (--left !== 0) return undefined;
      // A random moment is the point of the test: there is nothing to wait for.
      await wait(randomInt(LONGEST_DELAY_MS));
      await bot.kill();
      proxy.clear();
      resolve();
      return randomInt(2) === 0 ? 'drop' : 'drop-after';
    });
  });
}

/** The event IDs of the commands; resolves when each has its answer. */
async function keepAsking(roomId: string, killing: { over: boolean }): Promise<string[]> {
  const asked: string[] = [];
  const longWait = { timeoutMs: 60_000 };
  while (!killing.over) {
    asked.push(await alice.send(roomId, 'help'));
    const oldest = asked.at(-MOST_OPEN);
    if (oldest !== undefined) await alice.waitForReply(roomId, oldest, longWait);
  }
  for (const eventId of asked) await alice.waitForReply(roomId, eventId, longWait);
  return asked;
}

test('a key that came just before the kill opens the message that comes after it', async () => {
  const bot = await server.bot({ localpart: 'keyed', proxied: true, ...BARE_BOT });
  await bot.startProcess();
  const roomId = await encryptedRoom(alice, bot.userId, { newKeyAfter: 1 });
  await alice.ask(roomId, 'help');

  const killed = killAfterKey(bot);
  // As clients do when somebody begins to type.
  const room = alice.client.getRoom(roomId);
  if (room === null) throw new Error('Alice does not know the room.');
  cryptoOf(alice).prepareToEncrypt(room);
  await killed;
  const commandId = await alice.send(roomId, 'help');
  await bot.startProcess();
  const { body } = await alice.waitForReply(roomId, commandId);
  expect(body).toContain('create');
  expect(await bot.stop()).toBe(0);
});

/** Kills the bot when it has taken in a to-device message, and before the homeserver learns of that. */
function killAfterKey(bot: RestartableBot): Promise<void> {
  const { proxy } = bot;
  const { accessToken } = bot.account;
  let hasKey = false;
  return new Promise((resolve) => {
    proxy.intercept(async ({ path }) => {
      if (!path.includes('/sync?')) return undefined;
      if (hasKey) {
        await bot.kill();
        proxy.clear();
        resolve();
        return 'drop';
      }
      const body = await requestJson<{ to_device?: { events: unknown[] } }>(server.baseUrl, 'GET', path, {
        accessToken,
      });
      hasKey = (body.to_device?.events.length ?? 0) > 0;
      return { status: 200, body };
    });
    // The long poll that is under way did not come through here.
    proxy.cutConnections();
  });
}

test('a store that was put back uses keys twice, and the check above sees it', async () => {
  await initAsync();
  const file = join(temporaryDataDir(), 'crypto.sqlite');
  const copy = `${file}.copy`;
  const first = await encrypted(file, ['one', 'two']);
  copyFileSync(file, copy);
  const second = await encrypted(file, ['three', 'four']);
  expect(reusedKeys([...first, ...second])).toEqual([]);
  copyFileSync(copy, file);
  const third = await encrypted(file, ['five']);
  expect(reusedKeys([...first, ...second, ...third])).toHaveLength(1);
});

/** Messages of one session, as the crypto code makes them that the bot uses, from its store. */
async function encrypted(file: string, texts: readonly string[]): Promise<RawEvent[]> {
  const store = await openCryptoStore(file, (error) => {
    throw error;
  });
  const handle = await store.withIndexedDb(() => StoreHandle.open('bot', undefined));
  const [userId, roomId] = ['@bot:x', '!room:x'];
  const machine = await OlmMachine.initFromStore(new UserId(userId), new DeviceId('D'), handle);
  await machine.shareRoomKey(new RoomId(roomId), [new UserId(userId)], new EncryptionSettings());
  const events: RawEvent[] = [];
  for (const body of texts) {
    const json = await machine.encryptRoomEvent(
      new RoomId(roomId),
      'm.room.message',
      JSON.stringify({ body }),
    );
    const content = JSON.parse(json);
    events.push({ event_id: body, room_id: roomId, sender: userId, type: 'm.room.encrypted', content });
  }
  machine.close();
  store.close();
  return events;
}
