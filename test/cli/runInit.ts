// What the suites of `init` share: a homeserver with an admin's account, and `init` run against it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { type Settings, temporaryDataDir } from '../harness/botProcess.ts';
import { MatrixHttpError, requestJson } from '../harness/matrixHttp.ts';
import { useTestServer } from '../harness/suite.ts';
import type { RegisteredUser } from '../harness/users.ts';
import { type Ended, runCli } from './runCli.ts';

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

/** A homeserver with the account of an admin, for the tests of a file. */
export class InitSuite {
  readonly server = useTestServer();
  #boss: RegisteredUser | undefined;

  constructor() {
    beforeAll(async () => {
      const { synapse } = this.server;
      this.#boss = await synapse.registerUser('boss', 'the boss’s password', { admin: true });
    });
  }

  get boss(): RegisteredUser {
    if (this.#boss === undefined) throw new Error('The admin is there only while a test runs.');
    return this.#boss;
  }

  /** The usual options, followed by more or other ones. */
  answers(...more: string[]): string[] {
    const { baseUrl } = this.server;
    return ['--server', baseUrl, '--allow', this.boss.userId, '--public-url', 'none', ...more];
  }

  /** As the admin API has it; undefined: there is none. */
  async account(userId: string): Promise<{ admin: boolean } | undefined> {
    const path = `/_synapse/admin/v2/users/${userId}`;
    const { accessToken } = this.boss;
    try {
      return await requestJson(this.server.baseUrl, 'GET', path, { accessToken });
    } catch (error) {
      if (error instanceof MatrixHttpError && error.errcode === 'M_NOT_FOUND') return undefined;
      throw error;
    }
  }
}
