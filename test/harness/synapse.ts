// A real Synapse for a test or the demo. Each has its own data, name and port; none outlives this process.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectExternal } from './externalSynapse.ts';
import { freePort } from './freePort.ts';
import { earlierPort, type SynapseConfigOptions, writeSynapseConfig } from './synapseConfig.ts';
import { ensureSynapse } from './synapseInstall.ts';
import { SynapseProcess } from './synapseProcess.ts';
import type { OnProgress, SynapseProgram } from './synapseProgram.ts';
import { type RegisteredUser, registerUser } from './users.ts';

export interface SynapseOptions extends Partial<SynapseConfigOptions> {
  /** Kept at the end. Without it: a temporary folder, removed at the end (unless KEEP_SYNAPSE_DATA is set). */
  dataDir?: string;
  /** Default: the port of an earlier run in `dataDir`, or else a free one. */
  port?: number;
  onProgress?: OnProgress;
}

export interface Synapse extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly baseUrl: string;
  /** The part of user IDs after the colon. */
  readonly serverName: string;
  readonly sharedSecret: string;
  /** True for a server named by TEST_SYNAPSE_URL. What it can't do throws an `Error` that says so. */
  readonly external: boolean;
  readonly dataDir: string;
  readonly logFile: string;
  /** Undefined while it is stopped. */
  readonly pid: number | undefined;
  /**
   * Creates a user without a token, and logs in. On an external server, which remembers the users of earlier runs,
   * the localpart gets a random suffix: go by what is returned.
   */
  registerUser(localpart: string, password?: string, options?: { admin?: boolean }): Promise<RegisteredUser>;
  /** Again, on the same port with the same data. Resolves when it answers. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Stops it and removes its data, if that is temporary. */
  dispose(): Promise<void>;
}

/** Installs Synapse if need be, starts a server and resolves when it answers. Throws an `Error` with the reason. */
export async function startSynapse(options: SynapseOptions = {}): Promise<Synapse> {
  const source = await ensureSynapse(
    options.onProgress === undefined ? {} : { onProgress: options.onProgress },
  );
  if (source.kind === 'external') return await connectExternal(source, options);
  return await startLocal(source, options);
}

async function startLocal(program: SynapseProgram, options: SynapseOptions): Promise<Synapse> {
  const temporary = options.dataDir === undefined;
  const dataDir = resolve(options.dataDir ?? mkdtempSync(join(tmpdir(), 'synapse-test-')));
  const port = options.port ?? earlierPort(dataDir) ?? (await freePort());
  const baseUrl = `http://127.0.0.1:${port}`;
  const config = writeSynapseConfig({ ...options, dataDir, port });
  const removed = temporary && !process.env.KEEP_SYNAPSE_DATA;
  const env = removed ? { ...program.env, REMOVE_WITH_STARTER: dataDir } : program.env;
  const server = new SynapseProcess({ ...program, env }, config, baseUrl);
  const cleanUp = () => {
    server.killNow();
    if (removed) rmSync(dataDir, { recursive: true, force: true });
  };
  process.once('exit', cleanUp);
  const dispose = async () => {
    await server.stop();
    process.off('exit', cleanUp);
    cleanUp();
  };
  try {
    await server.start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    baseUrl,
    serverName: config.serverName,
    sharedSecret: config.sharedSecret,
    external: false,
    dataDir,
    logFile: config.logFile,
    get pid() {
      return server.pid;
    },
    registerUser: (localpart, password, { admin = false } = {}) =>
      registerUser({ baseUrl, sharedSecret: config.sharedSecret }, { localpart, password, admin }),
    start: () => server.start(),
    stop: () => server.stop(),
    kill: () => server.kill(),
    restart: async () => {
      await server.stop();
      await server.start();
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
