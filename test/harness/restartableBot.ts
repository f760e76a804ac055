// The bot of a test over several runs with one account and one data folder: in this process, where a test moves the
// clock or looks into the store; or as a child process, where it is killed.
import { type BotDependencies, type RunningBot, startBot } from '../../bot/bot.ts';
import type { Config } from '../../bot/config/config.ts';
import { loadConfig } from '../../bot/config/load.ts';
import { routeSdkLog } from '../../bot/matrix/sdkLog.ts';
import { createLog, type Log } from '../../bot/observability/log.ts';
import { type BotProcess, type Settings, spawnBot, temporaryDataDir } from './botProcess.ts';
import { type Proxy as FaultyProxy, startProxy } from './proxy.ts';
import type { RegisteredUser } from './users.ts';

/** What can differ from run to run. */
export interface RunOptions extends Omit<Partial<BotDependencies>, 'log'> {
  /** Environment variables of the configuration, beside those of homeserver, account and data folder. */
  settings?: Settings;
  /** Shorter than the configuration allows (ms). */
  confirmTimeout?: number;
}

/** What stays the same; `RunOptions` in here are those of every run. */
export interface BotOptions extends RunOptions {
  account: RegisteredUser;
  /** Kept at the end; default: a temporary one. */
  dataDir?: string;
  /** Default: with the password. */
  signIn?: 'password' | 'access token';
  /** Puts a proxy between the bot and its homeserver. Default: none. */
  proxied?: boolean;
  /** Called before a run in this process is stopped; what it returns, afterwards. */
  checkAtStop?: (bot: RestartableBot) => Promise<() => void>;
}

interface Run extends RunningBot {
  readonly config: Config;
  readonly logLines: string[];
}

export class RestartableBot implements AsyncDisposable {
  readonly account: RegisteredUser;
  readonly dataDir: string;
  /** Of the homeserver, or of the proxy in front of it. */
  readonly baseUrl: string;
  readonly #options: BotOptions;
  readonly #proxy: FaultyProxy | undefined;
  #run: Run | undefined;
  #isRunning = false;
  #process: BotProcess | undefined;

  protected constructor(baseUrl: string, options: BotOptions, proxy: FaultyProxy | undefined) {
    this.account = options.account;
    this.dataDir = options.dataDir ?? temporaryDataDir();
    this.baseUrl = proxy?.baseUrl ?? baseUrl;
    this.#options = options;
    this.#proxy = proxy;
  }

  /** Does not start it yet. */
  static async make(baseUrl: string, options: BotOptions): Promise<RestartableBot> {
    return new RestartableBot(baseUrl, options, options.proxied ? await startProxy(baseUrl) : undefined);
  }

  get userId(): string {
    return this.account.userId;
  }

  /** Throws an `Error` unless the bot was made with `proxied`. */
  get proxy(): FaultyProxy {
    if (this.#proxy === undefined) throw new Error('This bot has no proxy.');
    return this.#proxy;
  }

  /** The last run in this process. Throws an `Error` if there was none; so do the getters below. */
  get #last(): Run {
    if (this.#run === undefined) throw new Error('The bot was not started in this process yet.');
    return this.#run;
  }

  get store(): Run['store'] {
    return this.#last.store;
  }

  get access(): Run['access'] {
    return this.#last.access;
  }

  get config(): Config {
    return this.#last.config;
  }

  get failed(): Promise<never> {
    return this.#last.failed;
  }

  get webAddress(): string | undefined {
    return this.#last.webAddress;
  }

  get metricsAddress(): string | undefined {
    return this.#last.metricsAddress;
  }

  /** Everything that the last run logged so far, one JSON object a line. */
  get logLines(): string[] {
    return this.#last.logLines;
  }

  /** The last child process. Throws an `Error` if there was none. */
  get process(): BotProcess {
    if (this.#process === undefined) throw new Error('The bot was not started as a process yet.');
    return this.#process;
  }

  /** The environment of a run. */
  settings(more: Settings = {}): Settings {
    const { localpart, password, accessToken } = this.account;
    return {
      BOT_SERVER: this.baseUrl,
      BOT_DATA_DIR: this.dataDir,
      ...(this.#options.signIn === 'access token'
        ? { BOT_ACCESS_TOKEN: accessToken }
        : { BOT_USERNAME: localpart, BOT_PASSWORD: password }),
      ...this.#options.settings,
      ...more,
    };
  }

  /** Runs it in this process; resolves after the first sync. `options` are of this run only. */
  async start(options: RunOptions = {}): Promise<void> {
    const { settings, ...others } = options;
    this.#run = await runHere(this.settings(settings), { ...this.#options, ...others });
    this.#isRunning = true;
    await this.#run.synced;
  }

  /** Stops it, if it runs, and starts it in this process. */
  async restart(options: RunOptions = {}): Promise<void> {
    await this.stop();
    await this.start(options);
  }

  /** Runs it as a child process, which is ended with this one. */
  spawn(settings: Settings = {}): BotProcess {
    this.#process = spawnBot(this.settings(settings), [], this.dataDir);
    return this.#process;
  }

  /** Runs it as a child process; resolves after the first sync. */
  async startProcess(settings: Settings = {}): Promise<void> {
    await this.spawn(settings).waitForOutput(/Ready/);
  }

  /** SIGKILL to the child process; resolves when it is gone. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
  }

  /** Ends what runs in good order. Returns the exit status of the child process, and 0 if there was none. */
  async stop(): Promise<number | null> {
    if (this.#isRunning) {
      this.#isRunning = false;
      const check = await this.#options.checkAtStop?.(this);
      await this.#last.stop();
      check?.();
    }
    if (this.#process === undefined) return 0;
    this.#process.kill('SIGTERM');
    return await this.#process.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#proxy?.close();
  }
}

async function runHere(settings: Settings, options: BotOptions): Promise<Run> {
  const { confirmTimeout, ...dependencies } = options;
  const loaded = loadConfig({ cwd: settings.BOT_DATA_DIR ?? '', env: settings });
  if (!loaded.ok) throw new Error(`The test's configuration is wrong: ${JSON.stringify(loaded.problems)}`);
  const config =
    confirmTimeout === undefined ? loaded.config : { ...loaded.config, confirm_timeout: confirmTimeout };
  const { log, lines } = await collectingLog();
  routeSdkLog(log);
  return { ...(await startBot(config, { ...dependencies, log })), config, logLines: lines };
}

async function collectingLog(): Promise<{ log: Log; lines: string[] }> {
  const lines: string[] = [];
  return {
    lines,
    log: await createLog({ level: 'debug', format: 'json' }, { write: (line) => void lines.push(line) }),
  };
}
