// Which licences may be shipped with the bot: those that ask for no more than their text to come along.
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/** @param expression as SPDX writes it: `MIT`, `(AFL-2.1 OR BSD-3-Clause)`, `MIT AND ISC`. What is not understood may not. */
export function mayBeShipped(expression: string): boolean {
  const whole = expression.replace(/^\((.*)\)$/, '$1');
  // A choice needs one that is allowed, of which all parts are.
  return whole.split(' OR ').some((choice) => choice.split(' AND ').every((id) => ALLOWED.has(id.trim())));
}
