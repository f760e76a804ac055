// The image without Docker: the steps of the Dockerfile's stage `bot` as plain processes in a folder, and the commands
// of the last stage on what they made.
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, matchesGlob, relative } from 'node:path';
import { readDockerfile, type Step } from './dockerfile.ts';
import { type Command, type Mapping, map, mapCommand, succeed } from './plainProcess.ts';
import { ROOT } from './tools.ts';

export interface Image {
  /** Environment and working directory of the image. */
  command(argv: readonly string[], env?: Readonly<Record<string, string>>): Command;
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Needs the built widget. Takes about ten seconds, most of it `npm ci`. */
export async function buildImage(folder: string): Promise<Image> {
  const mapping: Mapping = [
    ['/app', join(folder, 'app')],
    ['/data', join(folder, 'data')],
    ['/tmp', join(folder, 'tmp')],
  ];
  for (const [, path] of mapping) mkdirSync(path);
  const stages = readDockerfile();
  const bot = stages.find(({ name }) => name === 'bot');
  const image = stages.at(-1);
  if (bot === undefined || image === undefined) throw new Error('The Dockerfile has no stage “bot”.');
  for (const step of bot.steps) await runStep(step, mapping, join(folder, 'app'));
  const { env, entrypoint, healthcheck, workdir: cwd } = image;
  const mapped = mapCommand({ argv: [], env, cwd }, mapping);
  return {
    entrypoint: entrypoint.map((word) => map(word, mapping)),
    healthcheck: healthcheck.map((word) => map(word, mapping)),
    env: mapped.env,
    command: (argv, own = {}) => ({ argv, env: { ...mapped.env, ...own }, cwd: mapped.cwd }),
  };
}

async function runStep(step: Step, mapping: Mapping, cwd: string): Promise<void> {
  if (step.kind === 'run') {
    // A plain process can't become another user, and has no need to.
    const command = step.command.replace(/setpriv( --\S+)+ /, '').replaceAll(/ -[og] 1000/g, '');
    await succeed({ argv: ['sh', '-ec', map(command, mapping)], env: npmEnvironment(), cwd });
    return;
  }
  for (const source of step.sources) {
    // Of another stage there is what the project's own build left.
    const path = step.from === undefined ? source : relative('/app', source);
    const isFile = statSync(join(ROOT, path)).isFile();
    const target = isFile && /\/$/.test(step.target) ? join(step.target, basename(path)) : step.target;
    cpSync(join(ROOT, path), join(cwd, target), {
      recursive: true,
      filter: (file) => step.from !== undefined || isSentToBuilder(relative(ROOT, file)),
    });
  }
}

/** How npm reaches the registry is the machine's business; which folder `npm test` runs in must not be npm's here. */
function npmEnvironment(): Record<string, string> {
  const { NODE_ENV: _, npm_config_local_prefix: __, ...env } = process.env;
  // What the cache has is known by its hash in the lockfile.
  return { ...env, npm_config_prefer_offline: 'true' } as Record<string, string>;
}

/** The rules of .dockerignore, the last one that fits deciding. */
function isSentToBuilder(path: string): boolean {
  const parents = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
  let sent = true;
  for (const line of readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const pattern = line.replace(/^!/, '');
    if (parents.some((parent) => matchesGlob(parent, pattern))) sent = line.startsWith('!');
  }
  return sent;
}
