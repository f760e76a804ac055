// Finds a Synapse to run, or gets one: a server named by the environment, a virtual environment with PyPI's package,
// or Debian's package in a directory of its own.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withInstallLock } from './installLock.ts';
import { DEBIAN_RECIPE, installFromDebian, unmountBelow } from './synapseDebian.ts';
import type { OnProgress, SynapseProgram } from './synapseProgram.ts';
import { installInVenv, VENV_RECIPE } from './synapseVenv.ts';

const PROJECT_ROOT = resolve(import.meta.dirname, '..', '..');

/** A server that somebody else runs; it can be neither configured nor stopped. */
export interface ExternalServer {
  kind: 'external';
  baseUrl: string;
  sharedSecret: string;
}

export type SynapseSource = ExternalServer | SynapseProgram;

export interface EnsureOptions {
  /** Called with a line for each step that takes long. */
  onProgress?: OnProgress;
}

interface Way {
  name: string;
  /** Folder in the cache. */
  folder: string;
  /** Changes whenever a cached installation must be made anew. */
  recipe: string;
  install: (directory: string, onProgress: OnProgress) => Promise<SynapseProgram>;
}

const WAYS: readonly Way[] = [
  {
    name: 'Python virtual environment',
    folder: 'synapse-venv',
    recipe: VENV_RECIPE,
    install: installInVenv,
  },
  {
    name: "Debian's package",
    folder: 'synapse-debian',
    recipe: DEBIAN_RECIPE,
    install: installFromDebian,
  },
];

/**
 * A Synapse, installed first if need be; that takes a minute or two once, and almost no time afterwards.
 * Environment: `TEST_SYNAPSE_URL` with `TEST_SYNAPSE_SHARED_SECRET` name a running server to use instead;
 * `SYNAPSE_CACHE_DIR` is where installations are kept (default `.cache` in the project).
 * Throws one `Error` that lists everything tried and why it failed.
 */
export async function ensureSynapse(options: EnsureOptions = {}): Promise<SynapseSource> {
  const external = externalServer();
  if (external !== undefined) return external;
  const cache = cacheFolder();
  const found = cached(cache);
  if (found !== undefined) return found;
  const onProgress = options.onProgress ?? (() => {});
  return await withInstallLock(
    join(cache, 'synapse-install.lock'),
    () => onProgress('Another process is installing Synapse; waiting for it …'),
    async () => cached(cache) ?? (await install(cache, onProgress)),
  );
}

/** Whether `ensureSynapse` has nothing to install. */
export function hasSynapse(): boolean {
  return externalServer() !== undefined || cached(cacheFolder()) !== undefined;
}

function cacheFolder(): string {
  return resolve(process.env.SYNAPSE_CACHE_DIR ?? join(PROJECT_ROOT, '.cache'));
}

function externalServer(): ExternalServer | undefined {
  const { TEST_SYNAPSE_URL: url, TEST_SYNAPSE_SHARED_SECRET: sharedSecret } = process.env;
  if (!url && !sharedSecret) return undefined;
  if (!url || !sharedSecret || !URL.canParse(url)) {
    throw new Error(
      'To use a Synapse that is already running, set TEST_SYNAPSE_URL (such as http://127.0.0.1:8008) and ' +
        'TEST_SYNAPSE_SHARED_SECRET (its registration_shared_secret), both of them.',
    );
  }
  return { kind: 'external', baseUrl: url.replace(/\/+$/, ''), sharedSecret };
}

/** Written last, so that an interrupted installation is never taken for a complete one. */
const MARKER = 'complete.json';

function cached(cache: string): SynapseProgram | undefined {
  for (const way of WAYS) {
    const directory = join(cache, way.folder);
    const marker = join(directory, MARKER);
    if (!existsSync(marker)) continue;
    const { recipe, location, program } = JSON.parse(readFileSync(marker, 'utf8')) as Marker;
    // A virtual environment holds absolute paths: one that was moved, or whose Python is gone, is of no use.
    if (recipe === way.recipe && location === directory && existsSync(program.command)) return program;
  }
  return undefined;
}

interface Marker {
  recipe: string;
  location: string;
  program: SynapseProgram;
}

async function install(cache: string, onProgress: OnProgress): Promise<SynapseProgram> {
  const failures: string[] = [];
  for (const way of WAYS) {
    const directory = join(cache, way.folder);
    try {
      await unmountBelow(directory);
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory, { recursive: true });
      const program = await way.install(directory, onProgress);
      const marker: Marker = { recipe: way.recipe, location: directory, program };
      writeFileSync(join(directory, MARKER), `${JSON.stringify(marker, null, 2)}\n`);
      return program;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`${way.name}: ${reason}`);
      onProgress(`${way.name}: did not work (${reason.split('\n')[0]}).`);
    }
  }
  throw new Error(
    [
      'There is no Synapse to run, and none could be installed.',
      'Server named by TEST_SYNAPSE_URL and TEST_SYNAPSE_SHARED_SECRET: they are not set.',
      ...failures,
    ].join('\n- '),
  );
}
