// The bot as a process: how long it takes to start, how much memory and processor time it takes at rest.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { endChild, npmStartArguments } from '../harness/npmStart.ts';
import { type Stage, startBot } from './stage.ts';
import { type Summary, summarise } from './stats.ts';

const RUN_WITHIN_MS = 20_000;

export interface StartResult {
  /** Node alone: an empty script. */
  node: Summary;
  /** Node and all modules of the bot: `--version`. */
  modules: Summary;
  /** From the process's creation to the first sync, with the data of an earlier run. */
  firstSync: Summary;
  /** The same without Node's compile cache, as after an update. */
  withoutCache: Summary;
}

export async function measureStart(stage: Stage, dataDir: string, samples: number): Promise<StartResult> {
  const times = {
    node: [] as number[],
    modules: [] as number[],
    firstSync: [] as number[],
    withoutCache: [] as number[],
  };
  const flags = npmStartArguments().slice(0, -1);
  // The first start makes the login, and fills the compile cache.
  await startTime(stage, dataDir);
  for (let turn = 0; turn < samples; turn++) {
    times.node.push(await runTime([...flags, '--eval', '']));
    times.modules.push(await runTime([...npmStartArguments(), '--version']));
    times.firstSync.push(await startTime(stage, dataDir));
    times.withoutCache.push(await startTime(stage, dataDir, { NODE_DISABLE_COMPILE_CACHE: '1' }));
  }
  return {
    node: summarise(times.node),
    modules: summarise(times.modules),
    firstSync: summarise(times.firstSync),
    withoutCache: summarise(times.withoutCache),
  };
}

async function startTime(stage: Stage, dataDir: string, env: NodeJS.ProcessEnv = {}): Promise<number> {
  const began = performance.now();
  const bot = await startBot(stage, dataDir, env);
  const ms = performance.now() - began;
  await endChild(bot);
  return ms;
}

async function runTime(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  // A process that hangs at its end can't be measured.
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_WITHIN_MS);
  const status = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  if (status !== 0)
    throw new Error(`node ${args.join(' ')} ended with ${child.signalCode ?? `status ${status}`}.`);
  return performance.now() - began;
}

export interface RestResult {
  /** Resident memory, MiB. */
  residentMib: number;
  /** Share of one processor while nothing happens, percent; undefined: not known on this system. */
  cpuPercent: number | undefined;
}

/** Waits until nothing has happened for a while, and looks at the process. */
export async function measureRest({ pid }: ChildProcess, idleMs: number): Promise<RestResult> {
  if (pid === undefined) throw new Error('The bot does not run.');
  const before = cpuMs(pid);
  await wait(idleMs);
  const after = cpuMs(pid);
  const cpuPercent =
    before === undefined || after === undefined ? undefined : ((after - before) / idleMs) * 100;
  return { residentMib: residentKib(pid) / 1024, cpuPercent };
}

function residentKib(pid: number): number {
  const file = `/proc/${pid}/status`;
  const text = existsSync(file)
    ? /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  const kib = Number(text);
  if (!(kib > 0)) throw new Error(`The memory of process ${pid} can't be read.`);
  return kib;
}

/** Processor time so far. Linux only; it counts in hundredths of a second. */
function cpuMs(pid: number): number | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  // After the name in parentheses, which may hold spaces: utime and stime are the 12th and 13th field.
  const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
