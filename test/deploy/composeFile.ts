// docker-compose.yml as Compose itself reads it, with everything from .env filled in.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { findProgram } from '../harness/programs.ts';
import { type Command, runToEnd, succeed } from './plainProcess.ts';
import { ROOT, tool } from './tools.ts';

export interface Service {
  image: string;
  entrypoint?: string[];
  command?: string[];
  environment: Record<string, string>;
  user?: string;
  read_only?: boolean;
  restart: string;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
}

export interface Compose {
  services: Record<string, Service>;
}

/**
 * @param settings lines of .env; what is not among them is as .env.example has it
 * Throws an `Error` with what Compose finds wrong, or if there is no Compose.
 */
export async function readCompose(settings: Record<string, string> = {}): Promise<Compose> {
  const folder = mkdtempSync(join(tmpdir(), 'regbot-compose-'));
  try {
    const envFile = join(folder, '.env');
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(envFile, lines.join(''));
    const args = ['--env-file', envFile, '--file', join(ROOT, 'docker-compose.yml'), 'config'];
    const output = await succeed(await composeCommand(args));
    return parse(output.replaceAll('$$', '$')) as Compose;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function composeCommand(args: readonly string[]): Promise<Command> {
  // Nothing of this environment: it would win over the file.
  const common = { env: { HOME: tmpdir() }, cwd: ROOT };
  const docker = findProgram('docker');
  if (docker !== undefined) {
    const { status } = await runToEnd({ ...common, argv: [docker, 'compose', 'version'] });
    if (status === 0) return { ...common, argv: [docker, 'compose', ...args] };
  }
  return { ...common, argv: [tool('docker-compose'), ...args] };
}
