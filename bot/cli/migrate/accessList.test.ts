import { expect, test } from 'vitest';
import { compilePattern } from '../../access/patterns.ts';
import { planAccess } from './accessList.ts';
import { translate } from './oldPattern.ts';

const BOB = '@bob:example.org';

function problems(plan: ReturnType<typeof planAccess>): string[] {
  return plan.notes.filter(({ state }) => state === 'problem').map(({ text }) => text);
}

test.each([
  ['@alice:example.org', '@alice:example.org'],
  ['@alice:example\\.org', '@alice:example.org'],
  ['^@alice:example.org$', '@alice:example.org'],
  ['@alice:example.org\\Z', '@alice:example.org'],
  ['@.*:example.org', '@.*:example.org'],
  ['^@(alice|bob):example\\.org$', '@(alice|bob):example\\.org'],
  ["re.compile('@alice:example.org')", '@alice:example.org'],
  ["re.compile('@.*:example\\.org')", '@.*:example\\.org'],
  ["re.compile('(?i)@bob:example.org', re.IGNORECASE)", '(?i)@bob:example.org'],
  ['re.compile("re.compile(\'@alice:example.org\')")', '@alice:example.org'],
])('%s becomes %s', (written, pattern) => {
  expect(translate(written)).toMatchObject({ ok: true, pattern });
});

test('a pattern lets in whom it let in before', () => {
  const translation = translate('^@(alice|bob):example\\.org$');
  const { matches } = compilePattern(translation.ok ? translation.pattern : '');
  expect(['@alice:example.org', BOB, '@carol:example.org', '@alice:exampleXorg'].map(matches)).toEqual([
    ...[true, true],
    ...[false, false],
  ]);
});

test.each([
  ['(?=@alice).*', /not a valid pattern/],
  ['alice', /matches no user ID/],
  [`re.compile('@${'a'.repeat(198)})`, /cut it off/],
])('%s can’t be had here, and why is said', (written, why) => {
  expect(translate(written)).toMatchObject({ ok: false, why: expect.stringMatching(why) });
});

test('equivalent entries are kept once, and an invalid form is reported', () => {
  const plan = planAccess({
    allowlist: ["re.compile('@bob:example.org')", '@bob:example\\.org'],
    blocklist: [],
  });
  expect(plan.patterns).toEqual([BOB]);
  expect(plan.notes).toEqual([{ state: 'note', text: expect.stringContaining('re.compile(…)') }]);
});

test.each<[string, string[], string, string[]]>([
  ['a user ID', [BOB, '@carol:example.org'], BOB, ['@carol:example.org']],
  [
    'a user ID that a pattern matches',
    ['@.*:example.org', '@carol:example.org'],
    BOB,
    ['@carol:example.org'],
  ],
  ['a user ID that no pattern matches', ['@.*:example.org'], '@bob:other.org', ['@.*:example.org']],
  ['a pattern', ['@.*:example.org', '@carol:example.org'], '@b.*:example.org', ['@carol:example.org']],
  ['what can’t be read here', ['@carol:example.org'], '(?=@b).*', []],
])('whom the old bot kept out by %s stays out', (_, allowlist, blocked, patterns) => {
  const plan = planAccess({ allowlist, blocklist: [blocked] });
  expect(plan.patterns).toEqual(patterns);
  expect(problems(plan)).toHaveLength(allowlist.length - patterns.length);
  for (const problem of problems(plan)) expect(problem).toContain(blocked);
});
