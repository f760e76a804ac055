// Commands that are written for a container or a service, as plain processes: paths and addresses are mapped to what
// is free on this machine.
import { type ChildProcess, spawn } from 'node:child_process';
import { endChild, endWithUs } from '../harness/npmStart.ts';

/** What stands there, and what takes its place; the first that fits wins. */
export type Mapping = readonly (readonly [from: string, to: string])[];

/** At word boundaries: `/data` is not part of `/database`. */
export function map(text: string, mapping: Mapping): string {
  const from = mapping.map(([word]) => `${word.replaceAll('.', '\\.')}(?![\\w-])`).join('|');
  const to = new Map(mapping);
  return text.replaceAll(new RegExp(`(?<![\\w.-])(?:${from})`, 'g'), (word) => to.get(word) ?? word);
}

export interface Command {
  argv: readonly string[];
  /** All of it: nothing is inherited but PATH. */
  env: Readonly<Record<string, string>>;
  cwd: string;
}

export function mapCommand({ argv, env, cwd }: Command, mapping: Mapping): Command {
  return {
    argv: argv.map((word) => map(word, mapping)),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, map(value, mapping)])),
    cwd: map(cwd, mapping),
  };
}

export class Running {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly #name: string;
  readonly #listeners = new Set<() => void>();
  #output = '';

  /** Ended with this process, however that ends. */
  constructor({ argv, env, cwd }: Command) {
    const [program = '', ...args] = argv;
    this.#name = argv.join(' ');
    this.child = spawn(program, args, {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    endWithUs(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output += chunk;
        for (const look of this.#listeners) look();
      });
    }
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (status) => resolve(status));
    });
  }

  /** Standard output and standard error so far. */
  get output(): string {
    return this.#output;
  }

  /** Resolves once the output matches; rejects if the process ends before. */
  async waitForOutput(pattern: RegExp): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const look = () => {
        if (!pattern.test(this.#output)) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
    const early = this.exited.then((status) => {
      throw new Error(
        `${this.#name} ended (${status}) before its output matched ${pattern}:\n${this.#output}`,
      );
    });
    await Promise.race([seen, early]);
  }

  /** SIGTERM, as `docker stop` and systemd send it; the exit status. */
  async stop(): Promise<number | null> {
    await endChild(this.child);
    return await this.exited;
  }
}

/** Runs it to its end. */
export async function runToEnd(command: Command): Promise<{ status: number | null; output: string }> {
  const running = new Running(command);
  const status = await running.exited;
  return { status, output: running.output };
}

/** Throws an `Error` with the output if the exit status is not 0. */
export async function succeed(command: Command): Promise<string> {
  const { status, output } = await runToEnd(command);
  if (status !== 0) throw new Error(`${command.argv.join(' ')} ended with ${status}:\n${output}`);
  return output;
}
