// docker-compose.yml and the Dockerfile: what their containers run, run as plain processes.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestJson } from '../harness/matrixHttp.ts';
import { Person } from '../harness/person.ts';
import { Conversation } from '../harness/scene.ts';
import { registerWithToken } from '../harness/users.ts';
import { readCompose } from './composeFile.ts';
import { ComposeWorld, ELEMENT_PAGE } from './composeWorld.ts';
import { runToEnd, succeed } from './plainProcess.ts';
import { ROOT } from './tools.ts';

let world: ComposeWorld;

beforeAll(async () => {
  world = await ComposeWorld.create();
  const image = world.buildImage();
  await succeed(world.synapseCommand('prepare'));
  await world.startSynapse();
  await succeed(world.synapseCommand('accounts'));
  await image;
  await Promise.all([world.startBot(), world.startCaddy()]);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

function secrets(): Record<string, string> {
  const files = {
    admin: ['synapse', 'admin_password'],
    bot: ['bot-secret', 'password'],
    postgres: ['postgres-secret', 'password'],
  };
  return Object.fromEntries(Object.entries(files).map(([name, path]) => [name, world.read(...path)]));
}

async function admin(): Promise<Person> {
  const name = world.service('accounts').environment.ADMIN_USERNAME ?? '';
  return await Person.login(world.addresses.matrix, name, secrets().admin?.trim() ?? '');
}

describe('what `docker compose up` starts', () => {
  test('the admin signs in through Caddy and gets a token of the bot, with which somebody registers', async () => {
    const { matrix } = world.addresses;
    using person = await admin();
    const { MATRIX_SERVER_NAME: server, BOT_USERNAME: bot } = world.service('accounts').environment;
    const chat = await Conversation.start(person, `@${bot}:${server}`);
    const { body } = await chat.ask('create from-compose');
    expect(body).toContain('from-compose');
    const details = { username: 'friend', password: 'correct horse battery', token: 'from-compose' };
    expect((await registerWithToken(matrix, details)).userId).toBe(`@friend:${server}`);
    const again = registerWithToken(matrix, { ...details, username: 'second' });
    await expect(again).rejects.toMatchObject({ status: 401 });
  });

  test('who is not named may not manage tokens', async () => {
    const { ACCESS_ALLOW } = world.service('bot').environment;
    const { ADMIN_USERNAME, MATRIX_SERVER_NAME } = world.service('accounts').environment;
    expect(ACCESS_ALLOW).toBe(`@${ADMIN_USERNAME}:${MATRIX_SERVER_NAME}`);
  });

  test('the widget is served, and put into the room with the address that browsers know', async () => {
    const { widget } = world.addresses;
    const page = await fetch(`${widget}/widget/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<script');
    using person = await admin();
    const { MATRIX_SERVER_NAME: server, BOT_USERNAME: bot } = world.service('accounts').environment;
    const { roomId } = await person.startDirectRoom(`@${bot}:${server}`);
    const event = await person.waitForEvent(
      roomId,
      (candidate) => candidate.getType() === 'im.vector.modular.widgets',
      'the widget',
    );
    expect(String(event.getContent().url)).toMatch(new RegExp(`^${widget}/widget/`));
  });

  test('Element learns where the homeserver is; the rest comes from its own container', async () => {
    const { element, matrix } = world.addresses;
    for (const path of ['/config.json', '/config.localhost.json']) {
      const config = await requestJson(element, 'GET', path);
      const { MATRIX_SERVER_NAME: server_name } = world.service('caddy').environment;
      expect(config.default_server_config).toEqual({ 'm.homeserver': { base_url: matrix, server_name } });
    }
    const page = await fetch(element);
    expect(await page.text()).toBe(ELEMENT_PAGE);
    expect(page.headers.get('content-security-policy')).toBe("frame-ancestors 'self'");
  });

  test('other servers and clients are told the public address; the admin API stays inside', async () => {
    const { matrix } = world.addresses;
    const known = await requestJson(matrix, 'GET', '/.well-known/matrix/client');
    expect(known['m.homeserver']).toEqual({ base_url: `${matrix}/` });
    for (const path of ['/_synapse/admin/v1/server_version', '/_synapse/admin/v1/register', '/health']) {
      expect((await fetch(matrix + path)).status, path).toBe(404);
    }
  });

  test('the bot is healthy while it runs, and stops on SIGTERM', async () => {
    const health = world.botCommand(world.image.healthcheck);
    expect(await runToEnd(health)).toEqual({ status: 0, output: '' });
    expect(await world.stopBot()).toBe(0);
    await world.startBot();
    const check = await runToEnd(world.botCommand([...world.image.entrypoint, '--check']));
    expect(check.output).toContain('Token API');
    expect(check.status).toBe(0);
  });
});

describe('repeated', () => {
  test('nothing changes: neither passwords nor keys nor accounts', async () => {
    const before = secrets();
    for (const secret of Object.values(before)) expect(secret).toMatch(/^[\w-]{32}\n$/);
    expect(new Set(Object.values(before)).size).toBe(3);
    const config = world.read('synapse', 'homeserver.yaml');
    await succeed(world.synapseCommand('prepare', { ADMIN_PASSWORD: 'too late' }));
    await succeed(world.synapseCommand('accounts'));
    expect(secrets()).toEqual(before);
    expect(world.read('synapse', 'homeserver.yaml')).toBe(config);
    (await admin()).stop();
  });

  test('another name than that of the first start is refused, with what to do', async () => {
    const { status, output } = await runToEnd(
      world.synapseCommand('prepare', { MATRIX_SERVER_NAME: 'other.example' }),
    );
    expect(status).toBe(1);
    expect(output).toMatch(/MATRIX_SERVER_NAME is other\.example, but this homeserver was made as another/);
    expect(output).toContain('docker compose down --volumes');
  });

  test('secrets are nobody else’s', () => {
    const mode = (...path: string[]) => statSync(join(world.folder, ...path)).mode & 0o777;
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
    await succeed(world.synapseCommand('prepare', { COMPOSE_PROFILES }));
    const settings = world.read('synapse', 'compose.yaml');
    await succeed(world.synapseCommand('prepare'));
    expect(settings).toContain(`password: "${secrets().postgres?.trim()}"`);
    expect(settings).toContain('host: "postgres"');
    expect(world.read('synapse', 'compose.yaml')).not.toContain('psycopg2');
  });

  test('what stays comes back by itself, what runs once does not; images have a version', () => {
    for (const [name, { restart, image }] of Object.entries(world.compose.services)) {
      expect(restart, name).toBe(['prepare', 'accounts'].includes(name) ? 'no' : 'unless-stopped');
      if (name !== 'bot') expect(image, name).toMatch(/:v?\d+\.\d+(\.\d+)?$/);
    }
  });
});
