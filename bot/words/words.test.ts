import { describe, expect, test } from 'vitest';
import { TOKEN_STATES } from '../../common/token.ts';
import { de } from '../../widget/src/i18n/de.ts';
import { en } from '../../widget/src/i18n/en.ts';
import { GERMAN } from './de/german.ts';
import { ENGLISH } from './en/english.ts';
import { enumerate, type Inline, plainText, say } from './inline.ts';
import { wordsIn } from './words.ts';

const TEXTS = pairs(ENGLISH, GERMAN, '');

/** Path, English and German of all texts that take no arguments. */
function pairs(english: unknown, german: unknown, path: string): [string, unknown, unknown][] {
  if (typeof english === 'function') return [];
  if (typeof english !== 'object' || isSentence(english)) return [[path, english, german]];
  return Object.entries(english as object).flatMap(([key, value]) =>
    pairs(value, (german as Record<string, unknown>)[key], `${path}.${key}`),
  );
}

/** A text with marks: what is to be typed stays as it is in every language. */
function isSentence(value: unknown): value is Inline[] {
  return Array.isArray(value) && value.some((part) => typeof part === 'string');
}

const NOT_TRANSLATED = /^\.commands\..*\.(usage|line)$|^\.status\.about/;

describe('German', () => {
  test.each(TEXTS.filter(([path, english]) => !NOT_TRANSLATED.test(path) && english !== ''))(
    'has a text of its own for %s',
    (_path, english, german) => expect(german).not.toEqual(english),
  );

  test.each(TEXTS.filter(([, english]) => isSentence(english)))(
    'asks for the same commands in %s',
    (_path, english, german) => expect(marked(german)).toEqual(marked(english)),
  );

  test('has the same commands as examples, each explained', () => {
    for (const [name, { examples }] of Object.entries(ENGLISH.commands)) {
      const german = GERMAN.commands[name as keyof typeof GERMAN.commands];
      expect(german.examples.map(({ line }) => line.split(' ')[0])).toEqual(
        examples.map(({ line }) => line.split(' ')[0]),
      );
    }
  });

  test.each([
    [20_000, 'in weniger als einer Minute', 'less than a minute'],
    [60_000, 'in 1 Minute', '1 minute'],
    [5_400_000, 'in 1 Stunde 30 Minuten', '1 hour 30 minutes'],
    [7 * 86_400_000, 'in 7 Tagen', '7 days'],
  ])('says how long %d ms are', (ms, german, english) => {
    expect(GERMAN.general.timeUntil(ms)).toBe(german);
    expect(ENGLISH.general.duration(ms)).toBe(english);
  });

  test('is loaded if the configuration says so', async () => {
    expect(await wordsIn('de')).toBe(GERMAN);
    expect(await wordsIn('en')).toBe(ENGLISH);
  });
});

function marked(sentence: unknown): string[] {
  return (sentence as Inline[]).flatMap((part) => (typeof part === 'string' ? [] : Object.values(part)));
}

test.each(TOKEN_STATES)('chat and widget have one word for a token that is %s', (state) => {
  expect(ENGLISH.tokens.states[state]).toBe(en.state[state].toLowerCase());
  expect(GERMAN.tokens.states[state].toLowerCase()).toBe(de.state[state].toLowerCase());
});

test('a sentence takes text, numbers, marks and lists of them', () => {
  const names = enumerate(['a', { code: 'b' }, 'c'], 'or');
  expect(say`${2} of ${names}: ${{ bold: 'now' }}`).toEqual([
    '2',
    ' of ',
    'a',
    ', ',
    { code: 'b' },
    ' or ',
    'c',
    ': ',
    { bold: 'now' },
  ]);
  expect(plainText(say`Send ${{ command: 'list' }}.`)).toBe('Send “list”.');
});
