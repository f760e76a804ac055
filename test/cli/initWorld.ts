// What the suites of `init` share: a homeserver with an admin's account, and `init` run against it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Settings, temporaryDataDir } from '../harness/bot.ts';
import { MatrixHttpError, requestJson } from '../harness/matrixHttp.ts';
import { Scene } from '../harness/scene.ts';
import type { RegisteredUser } from '../harness/users.ts';
import { type Ended, runCli } from './cliRun.ts';

export interface Result extends Ended {
  readonly cwd: string;
  readonly file: string;
  /** Of the written configuration; undefined: none was written. */
  readonly text: string | undefined;
}

export async function init(
  args: readonly string[],
  settings: Settings = {},
  cwd = temporaryDataDir(),
): Promise<Result> {
  const ended = await runCli(['init', ...args], { settings, cwd });
  const file = join(cwd, 'config.yml');
  return { ...ended, cwd, file, text: existsSync(file) ? readFileSync(file, 'utf8') : undefined };
}

export class InitWorld implements AsyncDisposable {
  readonly scene: Scene;
  readonly boss: RegisteredUser;

  private constructor(scene: Scene, boss: RegisteredUser) {
    this.scene = scene;
    this.boss = boss;
  }

  static async start(): Promise<InitWorld> {
    const scene = await Scene.start();
    const boss = await scene.synapse.registerUser('boss', 'the boss’s password', { admin: true });
    return new InitWorld(scene, boss);
  }

  /** What a person at the server would say, with more or other options behind. */
  answers(...more: string[]): string[] {
    const { baseUrl } = this.scene.synapse;
    return ['--server', baseUrl, '--allow', this.boss.userId, '--public-url', 'none', ...more];
  }

  /** As the admin API has it; undefined: there is none. */
  async account(userId: string): Promise<{ admin: boolean } | undefined> {
    const path = `/_synapse/admin/v2/users/${userId}`;
    const { accessToken } = this.boss;
    try {
      return await requestJson(this.scene.synapse.baseUrl, 'GET', path, { accessToken });
    } catch (error) {
      if (error instanceof MatrixHttpError && error.errcode === 'M_NOT_FOUND') return undefined;
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.scene[Symbol.asyncDispose]();
  }
}
