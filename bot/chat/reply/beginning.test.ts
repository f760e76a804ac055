import { expect, test } from 'vitest';
import { ENGLISH } from '../../words/en/english.ts';
import { renderUnknownCommand } from '../help/helpReply.ts';
import { beginningOf } from './beginning.ts';

const FAMILY = '👨‍👩‍👧';

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc'],
  ['ab💥c', 3, 'ab'],
  ['ab💥c', 4, 'ab💥'],
  [`ab${FAMILY}c`, 6, 'ab'],
  ['abe\u0301x', 3, 'ab'],
  ['ab🇩🇪🇫🇷', 8, 'ab🇩🇪'],
])('%s is cut to %i units as %s', (text, most, beginning) => {
  expect(beginningOf(text, most)).toBe(beginning);
});

test('a grapheme cluster longer than the limit is cut between its code points', () => {
  const tagged = `🏴${'\u{E0067}'.repeat(100)}`;
  for (const most of [10, 11]) {
    expect(beginningOf(tagged, most)).toHaveLength(10);
    expect(beginningOf(tagged, most).isWellFormed()).toBe(true);
  }
});

test('an unknown command is shown without split characters', () => {
  const { body, html } = renderUnknownCommand(ENGLISH, `${'a'.repeat(39)}💥yyyy`, undefined);
  expect(body).toContain(`“${'a'.repeat(39)}…”`);
  expect(body.isWellFormed() && html.isWellFormed()).toBe(true);
});
