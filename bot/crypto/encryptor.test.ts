import { DeviceId, initAsync, OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { DeviceTrust } from './deviceTrust.ts';
import { Encryptor } from './encryptor.ts';
import type { MachineRequests } from './machineRequests.ts';

const RECIPIENTS = {
  userIds: [],
  historyVisibility: 'shared',
  rotationPeriodMs: undefined,
  rotationPeriodMessages: undefined,
} as const;

test('a bot whose device is not signed shares no keys if they are for signed devices only', async () => {
  await initAsync();
  const machine = await OlmMachine.initialize(new UserId('@bot:x'), new DeviceId('BOT'));
  const requests = { sendKeyQueries: async () => undefined } as unknown as MachineRequests;
  const encrypt = (signedOnly?: DeviceTrust) =>
    new Encryptor({ machine, requests, signedOnly }).encrypt('!room:x', 'm.room.message', {}, RECIPIENTS);
  const trust = new DeviceTrust({ machine, log: pino({ level: 'silent' }) });
  await expect(encrypt(trust)).rejects.toMatchObject({ kind: 'refused', code: 'own_device_unsigned' });
  expect(await encrypt()).toMatchObject({ algorithm: 'm.megolm.v1.aes-sha2' });
});
