import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeviceId, OlmMachine, RequestType, StoreHandle, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishedDevice } from '../testDevices.ts';
import { type CryptoStore, openCryptoStore } from './cryptoStore.ts';

const ALICE = '@alice:x';
const ALICE_ELSEWHERE = '@alice:x.org';
let dir: string;
let store: CryptoStore;
let machine: OlmMachine;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'regbot-forget-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

async function open(departed: readonly string[] = []): Promise<void> {
  const onFault = (error: unknown) => {
    throw error;
  };
  store = await openCryptoStore(join(dir, 'crypto.sqlite'), onFault, { departed });
  const handle = await store.withIndexedDb(() => StoreHandle.open('crypto', null));
  machine = await OlmMachine.initFromStore(new UserId('@bot:x'), new DeviceId('D'), handle);
}

function close(): void {
  machine.close();
  store.close();
}

const devicesOf = async (userId: string) =>
  (await machine.getUserDevices(new UserId(userId))).devices().map((device) => device.deviceId.toString());

test('a user’s devices are forgotten, and nobody else’s', async () => {
  await open();
  await machine.updateTrackedUsers([new UserId(ALICE), new UserId(ALICE_ELSEWHERE)]);
  for (const { id, type } of await machine.outgoingRequests()) {
    if (type !== RequestType.KeysQuery) continue;
    const keys = (userId: string) => ({
      A: publishedDevice(userId, 'A').deviceKeys,
      B: publishedDevice(userId, 'B').deviceKeys,
    });
    const device_keys = {
      [ALICE]: keys(ALICE),
      [ALICE_ELSEWHERE]: keys(ALICE_ELSEWHERE),
      '@bot:x': {},
    };
    await machine.markRequestAsSent(id ?? '', type, JSON.stringify({ device_keys }));
  }
  expect(await devicesOf(ALICE)).toHaveLength(2);
  close();
  await open([ALICE]);
  expect([...(await machine.trackedUsers())].map(String)).not.toContain(ALICE);
  expect(await devicesOf(ALICE_ELSEWHERE)).toHaveLength(2);
  expect(await devicesOf(ALICE)).toEqual([]);
  close();
});
