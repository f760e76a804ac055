import { describe, expect, test } from 'vitest';
import { renderConfigWarning } from './findings.ts';
import { loaded, type TestSources, withEnv } from './testSources.ts';

const warningsOf = (sources: TestSources) => loaded(sources).warnings.map(renderConfigWarning);

describe('unknown keys in the file', () => {
  test('the nearest known key and the place are named', () => {
    expect(warningsOf({ yaml: 'bot:\n  prefix: "!"\n  acess_token: x\n' })).toEqual([
      'Unknown configuration key "bot.acess_token"; it has no effect. Is bot.access_token meant? (/srv/bot/config.yml, line 3, column 3)',
    ]);
    expect(warningsOf({ yaml: 'wigdet: { enabled: true }' })).toEqual([
      expect.stringContaining('key "wigdet"; it has no effect. Is widget meant?'),
    ]);
    expect(warningsOf({ yaml: 'confirm-timeout: 1m' })).toEqual([
      expect.stringContaining('Is confirm_timeout meant?'),
    ]);
  });

  test('no suggestion if nothing is similar', () => {
    expect(warningsOf({ yaml: 'bot: { colour: blue }\nshop: 1\n' })).toEqual([
      expect.stringMatching(/key "bot\.colour"; it has no effect\. \(/),
      expect.stringMatching(/key "shop"; it has no effect\. \(/),
    ]);
  });

  test('a missing space between key and value is pointed out', () => {
    expect(warningsOf({ yaml: 'bot: { prefix:x }' })).toEqual([
      expect.stringContaining('key "bot.prefix"; it has no effect. A space is missing after the colon.'),
    ]);
  });

  test('a top-level key with a dot is shown as it should be written', () => {
    expect(warningsOf({ yaml: 'bot.prefix: "!"\n' })).toEqual([
      expect.stringContaining('Write "prefix:" indented below "bot:" instead.'),
    ]);
  });
});

describe('unknown environment variables', () => {
  test('one that is nearly a known one is warned about', () => {
    expect(warningsOf(withEnv({ BOT_SERVRE: 'https://x.example.org', API_PASWORD_FILE: '/x' }))).toEqual([
      'Unknown environment variable BOT_SERVRE; it has no effect. Is BOT_SERVER meant? (environment variable BOT_SERVRE)',
      'Unknown environment variable API_PASWORD_FILE; it has no effect. Is API_PASSWORD_FILE meant? (environment variable API_PASWORD_FILE)',
    ]);
  });

  test("other programs' variables are left alone", () => {
    expect(
      warningsOf(
        withEnv({ BOT_COLOUR: 'x', API_URL: 'x', CONFIRM_TIMEOUTS: 'x', PATH: '/bin', BOT_PREFIXX: '' }),
      ),
    ).toEqual([]);
  });
});
