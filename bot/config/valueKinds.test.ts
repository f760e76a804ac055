import { describe, expect, test } from 'vitest';
import type { Path } from './config.ts';
import { splitList } from './environment.ts';
import { HINTS } from './messages.ts';
import { PATHS, settingOf } from './schema.ts';

/** The value that a text gives under a key; undefined if it is refused. */
function read(path: Path, ...texts: string[]): unknown {
  const reading = settingOf(path).kind.read(texts);
  return reading.ok ? reading.value : undefined;
}

test.each(PATHS.filter((path) => settingOf(path).fallback !== undefined))(
  'the default of %s is valid',
  (path) => {
    const { fallback = '', kind } = settingOf(path);
    expect(kind.read(kind.list ? splitList(fallback) : [fallback])).toMatchObject({ ok: true });
  },
);

describe('server addresses', () => {
  test.each([
    ['https://matrix.example.org', 'https://matrix.example.org'],
    ['https://matrix.example.org/', 'https://matrix.example.org'],
    ['HTTPS://Matrix.Example.org:443//', 'https://matrix.example.org'],
    ['http://synapse:8008/prefix/', 'http://synapse:8008/prefix'],
    [' https://[2001:db8::1]:8448 ', 'https://[2001:db8::1]:8448'],
  ])('%j is read as %j', (text, url) => expect(read('bot.server', text)).toBe(url));

  test.each([
    'matrix.example.org',
    'matrix.example.org:8448',
    'https:/matrix.example.org',
    'https://',
    'ftp://matrix.example.org',
    'https://matrix.example.org?x',
    'https://matrix.example.org/#x',
    'https://matrix.example.org/#',
    'https://user@matrix.example.org',
    'https://matrix.exam\tple.org',
    '"https://matrix.example.org"',
  ])('%j is refused', (text) => expect(read('bot.server', text)).toBeUndefined());
});

describe('proxies', () => {
  test.each([
    '127.0.0.1',
    '172.18.0.0/16',
    '172.18.0.5/16',
    '::1/128',
    'fd00:18::/64',
    '::ffff:172.18.0.2',
    '::ffff:172.18.0.0/112',
  ])('%s is kept as it is', (text) => expect(read('web.trusted_proxies', ` ${text} `)).toEqual([text]));

  test.each([
    ['caddy', HINTS.proxy_address],
    ['loopback', HINTS.proxy_address],
    ['172.18.0.2:8080', HINTS.proxy_address],
    ['172.18.0', HINTS.proxy_address],
    ['fe80::1%eth0', HINTS.proxy_address],
    ['172.18.0.0/33', HINTS.network_prefix],
    ['172.18.0.0/255.255.0.0', HINTS.network_prefix],
    ['172.18.0.0/', HINTS.network_prefix],
    ['fd00::/129', HINTS.network_prefix],
    ['0.0.0.0/0', HINTS.network_everybody],
    ['::/0', HINTS.network_everybody],
    ['::ffff:0.0.0.0/96', HINTS.network_everybody],
  ])('%s is refused', (text, hint) => {
    const { kind } = settingOf('web.trusted_proxies');
    expect(kind.read(['127.0.0.1', text])).toEqual({ ok: false, refusals: [{ index: 1, hint }] });
  });

  test('none at all is a list as well', () => expect(read('web.trusted_proxies')).toEqual([]));
});

describe('user names', () => {
  test.each([
    'registration-bot',
    'Bot_1',
    '@bot:example.org',
    '@a/b=c:[2001:db8::1]:8448',
    '@bot:localhost:8008',
  ])('%s is kept as it is', (text) => expect(read('bot.username', text)).toBe(text));

  test.each([
    '@bot',
    'bot:example.org',
    '@:example.org',
    '@bot:',
    '@bot:exa mple',
    'two words',
    'bött',
    `@${'x'.repeat(250)}:a.org`,
  ])('%s is refused', (text) => expect(read('bot.username', text)).toBeUndefined());
});

describe('where to listen', () => {
  test.each([
    ['8080', '127.0.0.1', 8080],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['localhost:0', 'localhost', 0],
    ['[::1]:65535', '::1', 65_535],
  ])('%s', (text, host, port) => expect(read('widget.listen', text)).toEqual({ host, port }));

  test.each([
    '',
    '65536',
    ':8080',
    '0.0.0.0',
    '::1:8080',
    '[::g]:80',
    '[127.0.0.1]:80',
    '999.0.0.1:80',
    'a b:80',
    '-1',
    '80.5',
  ])('%j is refused', (text) => expect(read('widget.listen', text)).toBeUndefined());
});

describe('frame ancestors', () => {
  test.each([
    ['*', '*'],
    ["'self'", "'self'"],
    ['self', "'self'"],
    ['https://app.element.io/', 'https://app.element.io'],
    ['http://localhost:8081', 'http://localhost:8081'],
    ['https://*.Example.org', 'https://*.example.org'],
    ['vector://vector', 'vector://vector'],
  ])('%j is read as %j', (text, source) => expect(read('widget.frame_ancestors', text)).toEqual([source]));

  test.each([
    'app.element.io',
    'https://a.org/x',
    "https://a.org; script-src 'unsafe-inline'",
    'https://a.org b',
    'https://a,b',
    '',
  ])('%j is refused', (text) => expect(read('widget.frame_ancestors', text)).toBeUndefined());

  test('an empty list is refused: no client could show the widget', () => {
    expect(read('widget.frame_ancestors')).toBeUndefined();
  });
});

describe('numbers, durations and words', () => {
  test.each<[Path, string, unknown]>([
    ['tokens.length', '8', 8],
    ['tokens.length', ' 64 ', 64],
    ['tokens.default_uses', 'Unlimited', null],
    ['tokens.default_uses', '2147483647', 2_147_483_647],
    ['tokens.default_expiry', 'never', null],
    ['tokens.default_expiry', '1d12h', 129_600_000],
    ['confirm_timeout', '10s', 10_000],
    ['bot.encryption', 'Off', false],
    ['bot.encryption', '1', true],
    ['logging.level', 'DEBUG', 'debug'],
    ['logging.level', 'WARNING', 'warn'],
    ['logging.level', 'critical', 'error'],
    ['logging.level', 'fatal', 'error'],
    ['access.default', 'Nobody', 'nobody'],
  ])('%s: %j is read as %j', (path, text, value) => expect(read(path, text)).toBe(value));

  test.each<[Path, string]>([
    ['tokens.length', '7'],
    ['tokens.length', '65'],
    ['tokens.length', '16.0'],
    ['tokens.length', '0x10'],
    ['tokens.default_uses', '0'],
    ['tokens.default_uses', '-1'],
    ['tokens.default_uses', '1.5'],
    ['tokens.default_uses', '2147483648'],
    ['tokens.default_expiry', '7'],
    ['tokens.default_expiry', '0d'],
    ['tokens.default_expiry', '36501d'],
    ['confirm_timeout', '9s'],
    ['confirm_timeout', '25d'],
    ['confirm_timeout', 'never'],
    ['bot.encryption', 'maybe'],
    ['logging.level', 'constructor'],
    ['bot.prefix', 'a\nb'],
    ['api.backend', 'dendrite'],
  ])('%s: %j is refused', (path, text) => expect(read(path, text)).toBeUndefined());
});
