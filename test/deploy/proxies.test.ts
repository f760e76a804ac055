// The widget in Chromium, through each of the reverse proxies of deploy/.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { en } from '../../widget/src/i18n/en.ts';
import { launchChromium } from '../browser/harness/chromium.ts';
import { ClientPage } from '../browser/harness/clientPage.ts';
import { type ClientPageServer, serveClientPage, writeLink } from '../client/clientPage.ts';
import { Conversation } from '../harness/conversation.ts';
import { freePort } from '../harness/freePort.ts';
import { TestServer } from '../harness/testServer.ts';
import type { Running } from './plainProcess.ts';
import {
  answerOf,
  HOMESERVER,
  makeCertificate,
  SUBDOMAIN,
  startCaddy,
  startNginx,
  statusOf,
} from './proxies.ts';
import { ROOT } from './tools.ts';

const FORMS = [
  ['nginx', 'subdomain'],
  ['nginx', 'path'],
  ['caddy', 'subdomain'],
  ['caddy', 'path'],
] as const;
type Proxy = (typeof FORMS)[number][0];
type Form = (typeof FORMS)[number][1];

const folder = mkdtempSync(join(tmpdir(), 'regbot-proxies-'));
const proxies: Running[] = [];
const ports: Record<Proxy, number> = { nginx: 0, caddy: 0 };
const botPorts = new Map<string, number>();
let server: TestServer;
let pages: ClientPageServer;
let browser: Browser;

beforeAll(async () => {
  for (const [proxy, form] of FORMS) {
    ports[proxy] = await freePort();
    botPorts.set(`${proxy} ${form}`, await freePort());
  }
  const certificate = await makeCertificate(folder);
  server = await TestServer.start();
  const behind = (proxy: Proxy) => ({
    subdomain: botPorts.get(`${proxy} subdomain`) ?? 0,
    path: botPorts.get(`${proxy} path`) ?? 0,
    homeserver: Number(new URL(server.baseUrl).port),
  });
  const rules = [SUBDOMAIN, HOMESERVER].map((host) => `MAP ${host} 127.0.0.1`).join(',');
  const start = { nginx: startNginx, caddy: startCaddy };
  const starting = (['nginx', 'caddy'] as const).map(async (proxy) =>
    proxies.push(await start[proxy](join(folder, proxy), ports[proxy], behind(proxy), certificate)),
  );
  [pages, browser] = await Promise.all([
    serveClientPage(),
    launchChromium([`--host-resolver-rules=${rules}`]),
    ...starting,
  ]);
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
  await server?.[Symbol.asyncDispose]();
  for (const proxy of proxies) await proxy.stop();
  rmSync(folder, { recursive: true });
});

function publicUrl(proxy: Proxy, form: Form): string {
  return form === 'subdomain'
    ? `https://${SUBDOMAIN}:${ports[proxy]}`
    : `https://${HOMESERVER}:${ports[proxy]}/regbot`;
}

test.each(FORMS)(
  '%s, %s: the widget signs in, shows, creates, follows and takes back',
  async (proxy, form) => {
    const url = publicUrl(proxy, form);
    const bot = await server.startBot({
      localpart: `bot-${proxy}-${form}`,
      settings: {
        WIDGET_PUBLIC_URL: url,
        WIDGET_LISTEN: `127.0.0.1:${botPorts.get(`${proxy} ${form}`)}`,
      },
    });
    const person = await server.person(`${proxy}-${form}`);
    const { roomId: room } = await Conversation.start(person, bot.userId);
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 1200, height: 900 },
    });
    context.setDefaultTimeout(15_000);
    const { userId: user, accessToken: token } = person;
    const link = writeLink({ homeserver: server.baseUrl, user, token, room });
    const client = await ClientPage.open(context, pages.address + link, { widgetUrl: url });
    const { widget } = client;
    await client.openWidget();

    const created = await widget.quickCreate();
    await widget.shows(created);
    expect(await server.admin.getToken(created)).toMatchObject({ uses_allowed: 1 });
    // Created past the bot: only the event stream can bring it.
    const elsewhere = `made-elsewhere-${proxy}-${form}`;
    await server.admin.createToken({ token: elsewhere });
    await widget.shows(elsewhere);

    const pattern = `@a/b%2F:${server.serverName}`;
    await widget.tab('Access').click();
    await widget.frame.getByLabel(en.access.pattern).fill(pattern);
    await widget.button(en.access.addButton).click();
    await widget.button(`Remove ${pattern}`).click();
    await widget.dialog().getByRole('button', { name: en.remove, exact: true }).click();
    await widget.button(`Remove ${pattern}`).waitFor({ state: 'detached' });
    expect(bot.access.policy.patterns.map(({ text }) => text)).toEqual([user]);
    expect(client.errors).toEqual([]);
    await context.close();
    await bot.stop();
  },
);

test.each(FORMS)('%s, %s: the bot tells clients apart, whatever they claim', async (proxy, form) => {
  const bot = await server.startBot({
    localpart: `limits-${proxy}-${form}`,
    settings: {
      WIDGET_PUBLIC_URL: publicUrl(proxy, form),
      WIDGET_LISTEN: `127.0.0.1:${botPorts.get(`${proxy} ${form}`)}`,
    },
  });
  const { hostname, pathname } = new URL(`${publicUrl(proxy, form)}/api/v1/tokens`);
  const left = async (localAddress: string, claimed: string) => {
    const headers = { 'x-forwarded-for': claimed };
    const answer = await answerOf(hostname, ports[proxy], pathname, { localAddress, headers });
    expect(answer.statusCode).toBe(401);
    return Number(/remaining=(\d+)/.exec(String(answer.headers.ratelimit))?.[1]);
  };
  expect(await left('127.0.0.2', '198.51.100.1')).toBe(119);
  expect(await left('127.0.0.2', '198.51.100.2')).toBe(118);
  expect(await left('127.0.0.3', '198.51.100.2')).toBe(119);
  expect(bot.logLines.filter((line) => line.includes('web.trusted_proxies'))).toEqual([]);
  await bot.stop();
});

test('caddy, path: Synapse is reached through it, its admin API is not', async () => {
  const admin = '/_synapse/admin/v1/server_version';
  expect((await fetch(server.baseUrl + admin)).status).toBe(200);
  const status = (path: string) => statusOf(HOMESERVER, ports.caddy, path);
  expect(await status('/_matrix/client/versions')).toBe(200);
  // In whatever way it is written.
  const paths = [admin, '/_synapse//admin/v1/server_version', '/_matrix/../_synapse/admin/v1/server_version'];
  for (const path of [
    ...paths,
    '/_synapse/%61dmin/v1/server_version',
    '/_matrix/%2e%2e/_synapse/admin/v1/server_version',
  ])
    expect(await status(path), path).toBe(404);
});

test.each(['subdomain', 'path'] as const)('Traefik, %s: the labels lead to the port of the image', (form) => {
  const text = readFileSync(join(ROOT, 'deploy', 'traefik', `${form}.yml`), 'utf8');
  type Service = Record<'labels' | 'environment', Record<string, string>>;
  const { labels, environment } = (parse(text) as { services: { bot: Service } }).services.bot;
  const prefix = 'traefik.http.routers.regbot.';
  const host = form === 'subdomain' ? SUBDOMAIN : HOMESERVER;
  expect(labels[`${prefix}rule`]).toContain(`Host(\`${host}\`)`);
  // Docker's own networks, in one of which Traefik stands.
  expect(environment.WEB_TRUSTED_PROXIES).toBe('172.16.0.0/12,192.168.0.0/16');
  expect(labels['traefik.http.services.regbot.loadbalancer.server.port']).toBe('8080');
  const middleware = labels[`${prefix}middlewares`];
  if (form === 'path') {
    expect(labels[`traefik.http.middlewares.${middleware}.stripprefix.prefixes`]).toBe('/regbot');
    expect(labels[`${prefix}rule`]).toContain('PathPrefix(`/regbot/`)');
  } else expect(middleware).toBeUndefined();
});
