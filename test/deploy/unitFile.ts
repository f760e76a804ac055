// The systemd unit, as far as a plain process can follow it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Mapping } from './plainProcess.ts';
import { map } from './plainProcess.ts';
import { ROOT } from './tools.ts';

const UNIT = 'matrix-registration-bot.service';
const INSTALLED_IN = '/opt/matrix-registration-bot';

/** The values of a key, in their order. */
export function unitValues(key: string): string[] {
  return readUnit()
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));
}

/** For `systemd-analyze`: as if the project were installed where the unit says. Returns the file. */
export function writeUnitFor(folder: string): string {
  const file = join(folder, UNIT);
  writeFileSync(file, map(readUnit(), [[INSTALLED_IN, ROOT]]));
  return file;
}

/** What systemd would start, with its folders below `folder`. */
export function unitCommand(folder: string, config: string): Command {
  const credentials = join(folder, 'credentials');
  const places: Mapping = [
    [INSTALLED_IN, ROOT],
    ['%d', credentials],
    ['%S', join(folder, 'state')],
    ['%C', join(folder, 'cache')],
  ];
  mkdirSync(credentials, { recursive: true });
  for (const key of ['StateDirectory', 'CacheDirectory']) {
    const [name = ''] = unitValues(key);
    mkdirSync(join(folder, key === 'StateDirectory' ? 'state' : 'cache', name), { recursive: true });
  }
  const [credential = ''] = unitValues('LoadCredential');
  writeFileSync(join(credentials, credential.split(':')[0] ?? ''), config, { mode: 0o400 });
  const env = unitValues('Environment').map((entry) => map(entry, places).split('=') as [string, string]);
  const [start = ''] = unitValues('ExecStart');
  return { argv: map(start, places).split(' '), env: Object.fromEntries(env), cwd: folder };
}

function readUnit(): string {
  return readFileSync(join(ROOT, 'deploy', 'systemd', UNIT), 'utf8');
}
