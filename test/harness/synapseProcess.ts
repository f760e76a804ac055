// One run of Synapse after the other on the same data and port. It never outlives this process: see runSynapse.py.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isFree } from './freePort.ts';
import type { WrittenConfig } from './synapseConfig.ts';
import type { SynapseProgram } from './synapseProgram.ts';

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 25;
const STOP_TIMEOUT_MS = 10_000;
const LOG_TAIL_LINES = 25;

export class SynapseProcess {
  readonly #program: SynapseProgram;
  readonly #config: WrittenConfig;
  readonly #baseUrl: string;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(program: SynapseProgram, config: WrittenConfig, baseUrl: string) {
    this.#program = program;
    this.#config = config;
    this.#baseUrl = baseUrl;
  }

  /** The process ID, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the server answers. Throws an `Error` with the end of the log if it ends before that. */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error('Synapse is already running.');
    // Another server there would answer in its place.
    const port = Number(new URL(this.#baseUrl).port);
    if (!(await isFree(port)))
      throw new Error(`Port ${port} of 127.0.0.1 is in use: is this Synapse running already?`);
    const child = this.#spawn();
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (!(await this.#healthy())) {
      if (this.#child !== child)
        throw new Error(`Synapse ended while starting (${ending(child)}).\n${this.logTail()}`);
      if (Date.now() > deadline) {
        await this.kill();
        throw new Error(`Synapse did not answer within ${READY_TIMEOUT_MS / 1000} s.\n${this.logTail()}`);
      }
      await wait(READY_POLL_MS);
    }
  }

  /** Lets the server end in good order; does nothing if it does not run. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends the server at once, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  killNow(): void {
    this.#child?.kill('SIGKILL');
  }

  logTail(): string {
    const { logFile } = this.#config;
    const lines = existsSync(logFile) ? readFileSync(logFile, 'utf8').trimEnd().split('\n') : [];
    return [`End of ${logFile}:`, ...lines.slice(-LOG_TAIL_LINES)].join('\n');
  }

  #spawn(): ChildProcess {
    const { command, args, env } = this.#program;
    const script = join(import.meta.dirname, 'runSynapse.py');
    const log = openSync(this.#config.logFile, 'a');
    const child = spawn(command, [...args, script, '--config-path', this.#config.configFile], {
      stdio: ['pipe', log, log],
      // Ctrl-C is for us: the tests may still need the server to finish.
      detached: true,
      env: { ...process.env, ...env },
    });
    closeSync(log);
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      const gone = () => {
        if (this.#child === child) this.#child = undefined;
        resolve();
      };
      child.once('exit', gone);
      child.once('error', gone);
    });
    child.stdin?.on('error', () => {});
    // A test that forgets to stop its server must still be able to end.
    child.unref();
    if (child.stdin !== null && 'unref' in child.stdin && typeof child.stdin.unref === 'function')
      child.stdin.unref();
    return child;
  }

  async #healthy(): Promise<boolean> {
    try {
      const response = await fetch(`${this.#baseUrl}/health`, { signal: AbortSignal.timeout(5_000) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      // Not listening yet.
      return false;
    }
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.ref();
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}

function ending(child: ChildProcess): string {
  return child.signalCode ?? `status ${child.exitCode}`;
}
