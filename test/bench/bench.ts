// `npm run bench`: how quick and how small the bot is, beside the least that the same work can take on this machine.
// Ends with another status than 0 only if something could not be measured.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requestJson } from '../harness/matrixHttp.ts';
import { endChild } from '../harness/npmStart.ts';
import { measureCreate, measureDelete, measureList, type SampleCounts } from './commands.ts';
import { measureEncryption } from './encryption.ts';
import { measureRest, measureStart } from './process.ts';
import { type Results, renderResults } from './report.ts';
import { type Stage, setUp, startBot } from './stage.ts';
import { measureWidget } from './widget.ts';

const COUNTS: SampleCounts = {
  warmUp: 10,
  create: 60,
  delete: 20,
  list: new Map([
    [10, 30],
    [1_000, 20],
    [10_000, 10],
  ]),
};
const STARTS = 7;
const IDLE_MS = 10_000;

const USAGE = `Usage: npm run bench [-- --json]

  --json  print the results as JSON
`;

const progress = (line: string) => process.stderr.write(`${line}\n`);

type ChatResults = Omit<Results, 'widget' | 'encryption'>;

async function measureChat(stage: Stage, dataDir: string): Promise<ChatResults> {
  progress('Starting the bot, again and again …');
  const start = await measureStart(stage, dataDir, STARTS);
  const bot = await startBot(stage, dataDir);
  try {
    progress('create …');
    const create = await measureCreate(stage, COUNTS);
    progress('At rest …');
    const afterCreate = await measureRest(bot, IDLE_MS);
    progress('delete …');
    const deletion = await measureDelete(stage, COUNTS);
    progress('list …');
    const lists = await measureList(stage, COUNTS);
    const afterAll = await measureRest(bot, IDLE_MS);
    return {
      machine: {
        node: process.versions.node,
        synapse: await synapseVersion(stage),
        processors: availableParallelism(),
      },
      commands: [create, ...lists, ...deletion],
      start,
      rest: { afterCreate, afterAll },
    };
  } finally {
    await endChild(bot);
  }
}

async function measureAll(stage: Stage, dataDir: string): Promise<Results> {
  try {
    const chat = await measureChat(stage, dataDir);
    const encryption = await measureEncryption(stage, join(dataDir, 'encryption'), progress);
    return { ...chat, encryption, widget: await measureWidget(stage, dataDir, progress) };
  } finally {
    stage.observer.stop();
    await endChild(stage.floor);
    await stage.synapse.dispose();
  }
}

async function synapseVersion({ synapse }: Stage): Promise<string> {
  const path = '/_synapse/admin/v1/server_version';
  const { server_version } = await requestJson<{ server_version: string }>(synapse.baseUrl, 'GET', path);
  // Run from a git checkout, Synapse adds the branch of that.
  return server_version.replace(/ .*/, '');
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'regbot-bench-'));
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  try {
    const results = await measureAll(await setUp(progress), dataDir);
    process.stdout.write(
      values.json ? `${JSON.stringify(results, null, 2)}\n` : `\n${renderResults(results)}`,
    );
    return 0;
  } catch (error) {
    progress(`Could not measure: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

// Ctrl-C: what was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
// The observer's last long poll is not waited for.
process.exit(await main());
