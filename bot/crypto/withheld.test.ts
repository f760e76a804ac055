// What the real crypto code makes of m.room_key.withheld, and of a message in a session whose key was withheld.
import {
  DeviceId,
  EncryptionSettings,
  initAsync,
  OlmMachine,
  RoomId,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { KeyChanges, RoomEvent } from '../matrix/sync/syncResponse.ts';
import { Store } from '../store/store.ts';
import { Decryptor } from './decryptor.ts';
import { openCryptoStore } from './store/cryptoStore.ts';
import { NoOlmReports } from './withheld.ts';

const ROOM = '!room:x';
const ALICE = '@alice:x';
const HOUR = 3_600_000;

let now = 1_000 * HOUR;
const clock = () => now;

function noOlm(sender: string) {
  const content = { algorithm: 'm.megolm.v1.aes-sha2', code: 'm.no_olm', sender_key: 'key' };
  return { type: 'm.room_key.withheld', sender, content };
}

describe('a message is unreadable, and the sender’s client has reported', () => {
  let decryptor: Decryptor;
  let event: RoomEvent;

  beforeEach(async () => {
    await initAsync();
    const alice = await OlmMachine.initialize(new UserId(ALICE), new DeviceId('ALICE'));
    await alice.shareRoomKey(new RoomId(ROOM), [], new EncryptionSettings());
    const json = await alice.encryptRoomEvent(new RoomId(ROOM), 'm.room.message', '{"body":"help"}');
    const base = { type: 'm.room.encrypted', eventId: '$1', stateKey: undefined, sentAt: 0 };
    event = { ...base, sender: ALICE, content: JSON.parse(json) };
    const machine = await OlmMachine.initialize(new UserId('@bot:x'), new DeviceId('BOT'));
    decryptor = new Decryptor({
      machine,
      outgoing: { kick: () => undefined },
      limits: { admit: ({ toDevice }) => [...toDevice] },
      store: await openCryptoStore(':memory:', () => undefined),
      rooms: new Store(':memory:').rooms,
      clock,
    });
  });

  async function receive(...toDevice: unknown[]): Promise<void> {
    const none = { changed: [], left: [], oneTimeKeyCounts: {}, unusedFallbackKeyTypes: undefined };
    const changes: KeyChanges = { ...none, toDevice };
    await decryptor.receive(changes, false, []);
  }

  test.each(['m.unverified', 'm.blacklisted', 'm.unauthorised', 'm.unavailable'])('%s', async (code) => {
    const { algorithm, session_id, sender_key } = event.content;
    const content = { algorithm, room_id: ROOM, session_id, sender_key, code };
    await receive({ type: 'm.room_key.withheld', sender: ALICE, content });
    expect(await decryptor.decrypt(ROOM, event)).toMatchObject({ withheld: code });
  });

  test('m.no_olm, which names no session', async () => {
    await receive(noOlm(ALICE));
    expect(await decryptor.decrypt(ROOM, event)).toMatchObject({ withheld: 'm.no_olm' });
    expect(await decryptor.decrypt(ROOM, { ...event, sender: '@bob:x' })).toMatchObject({
      withheld: undefined,
    });
  });

  test('nothing', async () => {
    expect(await decryptor.decrypt(ROOM, event)).toMatchObject({
      why: expect.stringContaining('room key'),
      withheld: undefined,
    });
  });

  test('m.no_olm, but what is wrong with the message is something else', async () => {
    await receive(noOlm(ALICE));
    const broken = { ...event, content: { ...event.content, ciphertext: 'AwgA' } };
    expect(await decryptor.decrypt(ROOM, broken)).toMatchObject({ withheld: undefined });
  });
});

describe('reports of m.no_olm', () => {
  test('count for an hour', () => {
    const reports = new NoOlmReports(clock);
    reports.receive([noOlm(ALICE), { type: 'm.room_key.withheld', sender: '@bob:x', content: {} }, null]);
    expect([ALICE, '@bob:x'].map((userId) => reports.has(userId))).toEqual([true, false]);
    now += HOUR;
    expect(reports.has(ALICE)).toBe(false);
  });

  test('of many users are remembered for the latest alone', () => {
    const reports = new NoOlmReports(clock);
    reports.receive([noOlm(ALICE), noOlm('@first:x')]);
    reports.receive(Array.from({ length: 198 }, (_, index) => noOlm(`@u${index}:x`)));
    reports.receive([noOlm(ALICE), noOlm('@last:x')]);
    const users = [ALICE, '@first:x', '@u0:x', '@last:x'];
    expect(users.map((userId) => reports.has(userId))).toEqual([true, false, true, true]);
  });
});
