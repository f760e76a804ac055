import { expect, test } from 'vitest';
import { visibleRows } from './window.ts';

test.each([
  ['at the top', [100, 50, 400, 1000], { first: 0, end: 8 }],
  ['in the middle', [-5000, 50, 400, 1000], { first: 98, end: 110 }],
  ['at the end', [-49_700, 50, 400, 1000], { first: 992, end: 1000 }],
  ['a short list', [100, 50, 400, 3], { first: 0, end: 3 }],
  ['no list', [100, 50, 400, 0], { first: 0, end: 0 }],
  ['further down than the list is long now', [-9000, 50, 400, 10], { first: 10, end: 10 }],
  ['not yet measured', [0, 0, 400, 10], { first: 0, end: 0 }],
] as const)('%s', (_, [top, row, view, count], rows) => {
  expect(visibleRows(top, row, view, count, 2)).toEqual(rows);
});
