import { describe, expect, test } from 'vitest';
import { fileError, load, loaded, MINIMUM, problemsOf, withEnv } from './testSources.ts';

/** Made for this test. */
const RECOVERY_KEY = 'EsTL ktY3 2pmw 6dTF MvpQ gP7R GT7A 8vB4 Nym3 mvah UsWe gPcg';

describe('the values in force', () => {
  test('the address and a credential are enough; everything else has its default', () => {
    expect(loaded({}).config).toEqual({
      bot: {
        server: 'https://matrix.example.org',
        username: undefined,
        password: undefined,
        access_token: 'syt_bot',
        prefix: '',
        language: 'en',
        data_dir: '/srv/bot/data',
        accept_invites: 'homeserver',
        encryption: true,
        trust: 'any',
        most_members: 50,
        recovery_key: undefined,
        reset_identity: false,
      },
      api: {
        backend: 'auto',
        base_url: 'https://matrix.example.org',
        token: undefined,
        username: undefined,
        password: undefined,
      },
      access: { default: 'homeserver', allow: [], deny: ['@_.*'] },
      widget: {
        enabled: true,
        listen: { host: '127.0.0.1', port: 8080 },
        public_url: undefined,
        layout: 'top',
        frame_ancestors: ['*'],
        openid_url: 'https://matrix.example.org',
      },
      web: { trusted_proxies: ['127.0.0.1/32', '::1/128'] },
      metrics: { listen: undefined },
      tokens: { default_uses: 1, default_expiry: 604_800_000, length: 16 },
      confirm_timeout: 300_000,
      logging: { level: 'info', format: 'pretty' },
    });
    expect(loaded({}).warnings).toEqual([]);
  });

  test("the predecessor's file works without a warning", () => {
    const yaml = `bot:
  server: 'https://synapse.example.com'
  username: 'registration-bot'
  password: 'verysecurepassword'
  prefix: '!'
api:
  base_url: 'https://admin.example.com'
  token: 'syt_admin'
logging:
  level: ERROR
`;
    const { config, warnings } = loaded({ yaml, env: {} });
    expect(config.bot).toMatchObject({
      username: 'registration-bot',
      password: 'verysecurepassword',
      prefix: '!',
    });
    expect(config.api).toMatchObject({ base_url: 'https://admin.example.com', token: 'syt_admin' });
    expect(config.logging.level).toBe('error');
    expect(warnings).toEqual([]);
  });

  test('every key can be set by its environment variable', () => {
    const { config } = loaded({
      env: {
        BOT_SERVER: 'https://hs.example.org/',
        BOT_USERNAME: '@bot:example.org',
        BOT_PASSWORD: ' pass word ',
        BOT_PREFIX: '!',
        BOT_LANGUAGE: 'de',
        BOT_DATA_DIR: '/var/lib/bot',
        BOT_ACCEPT_INVITES: 'allowed',
        BOT_ENCRYPTION: 'on',
        BOT_TRUST: 'signed',
        BOT_RECOVERY_KEY: RECOVERY_KEY,
        BOT_RESET_IDENTITY: 'yes',
        API_BACKEND: 'synapse',
        API_BASE_URL: 'http://synapse:8008',
        API_TOKEN: 'syt_admin',
        API_USERNAME: 'admin',
        ACCESS_DEFAULT: 'nobody',
        ACCESS_ALLOW: '@a:example.org, @b:example.org,',
        ACCESS_DENY: '@irc_.*',
        WIDGET_ENABLED: 'TRUE',
        WIDGET_LISTEN: '[::]:9000',
        WIDGET_PUBLIC_URL: 'https://bot.example.org/',
        WIDGET_LAYOUT: 'right',
        WIDGET_FRAME_ANCESTORS: "https://app.element.io,'self'",
        WIDGET_OPENID_URL: 'http://synapse:8009',
        WEB_TRUSTED_PROXIES: '127.0.0.1, 172.18.0.0/16',
        METRICS_LISTEN: '9464',
        TOKENS_DEFAULT_USES: 'unlimited',
        TOKENS_DEFAULT_EXPIRY: 'never',
        TOKENS_LENGTH: '24',
        CONFIRM_TIMEOUT: '90s',
        LOGGING_LEVEL: 'WARNING',
        LOGGING_FORMAT: 'json',
      },
    });
    expect(config).toEqual({
      bot: {
        server: 'https://hs.example.org',
        username: '@bot:example.org',
        password: ' pass word ',
        access_token: undefined,
        prefix: '!',
        language: 'de',
        data_dir: '/var/lib/bot',
        accept_invites: 'allowed',
        encryption: true,
        trust: 'signed',
        most_members: 50,
        recovery_key: RECOVERY_KEY,
        reset_identity: true,
      },
      api: {
        backend: 'synapse',
        base_url: 'http://synapse:8008',
        token: 'syt_admin',
        username: 'admin',
        password: undefined,
      },
      access: { default: 'nobody', allow: ['@a:example.org', '@b:example.org'], deny: ['@irc_.*'] },
      widget: {
        enabled: true,
        listen: { host: '::', port: 9000 },
        public_url: 'https://bot.example.org',
        layout: 'right',
        frame_ancestors: ['https://app.element.io', "'self'"],
        openid_url: 'http://synapse:8009',
      },
      web: { trusted_proxies: ['127.0.0.1', '172.18.0.0/16'] },
      metrics: { listen: { host: '127.0.0.1', port: 9464 } },
      tokens: { default_uses: null, default_expiry: null, length: 24 },
      confirm_timeout: 90_000,
      logging: { level: 'warn', format: 'json' },
    });
  });

  test('the environment wins over the file', () => {
    const { config } = loaded({
      yaml: 'bot: { server: "https://file.example.org", prefix: "?" }\n',
      env: { ...MINIMUM, BOT_SERVER: 'https://env.example.org' },
    });
    expect(config.bot).toMatchObject({ server: 'https://env.example.org', prefix: '?' });
    expect(config.api.base_url).toBe('https://env.example.org');
  });

  test('a wrong value in the file does not matter if the environment sets the key', () => {
    const { config } = loaded({ yaml: 'tokens: { length: five }\n', ...withEnv({ TOKENS_LENGTH: '20' }) });
    expect(config.tokens.length).toBe(20);
  });

  test('empty counts as not given, in the environment and in the file', () => {
    const { config } = loaded({
      yaml: 'bot:\n  prefix: "!"\n  username:\n  password: null\ntokens:\n  length: ~\n  default_uses: null\napi:\n',
      ...withEnv({ BOT_PREFIX: '', BOT_PASSWORD: '' }),
    });
    expect(config.bot).toMatchObject({ prefix: '!', username: undefined, password: undefined });
    expect(config.tokens).toMatchObject({ length: 16, default_uses: 1 });
  });

  test('numbers are taken as they were written where text is wanted', () => {
    const yaml = 'bot:\n  username: 0042\n  password: 1e5\napi:\n  token: 12345678901234567890123\n';
    const { config } = loaded({ yaml, env: { BOT_SERVER: 'https://matrix.example.org' } });
    expect(config.bot).toMatchObject({ username: '0042', password: '1e5' });
    expect(config.api.token).toBe('12345678901234567890123');
  });

  test('a list may be written as a list or as one entry', () => {
    const list = (yaml: string) => loaded({ yaml }).config.access.allow;
    expect(list('access:\n  allow:\n    - "@a:example.org"\n    - "@b:example.org"\n')).toEqual([
      '@a:example.org',
      '@b:example.org',
    ]);
    expect(list('access: { allow: "@a:example.org" }')).toEqual(['@a:example.org']);
    expect(list('access: { allow: [] }')).toEqual([]);
  });
});

describe('which file', () => {
  const other = (prefix: string) => `bot: { prefix: "${prefix}" }`;
  const files = { '/srv/bot/one.yml': other('1'), '/etc/two.yml': other('2') };

  test('--config wins over CONFIG_PATH, which wins over config.yml', () => {
    const both = { yaml: other('0'), files, ...withEnv({ CONFIG_PATH: '/etc/two.yml' }) };
    expect(load({ ...both, configPath: 'one.yml' })).toMatchObject({
      file: '/srv/bot/one.yml',
      config: { bot: { prefix: '1' } },
    });
    expect(load(both)).toMatchObject({ file: '/etc/two.yml', config: { bot: { prefix: '2' } } });
    expect(load({ ...both, env: MINIMUM })).toMatchObject({
      file: '/srv/bot/config.yml',
      config: { bot: { prefix: '0' } },
    });
    expect(load({ ...both, ...withEnv({ CONFIG_PATH: '' }) })).toMatchObject({ file: '/srv/bot/config.yml' });
  });

  test('config.yml may be missing, a named file may not', () => {
    expect(load({})).toMatchObject({ ok: true, file: undefined });
    expect(problemsOf({ configPath: 'no.yml' })).toEqual([
      {
        key: 'configuration file',
        found: 'missing',
        wanted: 'a readable YAML file at /srv/bot/no.yml',
        where: { kind: 'option', option: '--config' },
      },
    ]);
    expect(problemsOf(withEnv({ CONFIG_PATH: '/no.yml' }))).toMatchObject([
      { found: 'missing', where: { kind: 'variable', variable: 'CONFIG_PATH' } },
    ]);
  });

  test('an unreadable file is reported, and its keys are not reported as missing', () => {
    const unreadable = (code: string) =>
      problemsOf({ env: {}, files: { '/srv/bot/config.yml': fileError(code) } });
    expect(unreadable('EACCES')).toMatchObject([{ found: 'not readable by the user that the bot runs as' }]);
    expect(unreadable('EISDIR')).toMatchObject([
      { found: 'a folder', hint: expect.stringContaining('Docker') },
    ]);
  });

  test("a relative data folder starts at the configuration file's folder", () => {
    const dataDir = (yaml: string) =>
      loaded({ configPath: '/etc/bot/c.yml', files: { '/etc/bot/c.yml': yaml } }).config.bot.data_dir;
    expect(dataDir('')).toBe('/etc/bot/data');
    expect(dataDir('bot: { data_dir: ../state }')).toBe('/etc/state');
    expect(dataDir('bot: { data_dir: /state }')).toBe('/state');
  });
});

describe('secrets in separate files', () => {
  const env = { BOT_SERVER: 'https://matrix.example.org', BOT_ACCESS_TOKEN_FILE: 'secrets/token' };

  test('the file that a variable names is read, without its last line break', () => {
    const { config } = loaded({
      env: { ...env, API_USERNAME: 'admin', API_PASSWORD_FILE: '/run/secrets/api' },
      files: { '/srv/bot/secrets/token': 'syt_file\r\n', '/run/secrets/api': ' pass word \n' },
    });
    expect(config.bot.access_token).toBe('syt_file');
    expect(config.api.password).toBe(' pass word ');
  });

  test('it wins over the configuration file', () => {
    const sources = { env, files: { '/srv/bot/secrets/token': 'syt_file' } };
    expect(loaded({ ...sources, yaml: 'bot: { access_token: syt_yaml }' }).config.bot.access_token).toBe(
      'syt_file',
    );
  });

  test('a file that is missing or empty is a problem, and the secret does not count as missing as well', () => {
    const where = { kind: 'secret file', variable: 'BOT_ACCESS_TOKEN_FILE', file: '/srv/bot/secrets/token' };
    expect(problemsOf({ env })).toMatchObject([
      { key: 'bot.access_token', found: 'in a file that is missing', where },
    ]);
    expect(problemsOf({ env, files: { '/srv/bot/secrets/token': '\n' } })).toMatchObject([
      { key: 'bot.access_token', found: 'in a file that is empty', where },
    ]);
  });

  test('the secret and its file together are a problem', () => {
    expect(problemsOf({ env: { ...env, BOT_ACCESS_TOKEN: 'syt_bot' } })).toMatchObject([
      { key: 'bot.access_token', found: 'given by both BOT_ACCESS_TOKEN and BOT_ACCESS_TOKEN_FILE' },
    ]);
  });

  test('keys that are no secrets have no such variable', () => {
    const result = load({ ...withEnv({ BOT_PREFIX_FILE: '/prefix' }), files: { '/prefix': '!' } });
    expect(result).toMatchObject({ ok: true, config: { bot: { prefix: '' } } });
  });
});
