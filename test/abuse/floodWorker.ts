// A thread that sends room keys for as long as it is left alone; see measure.ts.
import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Credentials } from '../harness/users.ts';
import { Flooder } from './flooder.ts';

export interface FloodOrder {
  readonly baseUrl: string;
  readonly account: Credentials;
  readonly targetId: string;
  readonly perSecond: number;
}

const { baseUrl, account, targetId, perSecond } = workerData as FloodOrder;
const flooder = await Flooder.of(baseUrl, account, targetId);
const startedAt = performance.now();
for (let sent = 0; ; ) {
  const roomIds = Array.from({ length: 10 }, (_, n) => `!nowhere${sent + n}:example.org`);
  await flooder.sendRoomKeys(roomIds);
  sent += roomIds.length;
  const seconds = (performance.now() - startedAt) / 1_000;
  parentPort?.postMessage({ sent, seconds });
  await wait(Math.max(0, (sent / perSecond - seconds) * 1_000));
}
