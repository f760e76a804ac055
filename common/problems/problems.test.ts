import { describe, expect, test } from 'vitest';
import { readInput } from '../readInput.ts';
import { createTokensSchema } from '../token.ts';
import { CATALOGUE, FEATURES, type ProblemCode } from './catalogue.ts';
import { inGerman } from './de/german.ts';
import type { Params, ParamValue } from './entry.ts';
import { KINDS } from './kinds.ts';
import { Problem, problem } from './problem.ts';

/** What parameter is asked for stands in the text: «token». */
const named = new Proxy<Params>(
  {},
  { get: (_, name): ParamValue => (name === 'problems' ? [] : `«${String(name)}»`) },
);
const CODES = Object.keys(CATALOGUE) as ProblemCode[];
const namesIn = (text: string) => [...new Set(text.match(/«\w+»/g))].toSorted();

test('a problem has the words of its entry, and says what it was made of', () => {
  const told = problem('token_exists', { token: 'party' });
  expect(told).toMatchObject({ code: 'token_exists', kind: 'token_exists', params: { token: 'party' } });
  expect(told.sentence).toBe(
    'The token party exists already. Choose another name, or change that one with edit.',
  );
  expect(problem('token_dots').sentence).toBe('A token can’t be just one or two dots.');
});

test.each([
  ['token_exists', 400, 'M_INVALID_PARAM', false],
  ['session_missing', 401, 'M_MISSING_TOKEN', false],
  ['session_ended', 401, 'M_UNKNOWN_TOKEN', false],
  ['pattern_not_listed', 403, 'M_FORBIDDEN', false],
  ['wrong_method', 405, 'M_UNRECOGNIZED', false],
  ['token_changed_meanwhile', 412, 'M_UNKNOWN', false],
  ['request_too_large', 413, 'M_TOO_LARGE', false],
  ['too_many_requests', 429, 'M_LIMIT_EXCEEDED', true],
  ['homeserver_refused', 502, 'M_FORBIDDEN', false],
  ['homeserver_unreachable', 502, 'M_UNKNOWN', true],
] as const)('%s is HTTP %d and %s', (code, status, errcode, transient) => {
  const told = new Problem(code, named);
  expect(told.http).toEqual({ status, errcode });
  expect(told.transient).toBe(transient);
});

test('no code stands in two files', () => {
  const codes = Object.values(FEATURES).flatMap((feature) => Object.keys(feature));
  expect(codes.toSorted()).toEqual(CODES.toSorted());
});

test('each kind has a problem', () => {
  const used = new Set(Object.values(CATALOGUE).map(({ kind }) => kind));
  expect(Object.keys(KINDS).filter((kind) => !used.has(kind as keyof typeof KINDS))).toEqual([]);
});

test.each(CODES)('%s: cause and remedy are sentences', (code) => {
  const { message, remedy } = new Problem(code, named);
  expect(message).not.toMatch(/undefined|\[object|^\s|\s$/);
  expect(remedy).not.toMatch(/undefined|\[object|^\s|\s$/);
});

describe('in German', () => {
  // Made of other problems, or of words that are English anyway.
  const same = ['several_problems', 'server_unusable'];
  // Parameters that stand for words, which are German then.
  const translated: Partial<Record<ProblemCode, string>> = {
    homeserver_unreachable: '«reason»',
    fault_of_the_bot: '«name»',
  };

  test.each(CODES.filter((code) => !same.includes(code)))('%s says the same in other words', (code) => {
    const told = new Problem(code, named);
    const german = inGerman(told);
    expect(german).not.toBe(told.sentence);
    expect(german).not.toMatch(/undefined|\[object|^\s|\s$/);
    expect(namesIn(german)).toEqual(namesIn(told.sentence).filter((name) => name !== translated[code]));
  });

  test('several at once', () => {
    const told = failed({ token: 'a b', uses_allowed: 0 });
    expect(told.code).toBe('several_problems');
    expect(inGerman(told)).toMatch(/^Ein Token darf nur .* Die Zahl der Nutzungen muss mindestens 1 sein\./);
  });
});

describe('input', () => {
  test.each([
    [{ uses_allowed: 0 }, 'uses_too_small'],
    [{ uses_allowed: '5' }, 'uses_not_whole'],
    [{ token: '..' }, 'token_dots'],
    [{ something: 'else' }, 'fields_unknown'],
    [{ length: 'long' }, 'field_wrong'],
    [[], 'request_wrong'],
  ])('%j is %s', (input, code) => {
    expect(failed(input)).toMatchObject({ code, kind: 'invalid_input' });
  });

  test('reports everything that is wrong, each problem once', () => {
    const { message } = failed({ token: 'a b', uses_allowed: 0, count: 0 });
    expect(message).toMatch(/only the letters.*at least 1\..*tokens must be at least 1\./);
  });
});

function failed(input: unknown): Problem {
  try {
    readInput(createTokensSchema, input);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('It was taken.');
}
