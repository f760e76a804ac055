import { expect, test } from 'vitest';
import { themeOf } from './theme.ts';

test.each([
  ['light', 'light', 'normal'],
  ['dark', 'dark', 'normal'],
  ['light-high-contrast', 'light', 'high'],
  ['dark-high-contrast', 'dark', 'high'],
  ['custom-Nord Dark', 'dark', 'normal'],
  ['', 'dark', 'normal'],
  ['custom-Solarized', 'dark', 'normal'],
])('the theme %j on a dark system is %s, contrast %s', (name, scheme, contrast) => {
  expect(themeOf(name, { scheme: 'dark', contrast: 'normal' })).toEqual({ scheme, contrast });
});
