import { describe, expect, test } from 'vitest';
import { type ConfigProblem, renderConfigProblems, renderConfigWarning } from './findings.ts';
import { load, MINIMUM, problemsOf, withEnv } from './testSources.ts';

const FILE = '/srv/bot/config.yml';
const at = (line: number, column: number) => ({ kind: 'file', file: FILE, line, column });

test('all problems come at once, each with its key, value, wish and place', () => {
  const problems = problemsOf({
    yaml: 'bot:\n  username: "bad name"\ntokens:\n  length: five\n  default_uses: 0\n',
    env: { BOT_ACCESS_TOKEN: 'syt bot', LOGGING_LEVEL: 'loud' },
  });
  expect(renderConfigProblems(problems)).toBe(`The configuration has 6 problems:

  bot.username is "bad name"
    wanted: a localpart such as registration-bot, or a user ID such as @registration-bot:example.org
    hint:   It contains a space or another character that no localpart has.
    where:  ${FILE}, line 2, column 13

  bot.access_token is «hidden»
    wanted: an access token of the bot's account
    hint:   It contains a space or another character that no access token has.
    where:  environment variable BOT_ACCESS_TOKEN

  tokens.default_uses is "0"
    wanted: a whole number of at least 1, or: unlimited
    hint:   Synapse treats 0 as unlimited.
    where:  ${FILE}, line 5, column 17

  tokens.length is "five"
    wanted: a whole number from 8 to 64
    where:  ${FILE}, line 4, column 11

  logging.level is "loud"
    wanted: debug, info, warn or error
    where:  environment variable LOGGING_LEVEL

  bot.server is missing
    wanted: the homeserver's address, such as https://matrix.example.org
    where:  not in ${FILE}, and environment variable BOT_SERVER is not set
`);
});

test('without a file, it says which one was looked for', () => {
  expect(renderConfigProblems(problemsOf({ env: { BOT_ACCESS_TOKEN: 'syt_bot' } }))).toContain(
    `The configuration has 1 problem:

  bot.server is missing
    wanted: the homeserver's address, such as https://matrix.example.org
    where:  there is no ${FILE}, and environment variable BOT_SERVER is not set
`,
  );
});

describe('secrets are never shown', () => {
  const told = (yaml: string) => {
    const result = load({ yaml, env: { BOT_SERVER: 'https://matrix.example.org' } });
    const problems: readonly ConfigProblem[] = result.ok ? [] : result.problems;
    return `${renderConfigProblems(problems)}${result.warnings.map(renderConfigWarning).join('\n')}`;
  };

  test.each([
    ['a wrong access token', 'bot: { access_token: "hunter2 x" }'],
    ['a list', 'bot: { password: [hunter2] }'],
    ['a section', 'bot: { password: { hunter2: x } }'],
    ['a tag', 'bot: { password: !hunter2 }'],
    ['a reference', 'bot: { password: *hunter2 }'],
    ['an anchor', 'bot: { password: &hunter2 }'],
    ['invalid YAML at it', 'bot:\n  password: @hunter2\n'],
    ['invalid YAML behind it', 'bot:\n  password: "hunter2\n'],
    ['invalid YAML after a quote', "bot:\n  password: 'a'hunter2'\n"],
    ['an invalid escape', 'bot:\n  password: "\\hunter2"\n'],
    ['an address that holds it', 'api: { base_url: "ftp://admin:hunter2@matrix.example.org" }'],
    ['an address that holds it with a slash', 'api: { base_url: "https://admin:a/hunter2@example.org" }'],
    ['an address without a scheme that holds it', 'api: { base_url: "admin:hunter2@example.org" }'],
    ['a missing space', 'bot: { password:hunter2 }'],
    ['a missing space, twice', 'bot: { password:hunter2, password:hunter2 }'],
    ['an address that holds it and is otherwise fine', 'api: { base_url: "https://a:hunter2@example.org" }'],
  ])('%s', (_, yaml) => {
    const text = told(yaml);
    expect(text).toContain(`${FILE}, line`);
    expect(text).not.toContain('hunter2');
  });
});

test('a long value is cut, and one with line breaks stays on its line', () => {
  const [problem] = problemsOf(withEnv({ LOGGING_LEVEL: `loud\n\u001b[31m${'x'.repeat(500)}` }));
  expect(problem?.found).toMatch(/^"loud\\n\\u001b\[31mx+…"$/);
  expect(problem?.found.length).toBeLessThan(150);
});

describe('invalid YAML', () => {
  test.each([
    ['access:\n  allow: [@admin:example.org]\n', at(2, 11), /quotes/],
    ['bot:\n\tprefix: "!"\n', at(2, 1), /spaces/],
    ['bot:\n  password: a: b\n', at(2, 13), /quotes/],
    ['bot:\n  prefix: "!\n', at(3, 1), /closing quote/],
  ])('%j is told with its place and what to do', (yaml, where, hint) => {
    // Keys that the file would have given are not reported.
    expect(problemsOf({ yaml, env: {} })).toEqual([
      {
        key: 'configuration file',
        found: 'not valid YAML',
        wanted: 'valid YAML',
        hint: expect.stringMatching(hint),
        where,
      },
    ]);
  });

  test('wrong variables are reported beside it', () => {
    const problems = problemsOf({ yaml: 'bot: "', ...withEnv({ TOKENS_LENGTH: '3' }) });
    expect(problems.map(({ key }) => key)).toEqual(['configuration file', 'tokens.length']);
  });
});

describe('a file of valid YAML that is no configuration', () => {
  test('a key or section that is given twice', () => {
    const yaml = 'bot:\n  prefix: "!"\n  prefix: "?"\ntokens:\n  length: 20\nbot:\n  encryption: false\n';
    expect(problemsOf({ yaml })).toEqual([
      { key: 'bot.prefix', found: 'given twice', wanted: 'given once', where: at(3, 3) },
      { key: 'bot', found: 'given twice', wanted: 'given once', where: at(6, 1) },
    ]);
  });

  test.each([
    ['- bot\n', 'configuration file', 'a list', at(1, 1)],
    ['hello\n', 'configuration file', 'a single value', at(1, 1)],
    ['bot: yes\n', 'bot', 'a single value', at(1, 1)],
    ['api:\n  - token: x\n', 'api', 'a list', at(1, 1)],
    ['tokens:\n  length: [16]\n', 'tokens.length', 'a list', at(2, 11)],
    ['widget:\n  listen:\n    port: 80\n', 'widget.listen', 'a section', at(3, 5)],
    ['access:\n  allow: { a: b }\n', 'access.allow', 'a section', at(2, 10)],
    ['access:\n  allow: [[a]]\n', 'access.allow', 'a list in which one entry is a list', at(2, 11)],
    ['bot:\n  prefix: !\n', 'bot.prefix', 'a YAML tag or anchor', at(2, 12)],
    ['bot:\n  prefix: !reg\n', 'bot.prefix', 'a YAML tag or anchor', at(2, 15)],
  ])('%j', (yaml, key, found, where) => {
    expect(problemsOf({ yaml })).toMatchObject([{ key, found, where }]);
  });

  test('a section that cannot be read does not make its keys missing', () => {
    expect(problemsOf({ yaml: 'bot: yes\n', env: {} }).map(({ key }) => key)).toEqual(['bot']);
  });

  test('each wrong entry of a list is reported with its own line', () => {
    const yaml = 'access:\n  allow:\n    - "@*:example.org"\n    - "@a:example.org"\n    - "(("\n';
    expect(problemsOf({ yaml })).toMatchObject([
      { key: 'access.allow', found: '"@*:example.org"', where: at(3, 7) },
      { key: 'access.allow', found: '"(("', where: at(5, 7) },
    ]);
  });

  test('an empty file counts as missing', () => {
    for (const yaml of ['', '\n', '# nothing\n', '---\n', '{}\n']) {
      expect(load({ yaml, env: MINIMUM })).toMatchObject({ ok: true, warnings: [] });
    }
  });
});
