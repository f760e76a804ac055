import { expect, test } from 'vitest';
import { wellFormed } from './json.ts';

test('lone surrogates are replaced at any depth, also in keys; everything else stays', () => {
  const half = '\ud83d';
  const content = { [half]: [half, { 'm.new_content': { body: `a${half}b💥` } }], n: 1, no: null, yes: true };
  expect(wellFormed(content)).toEqual({
    '\ufffd': ['\ufffd', { 'm.new_content': { body: 'a\ufffdb💥' } }],
    n: 1,
    no: null,
    yes: true,
  });
});
