// docker-compose.yml and the Dockerfile: what their containers run, run as plain processes.
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import { Person } from '../harness/person.ts';
import { registerWithToken } from '../harness/users.ts';
import { readCompose } from './composeFile.ts';
import { ComposeProject, ELEMENT_PAGE } from './composeProject.ts';
import { runToEnd, succeed } from './plainProcess.ts';
import { ROOT } from './tools.ts';

/** Without Node and its system. docs/deploy.md says what it goes to. */
const IMAGE_BUDGET_BYTES = 60_000_000;

let project: ComposeProject;
// One login and one room for all: Synapse has its own rate limits here.
let admin: Person;
let chat: Conversation;

beforeAll(async () => {
  project = await ComposeProject.create();
  await Promise.all([project.buildImage(), startHomeserver()]);
  await Promise.all([project.startBot(), project.startCaddy()]);
  admin = await signIn();
  chat = await Conversation.start(admin, botId());
});

afterAll(async () => {
  admin?.stop();
  await project?.[Symbol.asyncDispose]();
});

async function startHomeserver(): Promise<void> {
  await succeed(project.synapseCommand('prepare'));
  await project.startSynapse();
  await succeed(project.synapseCommand('accounts'));
}

function secrets(): Record<string, string> {
  const files = {
    admin: ['synapse', 'admin_password'],
    bot: ['bot-secret', 'password'],
    postgres: ['postgres-secret', 'password'],
  };
  return Object.fromEntries(Object.entries(files).map(([name, path]) => [name, project.read(...path)]));
}

/** The admin, through Caddy. */
async function signIn(): Promise<Person> {
  const { ADMIN_USERNAME = '' } = project.service('accounts').environment;
  return await Person.login(project.addresses.matrix, ADMIN_USERNAME, secrets().admin?.trim() ?? '');
}

function botId(): string {
  const { MATRIX_SERVER_NAME, BOT_USERNAME } = project.service('accounts').environment;
  return `@${BOT_USERNAME}:${MATRIX_SERVER_NAME}`;
}

describe('what `docker compose up` starts', () => {
  test('the admin creates a token, a guest registers with it, and the guest may not manage tokens', async () => {
    const { matrix } = project.addresses;
    const { body } = await chat.ask('create from-compose');
    expect(body).toContain('from-compose');
    const details = { username: 'friend', password: 'correct horse battery', token: 'from-compose' };
    const friend = await registerWithToken(matrix, details);
    expect(friend.userId).toBe(`@friend:${project.service('accounts').environment.MATRIX_SERVER_NAME}`);
    const again = registerWithToken(matrix, { ...details, username: 'second' });
    await expect(again).rejects.toMatchObject({ status: 401 });
    using person = await Person.withCredentials(matrix, friend);
    const asFriend = await Conversation.start(person, botId());
    expect(await asFriend.greeting()).toContain('You may not manage them.');
  });

  test('the homeserver’s rate limits don’t hold for the bot, and no login is left of lifting them', async () => {
    const { body } = await chat.ask('status');
    expect(body).toContain('✅ Rate limit: the homeserver does not limit how fast the bot may answer.');
    const devices = await requestJson<{ total: number }>(
      String(project.synapseCommand('accounts').env.SYNAPSE_URL),
      'GET',
      `/_synapse/admin/v2/users/${encodeURIComponent(botId())}/devices`,
      { accessToken: admin.accessToken },
    );
    // One came with the registration, the other is the bot's.
    expect(devices.total).toBe(2);
  });

  test('nobody registers without a token', async () => {
    const path = `${project.addresses.matrix}/_matrix/client/v3/register`;
    const answer = await fetch(path, { method: 'POST', body: '{}' });
    const { flows } = (await answer.json()) as { flows: { stages: string[] }[] };
    expect(flows).not.toEqual([]);
    for (const { stages } of flows) expect(stages).toContain('m.login.registration_token');
  });

  test('the widget is served, and put into the room with the address that browsers know', async () => {
    const { widget } = project.addresses;
    const page = await fetch(`${widget}/widget/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<script');
    const event = await admin.waitForEvent(
      chat.roomId,
      (candidate) => candidate.getType() === 'im.vector.modular.widgets',
      'the widget',
    );
    expect(String(event.getContent().url)).toMatch(new RegExp(`^${widget}/widget/`));
  });

  test('the bot trusts Caddy, whichever of its networks Docker gives them', async () => {
    const networks = project.service('bot').environment.WEB_TRUSTED_PROXIES;
    // Docker's default pools.
    expect(networks?.split(',')).toEqual(['172.16.0.0/12', '192.168.0.0/16']);
    const health = await fetch(`${project.addresses.widget}/health/live`);
    expect(await health.json()).toEqual({ status: 'ok' });
  });

  test('Element learns where the homeserver is; the rest comes from its own container', async () => {
    const { element, matrix } = project.addresses;
    for (const path of ['/config.json', '/config.localhost.json']) {
      const config = await requestJson(element, 'GET', path);
      const { MATRIX_SERVER_NAME: server_name } = project.service('caddy').environment;
      expect(config.default_server_config).toEqual({ 'm.homeserver': { base_url: matrix, server_name } });
    }
    const page = await fetch(element);
    expect(await page.text()).toBe(ELEMENT_PAGE);
    expect(page.headers.get('content-security-policy')).toBe("frame-ancestors 'self'");
  });

  test('other servers and clients get the public address; the admin API is not exposed', async () => {
    const { matrix } = project.addresses;
    const known = await requestJson(matrix, 'GET', '/.well-known/matrix/client');
    expect(known['m.homeserver']).toEqual({ base_url: `${matrix}/` });
    for (const path of ['/_synapse/admin/v1/server_version', '/_synapse/admin/v1/register', '/health']) {
      expect((await fetch(matrix + path)).status, path).toBe(404);
    }
  });

  test('the bot is healthy while it runs, and stops on SIGTERM', async () => {
    const health = project.botCommand(project.image.healthcheck);
    expect(await runToEnd(health)).toEqual({ status: 0, output: '' });
    expect(await project.stopBot()).toBe(0);
    await project.startBot();
    const check = await runToEnd(project.botCommand([...project.image.entrypoint, '--check']));
    expect(check.output).toContain('Token API');
    expect(check.status).toBe(0);
  });
});

describe('repeated', () => {
  test('nothing changes: neither passwords nor keys nor accounts', async () => {
    const before = secrets();
    for (const secret of Object.values(before)) expect(secret).toMatch(/^[\w-]{32}\n$/);
    expect(new Set(Object.values(before)).size).toBe(3);
    const config = project.read('synapse', 'homeserver.yaml');
    await succeed(project.synapseCommand('prepare', { ADMIN_PASSWORD: 'too late' }));
    await succeed(project.synapseCommand('accounts'));
    expect(secrets()).toEqual(before);
    expect(project.read('synapse', 'homeserver.yaml')).toBe(config);
    (await signIn()).stop();
  });

  test('another name than that of the first start is refused, with what to do', async () => {
    const { status, output } = await runToEnd(
      project.synapseCommand('prepare', { MATRIX_SERVER_NAME: 'other.example' }),
    );
    expect(status).toBe(1);
    expect(output).toMatch(/MATRIX_SERVER_NAME is other\.example, but this homeserver was made as another/);
    expect(output).toContain('docker compose down --volumes');
  });

  test('secrets can be read by their owner only', () => {
    const mode = (...path: string[]) => statSync(join(project.folder, ...path)).mode & 0o777;
    expect(mode('synapse', 'admin_password')).toBe(0o600);
    expect(mode('synapse', 'homeserver.yaml')).toBe(0o600);
    expect(mode('bot-secret', 'password')).toBe(0o440);
    expect(mode('postgres-secret', 'password')).toBe(0o600);
  });
});

describe('the files', () => {
  test('Compose reads them the same with .env.example and without', async () => {
    const lines = readFileSync(join(ROOT, '.env.example'), 'utf8').matchAll(/^(\w+)=(.*)$/gm);
    const example = Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
    expect(await readCompose(example)).toEqual(await readCompose());
  });

  test('PostgreSQL comes with its profile, and Synapse uses it then', async () => {
    const { services } = await readCompose({ COMPOSE_PROFILES: 'postgres' });
    const { postgres } = services;
    expect(postgres?.environment.POSTGRES_PASSWORD_FILE).toBe('/secrets/postgres/password');
    const { COMPOSE_PROFILES = '' } = services.prepare?.environment ?? {};
    await succeed(project.synapseCommand('prepare', { COMPOSE_PROFILES }));
    const settings = project.read('synapse', 'compose.yaml');
    await succeed(project.synapseCommand('prepare'));
    expect(settings).toContain(`password: "${secrets().postgres?.trim()}"`);
    expect(settings).toContain('host: "postgres"');
    expect(project.read('synapse', 'compose.yaml')).not.toContain('psycopg2');
  });

  test('the image holds what runs, within its budget, and nothing of the development', () => {
    const app = join(project.folder, 'image', 'app');
    const files = readdirSync(app, { recursive: true, encoding: 'utf8' });
    const own = files.filter((file) => !file.startsWith('node_modules/'));
    expect(own).toContain('widget/dist/index.html');
    expect(own.filter((file) => /\.test\.ts$|^test\//.test(file))).toEqual([]);
    expect(own.filter((file) => file.startsWith('widget/') && !file.startsWith('widget/dist'))).toEqual([]);
    for (const name of ['vite', 'typescript', 'preact', 'node']) {
      expect(files).not.toContain(`node_modules/${name}`);
    }
    expect(files.some((file) => file.startsWith('node_modules/.cache/compile/'))).toBe(true);
    // Blocks of 512 bytes, as the disk counts.
    const bytes = files.reduce((sum, file) => sum + lstatSync(join(app, file)).blocks * 512, 0);
    expect(bytes).toBeLessThan(IMAGE_BUDGET_BYTES);
  });

  test('what stays comes back by itself, what runs once does not; images have a version', () => {
    for (const [name, { restart, image }] of Object.entries(project.compose.services)) {
      expect(restart, name).toBe(['prepare', 'accounts'].includes(name) ? 'no' : 'unless-stopped');
      if (name !== 'bot') expect(image, name).toMatch(/:v?\d+\.\d+(\.\d+)?$/);
    }
  });
});
