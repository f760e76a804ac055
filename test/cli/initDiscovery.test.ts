// How `init` finds a homeserver by its name, and takes secrets from standard input.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { temporaryDataDir } from '../harness/botProcess.ts';
import { npmStartArguments } from '../harness/npmStart.ts';
import { useTestServer } from '../harness/suite.ts';
import { runCli } from './runCli.ts';

/** A key and a certificate for localhost, used by nothing but tests. */
const PEM = join(import.meta.dirname, '..', 'harness', 'localhost.pem');

const server = useTestServer();
let web: Server;
let name: string;
/** What the web site answers at its .well-known. */
let wellKnown: { status: number; body: string };
let asked: string[];

beforeAll(async () => {
  const pem = readFileSync(PEM);
  web = createServer({ key: pem, cert: pem }, (request, response) => {
    asked.push(request.url ?? '');
    const isWellKnown = request.url === '/.well-known/matrix/client';
    const homeserver = { status: 404, body: '{"errcode":"M_UNRECOGNIZED","error":"no"}' };
    const { status, body } = isWellKnown ? wellKnown : homeserver;
    // As many web sites serve it: a file without an extension.
    response.writeHead(status, { 'content-type': 'application/octet-stream' }).end(body);
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  name = `localhost:${(web.address() as AddressInfo).port}`;
});

afterAll(async () => {
  web?.close();
  await server?.[Symbol.asyncDispose]();
});

afterEach(() => {
  asked = [];
});
asked = [];

async function init(server: string) {
  const settings = { BOT_USERNAME: 'nobody', BOT_PASSWORD: 'x', NODE_EXTRA_CA_CERTS: PEM };
  return await runCli(['init', '--server', server, '--allow', 'homeserver', '--public-url', 'none'], {
    settings,
  });
}

test.each(['', '@me:'])(
  'the name of a server (%s…) leads to the address that its web site names',
  async (before) => {
    wellKnown = {
      status: 200,
      body: JSON.stringify({ 'm.homeserver': { base_url: `${server.baseUrl}/` } }),
    };
    const { stderr } = await init(before + name);
    expect(stderr).toContain(`The homeserver at ${server.baseUrl} does not accept bot.password of nobody.`);
    expect(asked).toEqual(['/.well-known/matrix/client']);
  },
);

test('a server without .well-known is used itself', async () => {
  wellKnown = { status: 404, body: '<h1>Not Found</h1>' };
  await init(name);
  expect(asked).toContain('/_matrix/client/versions');
});

test.each([
  [
    'what is no address',
    '{"m.homeserver":{"base_url":"matrix.example.org"}}',
    /names "matrix\.example\.org", which is no/,
  ],
  [
    'an address where no homeserver is',
    '{"m.homeserver":{"base_url":"http://127.0.0.1:9"}}',
    /nothing listens there/,
  ],
])('a .well-known file that names %s is reported', async (_, body, words) => {
  wellKnown = { status: 200, body };
  const { status, stderr } = await init(name);
  expect(status).toBe(1);
  expect(stderr).toMatch(words);
});

test('an unreachable server and an invalid server name are reported', async () => {
  expect((await init('matrix.invalid')).stderr).toMatch(
    /matrix\.invalid can’t be reached \(its name can’t be/,
  );
  expect((await init('my server')).stderr).toMatch(/"my server" is neither a server name nor an address/);
});

test('secrets can come from standard input', async () => {
  const own = await server.botAccount();
  const cwd = temporaryDataDir();
  const args = ['init', '--server', server.baseUrl, '--username', own.localpart, '--secrets-stdin'];
  execFileSync(
    process.execPath,
    [...npmStartArguments(), ...args, '--allow', 'homeserver', '--public-url', 'none'],
    {
      cwd,
      env: { PATH: process.env.PATH },
      input: `# of the bot\nBOT_PASSWORD=${own.password}\n`,
    },
  );
  const text = readFileSync(join(cwd, 'config.yml'), 'utf8');
  expect(text).toContain(own.password);
  expect(text).toMatch(/^ {2}#allow: /m);
});
