import { describe, expect, test } from 'vitest';
import { ApiFailure } from '../api/failure.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { describeFailure, languageOf } from './i18n.ts';

/** Every text with its path; functions are called with plausible arguments. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function')
    return [1, 3].map((count) => [`${path}(${count})`, String(value(count, count))]);
  return Object.entries(value as object).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

test('German has a text for everything, none of them English by accident', () => {
  const german = new Map(texts(de));
  const same = [];
  for (const [path, text] of texts(en)) {
    expect(german.get(path), path).toBeTruthy();
    if (german.get(path) === text) same.push(path);
  }
  expect(same).toEqual(['.nav.status', '.status.state.problem']);
});

describe('the language of the client', () => {
  test.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['DE', 'de'],
    ['en-GB', 'en'],
    ['fr', 'en'],
    ['den', 'en'],
    ['', 'en'],
    ['not a tag', 'en'],
  ])('%j: %s', (tag, code) => {
    expect(languageOf(tag).code).toBe(code);
  });
});

test('problems: translated where known, else in the words of the bot', () => {
  const error = { errcode: 'M_UNKNOWN', error: 'It burns.', remedy: 'Put it out.', code: 'refused' };
  const failure = (more: object) => ApiFailure.fromAnswer(502, { ...error, ...more });
  expect(describeFailure(failure({}), languageOf('en'))).toBe('It burns. Put it out.');
  const translation = 'Es brennt. Lösche es.';
  expect(describeFailure(failure({ translation }), languageOf('de'))).toBe(translation);
  expect(describeFailure(failure({}), languageOf('de'))).toBe('It burns. Put it out.');
  expect(describeFailure(failure({ code: 'conflict', translation }), languageOf('de'))).toContain(
    'inzwischen',
  );
  expect(describeFailure(ApiFailure.fromAnswer(502, undefined), languageOf('en'))).toContain(
    'can’t be reached',
  );
});
