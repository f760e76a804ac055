import {
  DeviceId,
  EncryptionSettings,
  initAsync,
  OlmMachine,
  RoomId,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { expect, test } from 'vitest';
import { messageIndexOf } from './megolmMessage.ts';

test('the index of real messages counts from 0, beyond one byte', async () => {
  await initAsync();
  const machine = await OlmMachine.initialize(new UserId('@alice:x'), new DeviceId('ALICE'));
  const room = () => new RoomId('!room:x');
  const settings = new EncryptionSettings();
  settings.rotationPeriodMessages = 1_000n;
  await machine.shareRoomKey(room(), [], settings);
  for (let index = 0; index < 300; index++) {
    const content = JSON.parse(await machine.encryptRoomEvent(room(), 'm.room.message', '{"body":"help"}'));
    expect(messageIndexOf(content.ciphertext)).toBe(index);
  }
});

test.each([
  ['the highest', [3, 8, 0xff, 0xff, 0xff, 0xff, 0x0f], 2 ** 32 - 1],
  ['another version', [2, 8, 1], undefined],
  ['another field first', [3, 0x12, 1], undefined],
  ['an index without end', [3, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 1], undefined],
  ['nothing', [], undefined],
])('%s', (_what, bytes, expected) => {
  expect(messageIndexOf(Buffer.from(bytes).toString('base64'))).toBe(expected);
});

test('what is no text has no index', () => {
  expect(messageIndexOf({})).toBeUndefined();
});
