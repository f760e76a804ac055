// The real nginx and Caddy with the files of deploy/, in front of bots on this machine. Only ports, certificates and the
// bot's address are not those of the files.
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { map, Running, succeed } from './plainProcess.ts';
import { ROOT, tool } from './tools.ts';

export const SUBDOMAIN = 'regbot.example.org';
export const HOMESERVER = 'matrix.example.org';

export interface Behind {
  /** Where the bot behind each form listens. */
  subdomain: number;
  path: number;
  /** Where Synapse listens. */
  homeserver: number;
}

export interface Certificate {
  cert: string;
  key: string;
}

/** For both hosts; signed by itself. */
export async function makeCertificate(folder: string): Promise<Certificate> {
  const cert = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  const names = `subjectAltName=DNS:${SUBDOMAIN},DNS:${HOMESERVER}`;
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const about = ['-subj', `/CN=${SUBDOMAIN}`, '-addext', names, '-keyout', key, '-out', cert];
  await succeed({ argv: [tool('openssl'), 'req', ...kind, ...about], env: {}, cwd: folder });
  return { cert, key };
}

/** Resolves once it listens on `port` of 127.0.0.1. */
export async function startNginx(
  folder: string,
  port: number,
  behind: Behind,
  { cert, key }: Certificate,
): Promise<Running> {
  mkdirSync(folder);
  const read = (name: string, bot: number) =>
    map(readFileSync(join(ROOT, 'deploy', 'nginx', name), 'utf8'), [
      ['listen 443', `listen 127.0.0.1:${port}`],
      ['127.0.0.1:8080', `127.0.0.1:${bot}`],
      [`/etc/letsencrypt/live/${SUBDOMAIN}/fullchain.pem`, cert],
      [`/etc/letsencrypt/live/${SUBDOMAIN}/privkey.pem`, key],
    ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  const config = join(folder, 'nginx.conf');
  // With gzip, as Debian has it, for everything: the stream of events has to get through that as well.
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log stderr notice;
events {}
http {
  ${temporary.join(' ')}
  access_log off; gzip on; gzip_types *; gzip_proxied any;
  ${read('subdomain.conf', behind.subdomain)}
  server {
    listen 127.0.0.1:${port} ssl; server_name ${HOMESERVER}; ssl_certificate ${cert}; ssl_certificate_key ${key};
    ${read('path.conf', behind.path)}
    location / { return 200 "the homeserver"; }
  }
}
`,
  );
  const nginx = tool('nginx');
  const common = { env: {}, cwd: folder };
  await succeed({ ...common, argv: [nginx, '-t', '-p', folder, '-c', config] });
  const running = new Running({ ...common, argv: [nginx, '-p', folder, '-c', config] });
  await running.waitForOutput(/start worker process \d/);
  return running;
}

/** The status of what a proxy on `port` of 127.0.0.1 answers for that host. */
export async function statusOf(host: string, port: number, path: string): Promise<number | undefined> {
  return (await answerOf(host, port, path)).statusCode;
}

/**
 * Status and headers of such an answer.
 * @param client `localAddress`: one of this machine from which the request comes
 */
export async function answerOf(
  host: string,
  port: number,
  path: string,
  client: { localAddress?: string; headers?: Record<string, string> } = {},
): Promise<IncomingMessage> {
  const asked = request({
    ...client,
    host: '127.0.0.1',
    port,
    path,
    servername: host,
    headers: { host, ...client.headers },
    rejectUnauthorized: false,
  });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer;
}

/** Resolves once it listens on `port` of 127.0.0.1. */
export async function startCaddy(
  folder: string,
  port: number,
  behind: Behind,
  { cert, key }: Certificate,
): Promise<Running> {
  mkdirSync(folder);
  const read = (name: string, host: string, bot: number) =>
    map(readFileSync(join(ROOT, 'deploy', 'caddy', name), 'utf8'), [
      [`${host} {`, `https://${host}:${port} {\n\tbind 127.0.0.1\n\ttls ${cert} ${key}`],
      ['127.0.0.1:8080', `127.0.0.1:${bot}`],
      ['127.0.0.1:8008', `127.0.0.1:${behind.homeserver}`],
    ]);
  const caddyfile = join(folder, 'Caddyfile');
  const options = '{\n\tadmin off\n\tauto_https disable_redirects\n}\n';
  const sites = [
    read('subdomain.Caddyfile', SUBDOMAIN, behind.subdomain),
    read('path.Caddyfile', HOMESERVER, behind.path),
  ];
  writeFileSync(caddyfile, options + sites.join('\n'));
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const argv = [tool('caddy'), 'run', '--config', caddyfile, '--adapter', 'caddyfile'];
  const running = new Running({ argv, env, cwd: folder });
  await running.waitForOutput(/serving initial configuration/);
  return running;
}
