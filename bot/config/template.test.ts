import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packageFile } from '../lib/packageFiles.ts';
import type { Path } from './config.ts';
import { loadConfig } from './load.ts';
import { PATHS, settingOf } from './schema.ts';
import { fillTemplate } from './template.ts';

const EXAMPLE = readFileSync(packageFile('config.example.yml'), 'utf8');
const SERVER = ['bot.server', 'https://matrix.example.org'] as const;

function read(text: string) {
  const loaded = loadConfig({ cwd: '/home', env: {}, readFile: () => text });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

test('every key of the configuration has its line in the example', () => {
  for (const path of PATHS) {
    const { kind, example } = settingOf(path);
    const value = kind.list ? [example] : example;
    expect(fillTemplate(EXAMPLE, new Map([[path, value]])), path).toContain(`${path.split('.').at(-1)}: `);
  }
});

test('the values are written, comments kept, and placeholders become comments', () => {
  const text = fillTemplate(EXAMPLE, new Map([SERVER, ['bot.access_token', 'syt_x']]));
  expect(text).toContain("# The homeserver's address.\n  server: https://matrix.example.org\n");
  expect(text).toContain('  #password: "change me"\n');
  expect(text).toContain('  access_token: syt_x\n');
  expect(text).toContain('  #allow: ["@admin:example.org"]\n');
  expect(text).toContain('  default_expiry: 7d\n');
  expect(text).not.toContain('Copy this file');
  expect(read(text).access.allow).toEqual([]);
});

test('has exactly the required sections', () => {
  const text = fillTemplate(EXAMPLE, new Map([SERVER, ['bot.access_token', 'x'], ['api.token', 'y']]));
  expect(text).toMatch(/^api:$/m);
  expect(text).toMatch(/^#widget:$/m);
});

test.each([
  'null',
  '~',
  'yes',
  '0123',
  '#x',
  'a: b',
  "it's",
  '"',
  '\\',
  '{',
  'ü – 🎉',
  ' x ',
  '!x',
  '*',
  'x:',
])('the password %j is read as it was', (password) => {
  const answers = new Map([SERVER, ['bot.username', 'bot'], ['bot.password', password]] as const);
  expect(read(fillTemplate(EXAMPLE, answers)).bot.password).toBe(password);
});

test('lists are written entry by entry', () => {
  const allow = ['@a:example.org', '@.*,x:example\\.org'];
  const text = fillTemplate(
    EXAMPLE,
    new Map<Path, string | string[]>([SERVER, ['bot.access_token', 'x'], ['access.allow', allow]]),
  );
  expect(read(text).access.allow).toEqual(allow);
});

test('a key that the example lacks is not lost silently', () => {
  expect(() => fillTemplate('bot:\n', new Map([SERVER]))).toThrow(/no line for bot\.server/);
});
