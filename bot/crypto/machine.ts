// Opens the OlmMachine of a device in the store.
import { DeviceId, OlmMachine, StoreHandle, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { MatrixSession } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import type { CryptoStore } from './store/cryptoStore.ts';

export interface MachineOptions {
  readonly store: CryptoStore;
  readonly session: Pick<MatrixSession, 'userId'>;
  readonly log: Log;
}

/** Each device has its own databases in the store, named after its ID. */
export async function openMachine(
  { store, session, log }: MachineOptions,
  device: string,
): Promise<OlmMachine> {
  const logger = machineLog(log);
  const handle = await store.withIndexedDb(() => StoreHandle.open(device, undefined, logger));
  return await OlmMachine.initFromStore(new UserId(session.userId), new DeviceId(device), handle, logger);
}

/** The device's Ed25519 key, unpadded base64. */
export function fingerprintOf(machine: OlmMachine): string {
  return machine.identityKeys.ed25519.toBase64();
}

/** Logs the machine's warnings at debug level: they are about single messages, which the bot logs itself. */
function machineLog(log: Log) {
  const note = (text: unknown) => log.debug({ module: 'crypto' }, String(text));
  return { debug: () => undefined, info: () => undefined, warn: note, error: note };
}
