// The real crypto code shares keys with devices of a homeserver that is played here.
import { DeviceId, initAsync, OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asObject, type Json } from '../matrix/json.ts';
import type { Log } from '../observability/log.ts';
import { DeviceTrust } from './deviceTrust.ts';
import { Encryptor, type RoomRecipients } from './encryptor.ts';
import { MachineRequests } from './machineRequests.ts';
import { type PublishedDevice, publishedDevice } from './testDevices.ts';

const BOT = '@bot:x';

/** By user ID and device ID. */
let devices: Map<string, Map<string, PublishedDevice>>;
/** The kinds of requests in their order, such as `claim 5`: with the number of users or devices. */
let asked: string[];
/** The devices that got a room key, in order: `@u0:x D0`. */
let shared: string[];
let now: number;
let machine: OlmMachine;
let encryptor: Encryptor;
let requests: MachineRequests;

beforeEach(async () => {
  devices = new Map();
  asked = [];
  shared = [];
  now = 1_000_000_000;
  await initAsync();
  machine = await OlmMachine.initialize(new UserId(BOT), new DeviceId('BOT'));
  const session = {
    canLogIn: true,
    request: async (_method: string, path: string, body: unknown) => answer(path, asObject(body)),
  };
  // Nothing is refused here.
  const log = {} as Log;
  requests = new MachineRequests({ machine, session, log });
  encryptor = new Encryptor({ machine, requests, clock: () => now });
});

afterEach(() => machine.close());

function answer(path: string, body: Json): unknown {
  if (path.includes('/keys/query')) {
    const users = Object.keys(asObject(body.device_keys));
    const others = users.filter((userId) => userId !== BOT);
    if (others.length > 0) asked.push(`query ${others.length}`);
    const keysOf = (userId: string) =>
      [...(devices.get(userId) ?? [])].map(([deviceId, { deviceKeys }]) => [deviceId, deviceKeys] as const);
    return { device_keys: Object.fromEntries(users.map((user) => [user, Object.fromEntries(keysOf(user))])) };
  }
  if (path.includes('/keys/claim')) {
    const wanted = pairs(body.one_time_keys);
    asked.push(`claim ${wanted.length}`);
    const one_time_keys: Record<string, Json> = {};
    for (const [userId, deviceId] of wanted) {
      const key = devices.get(userId)?.get(deviceId)?.oneTimeKey();
      one_time_keys[userId] = { ...one_time_keys[userId], [deviceId]: { 'signed_curve25519:A': key } };
    }
    return { one_time_keys };
  }
  if (path.includes('/sendToDevice/')) {
    const got = pairs(body.messages);
    asked.push(`share ${got.length}`);
    shared.push(...got.map(([userId, deviceId]) => `${userId} ${deviceId}`));
  }
  return {};
}

/** Of an object by user ID and device ID. */
function pairs(byUser: unknown): [string, string][] {
  return Object.entries(asObject(byUser)).flatMap(([userId, byDevice]) =>
    Object.keys(asObject(byDevice)).map((deviceId): [string, string] => [userId, deviceId]),
  );
}

function addUsers(count: number, devicesEach: number, first = 0): string[] {
  const users = Array.from({ length: count }, (_, n) => `@u${first + n}:x`);
  for (const userId of users) {
    const ids = Array.from({ length: devicesEach }, (_, n) => `D${n}`);
    devices.set(userId, new Map(ids.map((deviceId) => [deviceId, publishedDevice(userId, deviceId)])));
  }
  return users;
}

/** Encrypts a message for a room; returns the ID of the key. */
async function encrypt(users: readonly string[], settings: Partial<RoomRecipients> = {}): Promise<unknown> {
  return await encryptWith(encryptor, users, settings);
}

async function encryptWith(
  by: Encryptor,
  users: readonly string[],
  settings: Partial<RoomRecipients> = {},
): Promise<unknown> {
  const recipients = {
    userIds: [BOT, ...users],
    historyVisibility: 'shared',
    rotationPeriodMs: undefined,
    rotationPeriodMessages: undefined,
    ...settings,
  } as const;
  const event = await by.encrypt('!r:x', 'm.room.message', { body: 'hello' }, recipients);
  return event.session_id;
}

describe('the key of a room', () => {
  test('goes to a few members at a time, to each device once', async () => {
    const users = addUsers(12, 3);
    const key = await encrypt(users);
    expect(shared.toSorted()).toEqual(
      users.flatMap((userId) => [0, 1, 2].map((n) => `${userId} D${n}`)).toSorted(),
    );
    expect(asked.filter((it) => it.startsWith('query'))).toEqual(['query 4', 'query 5', 'query 3']);
    expect(asked.filter((it) => it.startsWith('claim'))).toEqual(['claim 12', 'claim 15', 'claim 9']);
    expect(asked.filter((it) => it.startsWith('share'))).toEqual(['share 12', 'share 15', 'share 9']);
    asked = [];
    expect(await encrypt(users)).toBe(key);
    expect(asked).toEqual([]);
  });

  test('goes to those who come later, and not again to the others', async () => {
    const before = addUsers(3, 1);
    const key = await encrypt(before);
    shared = [];
    const later = addUsers(7, 1, 3);
    expect(await encrypt([...before, ...later])).toBe(key);
    expect(shared.toSorted()).toEqual(later.map((userId) => `${userId} D0`));
  });

  test.each<[string, (users: string[]) => string[], Partial<RoomRecipients>]>([
    ['somebody left', (users) => users.slice(1), {}],
    ['it was used often enough', (users) => users, { rotationPeriodMessages: 1 }],
    [
      'it is old enough',
      (users) => {
        now += 7_200_000;
        return users;
      },
      { rotationPeriodMs: 7_200_000 },
    ],
  ])('is followed by a new one, step by step, once %s', async (_when, change, settings) => {
    const users = addUsers(12, 1);
    const key = await encrypt(users, settings);
    const readers = change(users);
    asked = [];
    shared = [];
    expect(await encrypt(readers, settings)).not.toBe(key);
    expect(shared.toSorted()).toEqual(readers.map((userId) => `${userId} D0`).toSorted());
    expect(asked.filter((it) => it.startsWith('share'))).toHaveLength(3);
  });

  test('is not used again in a room that the bot comes back to', async () => {
    const users = addUsers(2, 1);
    const key = await encrypt(users);
    encryptor.forget('!r:x');
    expect(await encrypt(users)).not.toBe(key);
  });

  test('asks for the one-time keys of users with many devices one by one', async () => {
    await encrypt(addUsers(2, 30));
    expect(asked.filter((it) => it.startsWith('claim'))).toEqual(['claim 30', 'claim 30']);
  });

  test('goes to 50 devices of a user at most, the cross-signed ones first', async () => {
    const [userId = ''] = addUsers(1, 60);
    for (const deviceId of ['D58', 'D59']) {
      const { deviceKeys, oneTimeKey } = publishedDevice(userId, deviceId);
      const { signatures } = deviceKeys as { signatures: Record<string, Record<string, string>> };
      const signed = { ...signatures[userId], 'ed25519:self-signing': 'x' };
      devices
        .get(userId)
        ?.set(deviceId, { deviceKeys: { ...deviceKeys, signatures: { [userId]: signed } }, oneTimeKey });
    }
    await encrypt([userId]);
    expect(shared).toHaveLength(50);
    expect(shared).toEqual(expect.arrayContaining([`${userId} D58`, `${userId} D59`]));
  });
});

test('a bot whose device is not signed shares no keys if they are for signed devices only', async () => {
  const trust = new DeviceTrust({ machine, log: pino({ level: 'silent' }) });
  const careful = new Encryptor({ machine, requests, clock: () => now, signedOnly: trust });
  const sent = encryptWith(careful, addUsers(1, 1));
  await expect(sent).rejects.toMatchObject({ kind: 'refused', code: 'own_device_unsigned' });
  expect(shared).toEqual([]);
});
