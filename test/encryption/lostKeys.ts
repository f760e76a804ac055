// Ways to lose or damage a bot's keys, and how the bot exits.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { messagesAt } from '../cli/runCli.ts';
import type { BotProcess, Settings } from '../harness/botProcess.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import type { TestServer } from '../harness/testServer.ts';

const ERROR = 50;

export function storeOf({ dataDir }: RestartableBot): string {
  return join(dataDir, 'crypto.sqlite');
}

/** Starts and stops, so that there are keys. */
export async function settle(bot: RestartableBot): Promise<void> {
  await bot.start();
  await bot.stop();
}

/** What the bot logs when it exits by itself. */
export async function endOf(
  bot: RestartableBot,
  settings: Settings = {},
): Promise<{ status: number | null; sentence: string }> {
  const ended = bot.spawn(settings);
  const status = await ended.exited;
  const sentences = errorsOf(ended);
  expect(sentences, ended.output()).toHaveLength(1);
  return { status, sentence: sentences[0] ?? '' };
}

export async function expectEnd(bot: RestartableBot, status: number, ...parts: RegExp[]): Promise<void> {
  const { status: ended, sentence } = await endOf(bot);
  expect(ended, sentence).toBe(status);
  for (const part of parts) expect(sentence).toMatch(part);
}

/** While the bot runs, as a snapshot of the file system does. */
export function copyKeys(bot: RestartableBot): void {
  const store = storeOf(bot);
  // Closed in this process, the files would lose SQLite's locks.
  for (const file of [store, `${store}-wal`]) execFileSync('cp', [file, `${file}.copy`]);
}

export function putKeysBack(bot: RestartableBot): void {
  const store = storeOf(bot);
  for (const file of [store, `${store}-wal`]) copyFileSync(`${file}.copy`, file);
}

export function loseKeys({ dataDir }: RestartableBot): void {
  for (const file of readdirSync(dataDir)) {
    if (file.startsWith('crypto.sqlite')) rmSync(join(dataDir, file));
  }
}

export function errorsOf(bot: BotProcess): string[] {
  return messagesAt(ERROR, { stdout: bot.output() });
}

/** No file that the process writes may grow any more: to the bot, the disk is full. */
export function fillDisk({ dataDir, process: { child } }: RestartableBot): void {
  const sizes = ['bot.sqlite-wal', 'crypto.sqlite-wal'].map((file) => statSync(join(dataDir, file)).size);
  execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${Math.min(...sizes)}:`]);
}

/** As if the copy were of after the last start. */
export function forgetStarts(store: string): void {
  const db = new DatabaseSync(store);
  db.exec("UPDATE facts SET value = '1000' WHERE key = 'starts'");
  db.close();
}

/** As a client does that begins to talk to the bot's device. */
export async function takeOneTimeKey(server: TestServer, { account }: RestartableBot): Promise<void> {
  const { userId, deviceId } = account;
  await requestJson(server.baseUrl, 'POST', '/_matrix/client/v3/keys/claim', {
    accessToken: server.admin.accessToken,
    body: { one_time_keys: { [userId]: { [deviceId]: 'signed_curve25519' } } },
  });
}

/** How many the homeserver has left. */
export async function oneTimeKeysOf(
  server: TestServer,
  { account }: RestartableBot,
): Promise<number | undefined> {
  const { one_time_key_counts: counts } = await requestJson<{ one_time_key_counts: Record<string, number> }>(
    server.baseUrl,
    'POST',
    '/_matrix/client/v3/keys/upload',
    { accessToken: account.accessToken, body: {} },
  );
  return counts.signed_curve25519;
}
