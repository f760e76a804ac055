// docker-compose.yml without Docker: each container's command and environment as a plain process on this machine, with
// a real Synapse and a real Caddy. Only Element's image is a page that stands in for it.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, vi } from 'vitest';
import { freePort } from '../harness/freePort.ts';
import { ensureSynapse } from '../harness/synapseInstall.ts';
import { type Compose, readCompose, type Service } from './composeFile.ts';
import { buildImage, type Image } from './image.ts';
import { type Command, type Mapping, map, mapCommand, Running, succeed } from './plainProcess.ts';
import { ROOT, tool } from './tools.ts';

const POLL = { timeout: 30_000, interval: 50 };
export const ELEMENT_PAGE = 'Element stands here';

export class ComposeProject implements AsyncDisposable {
  readonly folder: string;
  readonly compose: Compose;
  /** Where browsers go, as .env says it. */
  readonly addresses: { matrix: string; element: string; widget: string };
  readonly #mapping: Mapping;
  readonly #running = new Map<string, Running>();
  readonly #element: Server;
  #image: Image | undefined;

  private constructor(parts: {
    folder: string;
    compose: Compose;
    addresses: ComposeProject['addresses'];
    mapping: Mapping;
    element: Server;
  }) {
    this.folder = parts.folder;
    this.compose = parts.compose;
    this.addresses = parts.addresses;
    this.#mapping = parts.mapping;
    this.#element = parts.element;
  }

  /** Nothing runs yet. */
  static async create(): Promise<ComposeProject> {
    const folder = mkdtempSync(join(tmpdir(), 'regbot-deploy-'));
    const port = await freePorts('matrix', 'element', 'widget', 'synapse', 'bot', 'elementPage', 'health');
    const address = (name: keyof typeof port) => `http://localhost:${port[name]}`;
    const addresses = { matrix: address('matrix'), element: address('element'), widget: address('widget') };
    const compose = await readCompose({
      MATRIX_SERVER_NAME: `localhost:${port.matrix}`,
      MATRIX_ADDRESS: addresses.matrix,
      ELEMENT_ADDRESS: addresses.element,
      WIDGET_ADDRESS: addresses.widget,
    });
    for (const name of ['synapse', 'bot-secret', 'postgres-secret', 'caddy', 'image'])
      mkdirSync(join(folder, name));
    const mapping: Mapping = [
      ['/setup', join(ROOT, 'deploy', 'compose')],
      ['/data', join(folder, 'synapse')],
      ['/secrets/bot', join(folder, 'bot-secret')],
      ['/secrets/postgres', join(folder, 'postgres-secret')],
      ['0.0.0.0:8008', `127.0.0.1:${port.synapse}`],
      ['0.0.0.0:8080', `127.0.0.1:${port.bot}`],
      ['localhost:8008', `127.0.0.1:${port.synapse}`],
      ['localhost:2020', `localhost:${port.health}`],
      ['synapse:8008', `127.0.0.1:${port.synapse}`],
      // The containers' network.
      ['172.16.0.0/12', '127.0.0.0/8'],
      ['bot:8080', `127.0.0.1:${port.bot}`],
      ['element:8080', `127.0.0.1:${port.elementPage}`],
    ];
    await putPythonWithSynapse(join(folder, 'bin'));
    const element = createServer((_request, response) => response.end(ELEMENT_PAGE));
    await new Promise<void>((done) => element.listen(port.elementPage, '127.0.0.1', done));
    return new ComposeProject({ folder, compose, addresses, mapping, element });
  }

  /** Takes about ten seconds. */
  async buildImage(): Promise<void> {
    this.#image = await buildImage(join(this.folder, 'image'));
  }

  /** What the bot's container runs. */
  get image(): Image {
    if (this.#image === undefined) throw new Error('The image is not built yet.');
    return this.#image;
  }

  service(name: string): Service {
    const service = this.compose.services[name];
    if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}.`);
    return service;
  }

  /** What a container of Synapse's image runs, with other settings than .env's if `env` has any. */
  synapseCommand(name: string, env: Record<string, string> = {}): Command {
    const { entrypoint = [], command = [], environment } = this.service(name);
    return this.#mapped({ argv: [...entrypoint, ...command], env: { ...environment, ...env }, cwd: '/' });
  }

  healthCommand(name: string): Command {
    const [kind, ...argv] = this.service(name).healthcheck?.test ?? [];
    if (kind !== 'CMD') throw new Error(`${name} has no health check of the form CMD.`);
    return this.#mapped({ argv, env: this.service(name).environment, cwd: '/' });
  }

  botCommand(argv: readonly string[]): Command {
    const command = this.image.command(argv, this.service('bot').environment);
    // The image's own paths are mapped already.
    return this.#mapped(
      command,
      this.#mapping.filter(([from]) => from !== '/data'),
    );
  }

  async startSynapse(): Promise<void> {
    this.start('synapse', this.synapseCommand('synapse'));
    await vi.waitFor(() => succeed(this.healthCommand('synapse')), POLL);
  }

  async startBot(): Promise<Running> {
    const bot = this.start('bot', this.botCommand(this.image.entrypoint));
    await bot.waitForOutput(/Ready/);
    return bot;
  }

  /** The exit status. */
  async stopBot(): Promise<number | null | undefined> {
    return await this.#running.get('bot')?.stop();
  }

  async startCaddy(): Promise<void> {
    const caddyfile = join(this.folder, 'caddy', 'Caddyfile');
    const text = readFileSync(join(ROOT, 'deploy', 'compose', 'Caddyfile'), 'utf8');
    writeFileSync(caddyfile, map(text, this.#mapping));
    const argv = [tool('caddy'), 'run', '--config', caddyfile, '--adapter', 'caddyfile'];
    const home = join(this.folder, 'caddy');
    const env = {
      HOME: home,
      XDG_DATA_HOME: home,
      XDG_CONFIG_HOME: home,
      ...this.service('caddy').environment,
    };
    const caddy = this.start('caddy', { argv, env, cwd: home });
    await caddy.waitForOutput(/serving initial configuration/);
    const [, address = ''] = /(http:\S+)/.exec(this.healthCommand('caddy').argv.at(-1) ?? '') ?? [];
    expect((await fetch(address)).status).toBe(200);
  }

  start(name: string, command: Command): Running {
    const running = new Running(command);
    this.#running.set(name, running);
    return running;
  }

  /** A file of a volume. */
  read(...path: string[]): string {
    return readFileSync(join(this.folder, ...path), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of ['caddy', 'bot', 'synapse']) await this.#running.get(name)?.stop();
    this.#element.close();
    rmSync(this.folder, { recursive: true });
  }

  #mapped(command: Command, mapping = this.#mapping): Command {
    const { argv, env, cwd } = mapCommand(command, mapping);
    const PATH = [join(this.folder, 'bin'), process.env.PATH].join(delimiter);
    return { argv, env: { ...env, PATH }, cwd };
  }
}

async function freePorts<Name extends string>(...names: Name[]): Promise<Record<Name, number>> {
  const ports = new Set<number>();
  while (ports.size < names.length) ports.add(await freePort());
  const free = [...ports];
  return Object.fromEntries(names.map((name, index) => [name, free[index]])) as Record<Name, number>;
}

/** `python3` as Synapse's image has it. */
async function putPythonWithSynapse(folder: string): Promise<void> {
  const source = await ensureSynapse();
  if (source.kind === 'external') {
    throw new Error('These tests start Synapse themselves: run them without TEST_SYNAPSE_URL.');
  }
  const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  const env = Object.entries(source.env).map(([name, value]) => `${name}=${quoted(value)}`);
  const words = ['exec', 'env', ...env, ...[source.command, ...source.args].map(quoted), '"$@"'];
  mkdirSync(folder);
  writeFileSync(join(folder, 'python3'), `#!/bin/sh\n${words.join(' ')}\n`);
  chmodSync(join(folder, 'python3'), 0o755);
}
