// The systemd unit: what systemd says about it, and what it starts, as a plain process without the sandbox.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type Synapse, startSynapse } from '../harness/synapse.ts';
import type { RegisteredUser } from '../harness/users.ts';
import { Running, runToEnd } from './plainProcess.ts';
import { tool } from './tools.ts';
import { unitCommand, unitValues, writeUnitFor } from './unitFile.ts';

/** From 0 to 10, the worst; the unit scores 1.1 with systemd 252. */
const MOST_EXPOSED = 1.5;

const folder = mkdtempSync(join(tmpdir(), 'regbot-unit-'));
let synapse: Synapse;
let account: RegisteredUser;

beforeAll(async () => {
  synapse = await startSynapse();
  account = await synapse.registerUser('unitbot', undefined, { admin: true });
});

afterAll(async () => {
  await synapse?.dispose();
  rmSync(folder, { recursive: true });
});

function config(password: string): string {
  const { localpart: username } = account;
  return stringify({ bot: { server: synapse.baseUrl, username, password, data_dir: './elsewhere' } });
}

async function analyze(...args: string[]): Promise<{ status: number | null; output: string }> {
  const argv = [tool('systemd-analyze'), ...args, writeUnitFor(folder)];
  return await runToEnd({ argv, env: { SYSTEMD_PAGER: '' }, cwd: folder });
}

test('systemd finds nothing wrong with it', async () => {
  expect(await analyze('verify')).toEqual({ status: 0, output: '' });
});

test('it is sandboxed', async () => {
  const threshold = `--threshold=${MOST_EXPOSED * 10}`;
  const { status, output } = await analyze('security', '--offline=true', threshold);
  expect(output).toMatch(/Overall exposure level .*: 1\.\d OK/);
  expect(status).toBe(0);
});

test('it starts the bot, keeps its data in /var/lib, and ends with 0 on SIGTERM', async () => {
  const bot = new Running(unitCommand(folder, config(account.password)));
  await bot.waitForOutput(/Ready/);
  expect(existsSync(join(folder, 'state', 'matrix-registration-bot', 'bot.sqlite'))).toBe(true);
  expect(readdirSync(join(folder, 'cache', 'matrix-registration-bot'))).not.toEqual([]);
  expect(await bot.stop()).toBe(0);
  expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
});

test('wrong credentials end it with a status after which systemd leaves it alone', async () => {
  // With data of its own: a session that is there needs no password.
  const { status } = await runToEnd(unitCommand(join(folder, 'refused'), config('wrong')));
  expect(status).toBe(2);
  expect(unitValues('Restart')).toEqual(['on-failure']);
  expect(unitValues('RestartPreventExitStatus').join(' ').split(' ')).toContain(String(status));
});
