// A bot as a process of its own behind a proxy, so that it can be killed at a chosen step, and a room with it.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type BotProcess, type Settings, spawnBot, temporaryDataDir } from '../harness/bot.ts';
import { Person } from '../harness/person.ts';
import type { Proxy as HttpProxy, ProxiedRequest } from '../harness/proxy.ts';
import { type Synapse, startSynapse } from '../harness/synapse.ts';
import { SynapseAdmin } from '../harness/synapseAdmin.ts';
import type { RegisteredUser } from '../harness/users.ts';

export interface Town extends AsyncDisposable {
  readonly synapse: Synapse;
  readonly admin: SynapseAdmin;
  readonly alice: Person;
}

export async function startTown(): Promise<Town> {
  const synapse = await startSynapse();
  const owner = await synapse.registerUser('owner', undefined, { admin: true });
  const alice = await Person.withCredentials(synapse.baseUrl, await synapse.registerUser('alice'));
  return {
    synapse,
    alice,
    admin: new SynapseAdmin(synapse.baseUrl, owner.accessToken),
    async [Symbol.asyncDispose]() {
      alice.stop();
      await synapse.dispose();
    },
  };
}

let folder: string | undefined;

function ownFolder(): string {
  folder ??= temporaryDataDir();
  return mkdtempSync(join(folder, 'bot-'));
}

/** The settings, account and data of one bot over several processes. */
export class MortalBot {
  readonly account: RegisteredUser;
  readonly dataDir = ownFolder();
  readonly settings: Settings;
  #process: BotProcess | undefined;

  /** @param baseUrl of the homeserver or a proxy before it */
  constructor(account: RegisteredUser, baseUrl: string) {
    this.account = account;
    this.settings = {
      BOT_SERVER: baseUrl,
      BOT_ACCESS_TOKEN: account.accessToken,
      BOT_DATA_DIR: this.dataDir,
      WIDGET_ENABLED: 'false',
    };
  }

  get userId(): string {
    return this.account.userId;
  }

  get process(): BotProcess {
    if (this.#process === undefined) throw new Error('The bot was not started yet.');
    return this.#process;
  }

  spawn(): BotProcess {
    this.#process = spawnBot(this.settings, [], this.dataDir);
    return this.#process;
  }

  /** Resolves after the first sync. */
  async start(): Promise<void> {
    await this.spawn().waitForOutput(/Ready/);
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
  }

  /** SIGTERM; the exit status. */
  async stop(): Promise<number | null> {
    this.process.kill('SIGTERM');
    return await this.process.exited;
  }
}

/** A direct room of a person with the bot, which is running. */
export async function roomWith(person: Person, bot: MortalBot): Promise<string> {
  const { roomId } = await person.startDirectRoom(bot.userId);
  await person.waitForMember(roomId, bot.userId, 'join');
  return roomId;
}

/** A step of the bot, as the homeserver sees it. */
export interface Step {
  readonly name: string;
  readonly matches: (request: ProxiedRequest) => boolean;
  /** Counted from 1. */
  readonly nth?: number;
}

const isSend = ({ method, path }: ProxiedRequest) => method === 'PUT' && path.includes('/send/');
const TOKENS = '/_synapse/admin/v1/registration_tokens';

export const STEPS = {
  creation: {
    name: 'the creation of the token',
    matches: ({ method, path }: ProxiedRequest) => method === 'POST' && path.endsWith(`${TOKENS}/new`),
  },
  deletion: {
    name: 'the deletion of the token',
    matches: ({ method, path }: ProxiedRequest) => method === 'DELETE' && path.startsWith(TOKENS),
  },
  update: {
    name: 'the change of the token',
    matches: ({ method, path }: ProxiedRequest) => method === 'PUT' && path.startsWith(TOKENS),
  },
  reply: {
    name: 'the reply',
    matches: (request: ProxiedRequest) =>
      isSend(request) && request.path.includes('m.room.message') && !request.body.includes('m.replace'),
  },
  reaction: {
    name: 'the reaction',
    matches: (request: ProxiedRequest) => isSend(request) && request.path.includes('m.reaction'),
  },
  edit: {
    name: 'the edit',
    matches: (request: ProxiedRequest) => isSend(request) && request.body.includes('m.replace'),
  },
} as const satisfies Record<string, Step>;

/** Kills the bot at a step, before or after the homeserver has done it, in both cases before the bot learns of it. */
export function killAt(
  step: Step,
  when: 'before' | 'after',
  { bot, proxy, synapse }: { bot: MortalBot; proxy: HttpProxy; synapse: Synapse },
): Promise<void> {
  let left = step.nth ?? 1;
  return new Promise((resolve) => {
    proxy.intercept(async (request) => {
      if (!step.matches(request) || --left !== 0) return undefined;
      if (when === 'after') await forward(request, synapse, bot.account.accessToken);
      await bot.kill();
      proxy.clear();
      resolve();
      return 'drop';
    });
  });
}

/** In the proxy's place, to know when the homeserver is done. */
async function forward(
  { method, path, body }: ProxiedRequest,
  { baseUrl }: Synapse,
  accessToken: string,
): Promise<void> {
  const response = await fetch(baseUrl + path, {
    method,
    headers: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' },
    ...(body === '' ? {} : { body }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
