// Starts and stops the matrix-js-sdk client behind a Person.
import {
  ClientEvent,
  createClient,
  type MatrixClient,
  MatrixEventEvent,
  PendingEventOrdering,
  RoomEvent,
  RoomMemberEvent,
  RoomStateEvent,
  SyncState,
} from 'matrix-js-sdk';
import type { CryptoCallbacks } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { quietLogger } from './quietMatrixSdk.ts';
import type { RoomLog } from './roomLog.ts';
import type { Credentials } from './users.ts';

export interface PersonOptions {
  /** With end-to-end encryption; keys are kept in memory only. Default: without. */
  encryption?: boolean;
  /** For what a client asks its user about, such as the recovery key. */
  cryptoCallbacks?: CryptoCallbacks;
}

/** Resolves after the first sync. What the client sees goes into `log`. */
export async function startClient(
  baseUrl: string,
  credentials: Credentials,
  log: RoomLog,
  options: PersonOptions,
): Promise<MatrixClient> {
  const { cryptoCallbacks = {} } = options;
  const client = createClient({ baseUrl, ...credentials, cryptoCallbacks, logger: quietLogger() });
  letProcessEnd(client);
  client.on(RoomEvent.Timeline, (event, _room, toStartOfTimeline) => {
    if (toStartOfTimeline !== true) log.add(event);
  });
  client.on(MatrixEventEvent.Decrypted, () => log.changed());
  client.on(RoomEvent.Redaction, () => log.changed());
  client.on(RoomEvent.MyMembership, () => log.changed());
  client.on(RoomMemberEvent.Typing, () => log.changed());
  client.on(RoomStateEvent.Events, () => log.changed());
  if (options.encryption) await client.initRustCrypto({ useIndexedDB: false });
  const firstSync = new Promise<void>((resolve, reject) => {
    client.on(ClientEvent.Sync, (state, _previous, data) => {
      if (state === SyncState.Prepared) resolve();
      // Later errors are outages that the test has arranged: the client retries.
      if (state === SyncState.Error) reject(data?.error ?? new Error('The first sync failed.'));
      log.changed();
    });
  });
  try {
    // Detached: our own messages appear in the timeline when the homeserver has them, not when they are typed.
    await client.startClient({ initialSyncLimit: 100, pendingEventOrdering: PendingEventOrdering.Detached });
    await firstSync;
  } catch (error) {
    client.stopClient();
    throw error;
  }
  return client;
}

/**
 * The SDK never clears the timer of a request's timeout: each sync would keep the process alive for two minutes after
 * `stopClient`. Node's own timeout signals don't keep it alive.
 */
function letProcessEnd(client: MatrixClient): void {
  const { http } = client;
  const request = http.requestOtherUrl.bind(http);
  http.requestOtherUrl = (method, url, body, options) => {
    if (options === undefined) return request(method, url, body);
    const { localTimeoutMs, abortSignal, ...others } = options;
    const signals = [
      ...(abortSignal === undefined ? [] : [abortSignal]),
      ...(localTimeoutMs === undefined ? [] : [AbortSignal.timeout(localTimeoutMs)]),
    ];
    return request(method, url, body, { ...others, abortSignal: AbortSignal.any(signals) });
  };
}
