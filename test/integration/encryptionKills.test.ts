// kill -9 at random moments while the bot answers in encrypted rooms. No key of a message may be used twice, none that
// was received may be lost, and whoever was there all the time can read everything.
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
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCryptoStore } from '../../bot/crypto/store/cryptoStore.ts';
import { temporaryDataDir } from '../harness/bot.ts';
import type { Person } from '../harness/person.ts';
import { Scene } from '../harness/scene.ts';
import { encryptedRoom, type RawEvent, rawEvents, reusedKeys, unreadableFor } from './encryptionWorld.ts';
import { MortalBot } from './exactlyOnceWorld.ts';

const KILLS = 50;
/** From the first moment on that the bot may be answering. */
const LONGEST_LIFE_MS = 400;
/** Each makes new keys after so many messages: the bot's and the person's. */
const ROOMS_NEW_KEY_AFTER = [2, 2, 5, 100, 100];
/** Commands in a room that wait for their answers. */
const MOST_OPEN = 8;

let scene: Scene;
let alice: Person;

beforeAll(async () => {
  scene = await Scene.start();
  alice = await scene.person('alice', { encryption: true });
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test('whatever is killed when: no key is used twice, and everything can be read', {
  timeout: 240_000,
}, async ({ annotate }) => {
  const { synapse } = scene;
  const bot = new MortalBot(await scene.botAccount(), synapse.baseUrl);
  await bot.start();
  const rooms: string[] = [];
  for (const newKeyAfter of ROOMS_NEW_KEY_AFTER)
    rooms.push(await encryptedRoom(alice, bot.userId, { newKeyAfter }));
  const life = { over: false };
  const asking = rooms.map((roomId) => askOnAndOn(roomId, life));
  for (let kills = 0; kills < KILLS; kills++) {
    // Mostly while it answers; now and then while it starts.
    if (randomInt(5) > 0) await bot.process.waitForOutput(/Ready/);
    // The moment of the kill is what is tested: there is nothing to wait for.
    await wait(randomInt(LONGEST_LIFE_MS));
    await bot.kill();
    bot.spawn();
  }
  life.over = true;
  const asked = await Promise.all(asking);
  expect(await bot.stop()).toBe(0);

  const faults: string[] = [];
  let sent = 0;
  let sessions = 0;
  for (const [index, roomId] of rooms.entries()) {
    const events = await rawEvents(synapse.baseUrl, alice, roomId);
    const own = events.filter(({ sender, type }) => sender === bot.userId && type === 'm.room.encrypted');
    sent += own.length;
    sessions += new Set(own.map(({ content }) => content.session_id)).size;
    faults.push(...reusedKeys(own), ...(await unreadableFor(alice, own)));
    for (const eventId of asked[index] ?? []) {
      const answers = alice.repliesTo(roomId, eventId).length;
      if (answers !== 1) faults.push(`The command ${eventId} has ${answers} answers.`);
    }
  }
  const figures = `${KILLS} kills, ${asked.flat().length} commands, ${sent} encrypted messages of the bot in ${sessions} sessions`;
  await annotate(figures);
  expect(faults, figures).toEqual([]);
  expect(sent).toBeGreaterThan(2 * KILLS);
});

/** The event IDs of the commands; resolves when each has its answer. */
async function askOnAndOn(roomId: string, life: { over: boolean }): Promise<string[]> {
  const asked: string[] = [];
  const patience = { timeoutMs: 60_000 };
  while (!life.over) {
    asked.push(await alice.send(roomId, 'help'));
    const oldest = asked.at(-MOST_OPEN);
    if (oldest !== undefined) await alice.waitForReply(roomId, oldest, patience);
  }
  for (const eventId of asked) await alice.waitForReply(roomId, eventId, patience);
  return asked;
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
