import { describe, expect, test } from 'vitest';
import { load, loaded, problemsOf, type TestSources, withEnv } from './testSources.ts';

const server = { BOT_SERVER: 'https://matrix.example.org' };
const keysOf = (sources: TestSources) => problemsOf(sources).map(({ key }) => key);
const warnedKeys = (sources: TestSources) => loaded(sources).warnings.map(({ key }) => key);

describe("the bot's credentials", () => {
  test('user name and password are enough', () => {
    expect(warnedKeys({ env: { ...server, BOT_USERNAME: 'bot', BOT_PASSWORD: 'x' } })).toEqual([]);
  });

  test('one of them alone is not enough', () => {
    expect(problemsOf({ env: { ...server, BOT_USERNAME: 'bot' } })).toMatchObject([
      { key: 'bot.password', found: 'missing' },
    ]);
    expect(problemsOf({ env: { ...server, BOT_PASSWORD: 'x' } })).toMatchObject([
      { key: 'bot.username', found: 'missing' },
    ]);
  });

  test('no argument at all is one problem', () => {
    expect(problemsOf({ env: server })).toMatchObject([
      {
        key: 'bot.access_token',
        found: 'missing',
        wanted: 'either bot.access_token, or bot.username and bot.password',
        where: { kind: 'nowhere', variable: 'BOT_ACCESS_TOKEN' },
      },
    ]);
  });

  test('an access token beside a password wins, with a warning; beside a user name, it is plain', () => {
    const both = loaded(withEnv({ BOT_USERNAME: 'bot', BOT_PASSWORD: 'secret' }));
    expect(both.warnings).toEqual([
      {
        key: 'bot.access_token',
        message: 'Both bot.access_token and bot.password are given; bot.access_token is used.',
        where: { kind: 'variable', variable: 'BOT_ACCESS_TOKEN' },
      },
    ]);
    expect(warnedKeys(withEnv({ BOT_USERNAME: 'bot' }))).toEqual([]);
  });

  test('a wrong value is not reported as missing too', () => {
    expect(keysOf({ env: { ...server, BOT_USERNAME: '@bot', BOT_PASSWORD: 'x' } })).toEqual(['bot.username']);
    expect(keysOf({ env: { ...server, BOT_ACCESS_TOKEN: 'a b' } })).toEqual(['bot.access_token']);
  });
});

describe("the admin's credentials", () => {
  test("none means the bot's own, and a user name needs its password", () => {
    expect(loaded({}).config.api).toMatchObject({
      token: undefined,
      username: undefined,
      password: undefined,
    });
    expect(keysOf(withEnv({ API_USERNAME: 'admin' }))).toEqual(['api.password']);
    expect(keysOf(withEnv({ API_PASSWORD: 'x' }))).toEqual(['api.username']);
    expect(warnedKeys(withEnv({ API_USERNAME: 'admin', API_PASSWORD: 'x' }))).toEqual([]);
  });

  test('an access token is sufficient, and wins over a password', () => {
    expect(warnedKeys(withEnv({ API_TOKEN: 'syt', API_USERNAME: 'admin' }))).toEqual([]);
    expect(warnedKeys(withEnv({ API_TOKEN: 'syt', API_PASSWORD: 'x' }))).toEqual(['api.token']);
  });
});

describe('http without TLS', () => {
  test.each([
    'http://matrix.example.org',
    'http://203.0.113.7:8008',
    'http://[2001:db8::1]',
    'http://172.32.0.1',
  ])('%s is warned about', (url) => expect(warnedKeys(withEnv({ BOT_SERVER: url }))).toEqual(['bot.server']));

  test.each([
    'http://localhost:8008',
    'http://synapse:8008',
    'http://127.0.0.2',
    'http://10.1.2.3',
    'http://172.31.0.1',
    'http://192.168.1.2',
    'http://[::1]:8008',
    'http://[fd00::1]',
    'http://hs.lan',
    'https://matrix.example.org',
  ])('%s is not', (url) => expect(warnedKeys(withEnv({ BOT_SERVER: url }))).toEqual([]));

  test('the other addresses are checked too, if given', () => {
    const warned = warnedKeys(
      withEnv({ API_BASE_URL: 'http://a.example.org', WIDGET_PUBLIC_URL: 'https://b.example.org' }),
    );
    expect(warned).toEqual(['api.base_url']);
  });
});

describe('access', () => {
  test('access for nobody, by default or by name, is warned about', () => {
    expect(warnedKeys(withEnv({ ACCESS_DEFAULT: 'nobody' }))).toEqual(['access.allow']);
    expect(warnedKeys(withEnv({ ACCESS_DEFAULT: 'nobody', ACCESS_ALLOW: '@a:example.org' }))).toEqual([]);
  });
});

describe("the widget's address", () => {
  test.each([
    'https://bot.example.org/reg',
    'http://localhost:8080',
    'http://127.0.0.1:8080',
    'http://[::1]:8080',
  ])('%s will do', (url) =>
    expect(loaded(withEnv({ WIDGET_PUBLIC_URL: url })).config.widget.public_url).toBe(url),
  );

  test.each(['http://bot.example.org', 'http://192.168.1.2:8080', 'http://localhost.example.org'])(
    '%s will not, unless the widget is off',
    (url) => {
      expect(problemsOf(withEnv({ WIDGET_PUBLIC_URL: url }))).toMatchObject([
        { key: 'widget.public_url', found: `"${url}"`, where: { variable: 'WIDGET_PUBLIC_URL' } },
      ]);
      expect(load(withEnv({ WIDGET_PUBLIC_URL: url, WIDGET_ENABLED: 'false' })).ok).toBe(true);
    },
  );

  test('without it the widget stays off, with a warning only if other widget keys are set', () => {
    expect(warnedKeys({})).toEqual([]);
    expect(loaded({ yaml: 'widget:\n  layout: right\n' }).warnings).toMatchObject([
      { key: 'widget.public_url', where: { kind: 'file', line: 2, column: 11 } },
    ]);
    expect(warnedKeys({ yaml: 'widget: { layout: right, enabled: false }' })).toEqual([]);
  });
});

describe('bot.trust: signed', () => {
  test('needs encryption', () => {
    expect(problemsOf(withEnv({ BOT_TRUST: 'signed', BOT_ENCRYPTION: 'false' }))).toMatchObject([
      { key: 'bot.trust', found: '"signed"', where: { variable: 'BOT_TRUST' } },
    ]);
    expect(load(withEnv({ BOT_TRUST: 'any', BOT_ENCRYPTION: 'false' })).ok).toBe(true);
  });

  test('leaves the widget off, with a warning if it is configured', () => {
    const web = { BOT_TRUST: 'signed', WIDGET_PUBLIC_URL: 'https://bot.example.org' };
    expect(loaded(withEnv(web)).warnings).toMatchObject([
      { key: 'bot.trust', message: expect.stringContaining('the widget stays off') },
    ]);
    expect(warnedKeys(withEnv({ ...web, WIDGET_ENABLED: 'false' }))).toEqual([]);
    expect(warnedKeys(withEnv({ BOT_TRUST: 'signed' }))).toEqual([]);
    // Its port is free then.
    const metrics = { WIDGET_LISTEN: '127.0.0.1:9464', METRICS_LISTEN: '9464' };
    expect(load(withEnv({ ...web, ...metrics })).ok).toBe(true);
  });
});

describe('metrics.listen', () => {
  const web = { WIDGET_PUBLIC_URL: 'https://bot.example.org', WIDGET_LISTEN: '127.0.0.1:9464' };

  test('must not be where the widget is served', () => {
    expect(problemsOf(withEnv({ ...web, METRICS_LISTEN: '9464' }))).toMatchObject([
      { key: 'metrics.listen', found: '"127.0.0.1:9464"', where: { variable: 'METRICS_LISTEN' } },
    ]);
  });

  test.each([
    ['another port', { ...web, METRICS_LISTEN: '9465' }],
    ['another address', { ...web, METRICS_LISTEN: '127.0.0.2:9464' }],
    ['any free port', { ...web, WIDGET_LISTEN: '127.0.0.1:0', METRICS_LISTEN: '127.0.0.1:0' }],
    ['the same, while the widget is off', { ...web, WIDGET_ENABLED: 'no', METRICS_LISTEN: '9464' }],
  ])('%s will do', (_name, env) => expect(load(withEnv(env)).ok).toBe(true));
});
