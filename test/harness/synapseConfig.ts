// Writes the configuration of a Synapse for tests: closed to the network, with registration by token, quick.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

export interface SynapseConfigOptions {
  /** Where everything of this server lies; created if need be. */
  dataDir: string;
  port: number;
  /** Default: what an earlier run in this folder had, or else `localhost:PORT`. */
  serverName?: string;
  /** `raised` (default): tests don't run into them; `default`: Synapse's own, which real servers have. */
  rateLimits?: 'raised' | 'default';
  /** Default `WARNING`. */
  logLevel?: 'DEBUG' | 'INFO' | 'WARNING';
  /** Top-level keys of homeserver.yaml; they win over everything here. */
  extraConfig?: Record<string, unknown>;
}

export interface WrittenConfig {
  configFile: string;
  logFile: string;
  serverName: string;
  sharedSecret: string;
}

/** What must stay the same for as long as the data is used. */
interface Kept {
  server_name: string;
  registration_shared_secret: string;
  macaroon_secret_key: string;
  form_secret: string;
  signing_key: string;
}

/** Writes homeserver.yaml and what belongs to it; secrets of an earlier run in the same folder are kept. */
export function writeSynapseConfig(options: SynapseConfigOptions): WrittenConfig {
  const { dataDir, port } = options;
  mkdirSync(dataDir, { recursive: true });
  const configFile = join(dataDir, 'homeserver.yaml');
  const logConfigFile = join(dataDir, 'log.yaml');
  const logFile = join(dataDir, 'homeserver.log');
  const earlier = existsSync(configFile) ? (parse(readFileSync(configFile, 'utf8')) as Partial<Kept>) : {};
  const kept: Kept = {
    server_name: options.serverName ?? earlier.server_name ?? `localhost:${port}`,
    registration_shared_secret: earlier.registration_shared_secret ?? secret(),
    macaroon_secret_key: earlier.macaroon_secret_key ?? secret(),
    form_secret: earlier.form_secret ?? secret(),
    signing_key: earlier.signing_key ?? signingKey(),
  };
  const config = {
    ...kept,
    public_baseurl: `http://127.0.0.1:${port}/`,
    listeners: [
      {
        type: 'http',
        tls: false,
        port,
        bind_addresses: ['127.0.0.1'],
        // `federation` has /_matrix/federation/v1/openid/userinfo, by which the widget's user is known.
        resources: [{ names: ['client', 'federation'], compress: false }],
      },
    ],
    database: { name: 'sqlite3', args: { database: join(dataDir, 'homeserver.db') } },
    media_store_path: join(dataDir, 'media'),
    pid_file: join(dataDir, 'homeserver.pid'),
    log_config: logConfigFile,
    report_stats: false,
    enable_registration: true,
    registration_requires_token: true,
    bcrypt_rounds: 4,
    presence: { enabled: false },
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    federation_domain_whitelist: [],
    ...(options.rateLimits === 'default' ? {} : raisedRateLimits()),
    ...options.extraConfig,
  };
  // Passwords and keys of the server; the demo's need protection too.
  writeFileSync(configFile, stringify(config), { mode: 0o600 });
  writeFileSync(logConfigFile, stringify(logConfig(logFile, options.logLevel ?? 'WARNING')));
  return {
    configFile,
    logFile,
    serverName: config.server_name,
    sharedSecret: config.registration_shared_secret,
  };
}

/** The port that an earlier run in `dataDir` listened on, if there was one. */
export function earlierPort(dataDir: string): number | undefined {
  const configFile = join(dataDir, 'homeserver.yaml');
  if (!existsSync(configFile)) return undefined;
  const config = parse(readFileSync(configFile, 'utf8')) as { listeners?: { port?: number }[] };
  return config.listeners?.[0]?.port;
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

/** In signedjson's format: algorithm, key's name, seed in unpadded base64. */
function signingKey(): string {
  const { d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const seed = Buffer.from(String(d), 'base64url').toString('base64').replace(/=+$/, '');
  return `ed25519 a_${randomBytes(2).toString('hex')} ${seed}`;
}

function raisedRateLimits(): Record<string, unknown> {
  const limit = { per_second: 10_000, burst_count: 10_000 };
  return {
    rc_message: limit,
    rc_registration: limit,
    rc_registration_token_validity: limit,
    rc_login: { address: limit, account: limit, failed_attempts: limit },
    rc_admin_redaction: limit,
    rc_joins: { local: limit, remote: limit },
    rc_joins_per_room: limit,
    rc_invites: { per_room: limit, per_user: limit, per_issuer: limit },
    rc_room_creation: limit,
    rc_key_requests: limit,
    rc_media_create: limit,
    rc_delayed_event_mgmt: limit,
    rc_reports: limit,
    rc_user_directory: limit,
    rc_profile: limit,
  };
}

function logConfig(logFile: string, level: string): Record<string, unknown> {
  return {
    version: 1,
    disable_existing_loggers: false,
    formatters: { plain: { format: '%(asctime)s %(levelname)s %(name)s - %(message)s' } },
    handlers: {
      file: { class: 'logging.FileHandler', filename: logFile, formatter: 'plain', encoding: 'utf8' },
    },
    root: { level, handlers: ['file'] },
  };
}
