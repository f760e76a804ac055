// The account and the data folder of a bot whose keys come to harm.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { messagesAt } from '../cli/cliRun.ts';
import {
  type BotProcess,
  type Settings,
  spawnBot,
  type TestBot,
  type TestBotOptions,
  temporaryDataDir,
} from '../harness/bot.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Scene } from '../harness/scene.ts';
import type { RegisteredUser } from '../harness/users.ts';

const ERROR = 50;

/** Used by one process after the other. */
export class Home {
  readonly scene: Scene;
  readonly account: RegisteredUser;
  readonly dataDir: string;
  readonly #credential: Settings;

  constructor(scene: Scene, account: RegisteredUser, by: 'password' | 'token', dataDir = temporaryDataDir()) {
    this.scene = scene;
    this.dataDir = dataDir;
    this.account = account;
    const { localpart, password, accessToken } = account;
    this.#credential =
      by === 'token'
        ? { BOT_ACCESS_TOKEN: accessToken }
        : { BOT_USERNAME: localpart, BOT_PASSWORD: password };
  }

  get store(): string {
    return join(this.dataDir, 'crypto.sqlite');
  }

  async start(settings: Settings = {}, options: TestBotOptions = {}): Promise<TestBot> {
    const { dataDir } = this;
    return await this.scene.startBot(this.account, {
      ...options,
      dataDir,
      settings: { ...this.#credential, ...settings },
    });
  }

  /** Starts once and stops, so that there are keys. */
  async settle(): Promise<void> {
    await this.scene.stopBot(await this.start());
  }

  spawn(settings: Settings = {}): BotProcess {
    const own = { BOT_SERVER: this.scene.synapse.baseUrl, BOT_DATA_DIR: this.dataDir };
    return spawnBot({ ...own, ...this.#credential, ...settings });
  }

  /** What the bot says when it ends by itself. */
  async end(settings: Settings = {}): Promise<{ status: number | null; sentence: string }> {
    const bot = this.spawn(settings);
    const status = await bot.exited;
    const sentences = errorsOf(bot);
    expect(sentences, bot.output()).toHaveLength(1);
    return { status, sentence: sentences[0] ?? '' };
  }

  async expectEnd(status: number, ...parts: RegExp[]): Promise<void> {
    const { status: ended, sentence } = await this.end();
    expect(ended, sentence).toBe(status);
    for (const part of parts) expect(sentence).toMatch(part);
  }

  /** While the bot runs, as a snapshot of the file system does. */
  copyKeys(): void {
    // Closed in this process, the files would lose SQLite's locks.
    for (const file of [this.store, `${this.store}-wal`]) execFileSync('cp', [file, `${file}.copy`]);
  }

  putKeysBack(): void {
    for (const file of [this.store, `${this.store}-wal`]) copyFileSync(`${file}.copy`, file);
  }

  loseKeys(): void {
    for (const file of readdirSync(this.dataDir)) {
      if (file.startsWith('crypto.sqlite')) rmSync(join(this.dataDir, file));
    }
  }
}

export function errorsOf(bot: BotProcess): string[] {
  return messagesAt(ERROR, { stdout: bot.output() });
}

/** No file that the process writes may grow any more: to the bot, the disk is full. */
export function fillDisk({ child }: BotProcess, { dataDir }: Home): void {
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
export async function takeOneTimeKey({ scene, account }: Home): Promise<void> {
  const { userId, deviceId } = account;
  await requestJson(scene.synapse.baseUrl, 'POST', '/_matrix/client/v3/keys/claim', {
    accessToken: scene.admin.accessToken,
    body: { one_time_keys: { [userId]: { [deviceId]: 'signed_curve25519' } } },
  });
}

/** How many the homeserver has left. */
export async function oneTimeKeysOf({ scene, account }: Home): Promise<number | undefined> {
  const { one_time_key_counts: counts } = await requestJson<{ one_time_key_counts: Record<string, number> }>(
    scene.synapse.baseUrl,
    'POST',
    '/_matrix/client/v3/keys/upload',
    { accessToken: account.accessToken, body: {} },
  );
  return counts.signed_curve25519;
}
