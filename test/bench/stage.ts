// A real Synapse with an admin, the bot and the floor, each of the two in a direct room with the admin.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { requestJson } from '../harness/matrixHttp.ts';
import { endWithUs, spawnLikeNpmStart } from '../harness/npmStart.ts';
import { type Synapse, startSynapse } from '../harness/synapse.ts';
import { SynapseAdmin } from '../harness/synapseAdmin.ts';
import { deleteTokens, insertTokens } from '../harness/synapseTokens.ts';
import type { RegisteredUser } from '../harness/users.ts';
import { Observer } from './observer.ts';

export interface Stage {
  synapse: Synapse;
  admin: SynapseAdmin;
  /** Who talks to the bot and the floor. */
  adminUser: RegisteredUser;
  observer: Observer;
  /** The account that the bot logs in with. */
  botUser: RegisteredUser;
  floor: ChildProcess;
  botRoom: string;
  floorRoom: string;
}

export async function setUp(onProgress: (line: string) => void): Promise<Stage> {
  const synapse = await startSynapse({ onProgress });
  if (synapse.external) throw new Error('The benchmark needs a Synapse of its own: unset TEST_SYNAPSE_URL.');
  const adminUser = await synapse.registerUser('admin', undefined, { admin: true });
  const botUser = await synapse.registerUser('registration-bot', undefined, { admin: true });
  const floorUser = await synapse.registerUser('floor', undefined, { admin: true });
  const directRoom = async (userId: string) => {
    const body = { preset: 'trusted_private_chat', is_direct: true, invite: [userId] };
    const path = '/_matrix/client/v3/createRoom';
    const { accessToken } = adminUser;
    return (await requestJson<{ room_id: string }>(synapse.baseUrl, 'POST', path, { accessToken, body }))
      .room_id;
  };
  const botRoom = await directRoom(botUser.userId);
  const floorRoom = await directRoom(floorUser.userId);
  const joinPath = `/_matrix/client/v3/join/${encodeURIComponent(floorRoom)}`;
  await requestJson(synapse.baseUrl, 'POST', joinPath, { accessToken: floorUser.accessToken, body: {} });
  return {
    synapse,
    admin: new SynapseAdmin(synapse.baseUrl, adminUser.accessToken),
    adminUser,
    observer: await Observer.start(synapse.baseUrl, adminUser.accessToken),
    botUser,
    floor: await startFloor(synapse, floorUser, floorRoom),
    botRoom,
    floorRoom,
  };
}

async function startFloor(synapse: Synapse, user: RegisteredUser, roomId: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'floor.ts')], {
    env: {
      ...process.env,
      FLOOR_SERVER: synapse.baseUrl,
      FLOOR_ACCESS_TOKEN: user.accessToken,
      FLOOR_USER_ID: user.userId,
      FLOOR_ROOM_ID: roomId,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  endWithUs(child);
  await untilOutput(child, /Ready/);
  return child;
}

/** Starts the bot on `dataDir` and resolves when it follows the homeserver. */
export async function startBot(
  { synapse, botUser }: Pick<Stage, 'synapse' | 'botUser'>,
  dataDir: string,
  env: NodeJS.ProcessEnv = {},
): Promise<ChildProcess> {
  const child = spawnLikeNpmStart({
    args: [],
    cwd: dataDir,
    env: {
      PATH: process.env.PATH,
      BOT_SERVER: synapse.baseUrl,
      BOT_USERNAME: botUser.localpart,
      BOT_PASSWORD: botUser.password,
      BOT_DATA_DIR: dataDir,
      ...env,
    },
    output: 'pipe',
  });
  await untilOutput(child, /\bReady\b/);
  return child;
}

async function untilOutput(child: ChildProcess, pattern: RegExp): Promise<void> {
  let text = '';
  await new Promise<void>((found, fail) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        if (text.length > 100_000) return;
        text += chunk;
        if (pattern.test(text)) found();
      });
    }
    child.once('close', (status) => fail(new Error(`A process ended with status ${status}:\n${text}`)));
  });
}

/** Adds tokens until there are `total`, straight into Synapse's database: by its API 10,000 would take a minute. */
export async function fillTokens({ synapse, admin }: Stage, total: number): Promise<void> {
  const there = (await admin.listTokens()).length;
  const rows = Array.from({ length: Math.max(0, total - there) }, (_, n) => there + n).map((index) => ({
    token: `filling-${total}-${index}`,
    uses_allowed: 1,
    completed: index % 2,
    expiry_time: Date.now() + (1 + (index % 90)) * 86_400_000,
  }));
  insertTokens(synapse, rows);
  const now = (await admin.listTokens()).length;
  if (now !== total) throw new Error(`There should be ${total} tokens, there are ${now}.`);
}

/** Removes all tokens, in the same way. */
export async function clearTokens({ synapse, admin }: Stage): Promise<void> {
  deleteTokens(synapse);
  if ((await admin.listTokens()).length > 0) throw new Error('There should be no tokens.');
}
