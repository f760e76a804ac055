// Folders as the Python bot left them, and `migrate` run on them.
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Settings, temporaryDataDir } from '../harness/botProcess.ts';
import type { TestServer } from '../harness/testServer.ts';
import { runCli } from './runCli.ts';

/** As `toml`, with which the old bot wrote it, puts a set of strings. */
export function settings(allowlist: readonly string[], more: Record<string, string> = {}): string {
  const list = (entries: readonly string[]) =>
    entries.length === 0 ? '[]' : `[ ${entries.map((entry) => `"${entry}",`).join(' ')}]`;
  const values = {
    timeout: '65536',
    join_on_invite: 'true',
    encryption_enabled: 'true',
    emoji_verify: 'true',
    ignore_unverified_devices: 'true',
    store_path: '"./store/"',
    allowlist: list(allowlist),
    blocklist: '[]',
    ...more,
  };
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}`);
  return `[simplematrixbotlib.config]\n${lines.join('\n')}\n`;
}

export function oldConfig({ synapse }: TestServer, bot: { localpart: string; password: string }): string {
  return `bot:
  server: "${synapse.baseUrl}"
  username: "${bot.localpart}"
  password: "${bot.password}"
api:
  # API endpoint of the registration tokens
  base_url: "${synapse.baseUrl}"
logging:
  level: DEBUG
`;
}

/** The old bot's folder, and what it looks like. */
export function oldFolder(files: Record<string, string>): { folder: string; look: () => unknown } {
  const folder = temporaryDataDir();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o644 });
  }
  const look = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const { mode, mtimeMs, size } = statSync(join(folder, name));
        return { name, mode, mtimeMs, size };
      });
  return { folder, look };
}

export async function migrate(args: readonly string[], cwd: string, env: Settings = {}) {
  return await runCli(['migrate', ...args], { cwd, settings: env });
}
