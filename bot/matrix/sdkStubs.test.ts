// What of matrix-bot-sdk's dependencies is installed and loaded. A new version of the SDK that needs more fails here.
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
const STUBS = join(import.meta.dirname, 'sdk-stubs');
const SDK = join(ROOT, 'node_modules', 'matrix-bot-sdk');

const STUBBED = [
  '@matrix-org/matrix-sdk-crypto-nodejs',
  '@types/express',
  'express',
  'html-to-text',
  'htmlencode',
  'lowdb',
  'morgan',
  'postgres',
  'request',
  'request-promise',
  'sanitize-html',
];
/** Small: a few files each. */
const LOADED = ['async-lock', 'chalk', 'glob-to-regexp', 'hash.js', 'lru-cache', 'mkdirp'];
const UNUSED = ['another-json'];

/** Loads modules in a process of its own; deprecated calls of Node fail. Returns the CommonJS files that were loaded. */
function filesLoadedBy(modules: readonly string[]): string[] {
  const script = `
    for (const module of ${JSON.stringify(modules)}) await import(module);
    const { createRequire } = await import('node:module');
    console.log(JSON.stringify(Object.keys(createRequire(process.cwd() + '/x.js').cache)));
  `;
  const args = ['--throw-deprecation', '--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }));
}

/** The packages in node_modules that files belong to. */
function packagesOf(files: readonly string[]): string[] {
  const names = files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}

test('each dependency of the SDK is used, or replaced by a stub', () => {
  const { dependencies } = JSON.parse(readFileSync(join(SDK, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(Object.keys(dependencies).toSorted()).toEqual([...STUBBED, ...LOADED, ...UNUSED].toSorted());
});

test.each(STUBBED)('the SDK gets the stub for %s', (name) => {
  const { resolve: find } = createRequire(join(SDK, 'lib', 'index.js'));
  const file = realpathSync(find(`${name}/package.json`));
  expect(dirname(dirname(file))).toBe(STUBS);
});

test('the SDK loads nothing beyond that, and nothing deprecated', () => {
  const beneath = ['ansi-styles', 'has-flag', 'inherits', 'minimalistic-assert', 'supports-color'];
  const expected = ['color-convert', 'color-name', ...beneath, ...LOADED, 'matrix-bot-sdk'];
  const loaded = packagesOf(filesLoadedBy(['matrix-bot-sdk']));
  expect(loaded.filter((name) => !expected.includes(name))).toEqual([]);
  expect(loaded).toEqual(expect.arrayContaining([...LOADED, 'matrix-bot-sdk']));
});

test('nor does the bot load what is stubbed', () => {
  const parts = ['cli/run', 'cli/index', 'web/server', 'crypto/store/cryptoStore', 'crypto/encryption'];
  const loaded = packagesOf(filesLoadedBy(parts.map((part) => `./bot/${part}.ts`)));
  // The widget is served with it.
  expect(loaded).toContain('express');
  expect(loaded.filter((name) => name !== 'express' && STUBBED.includes(name))).toEqual([]);
});

test.each([
  ['sanitize-html', 'sdk.RichReply.createFor("!a:b", { content: { body: "x" } }, "y", "y")'],
  ['html-to-text', 'new sdk.MatrixClient("http://x", "").sendHtmlText("!a:b", "<b>x</b>")'],
  ['htmlencode', 'new sdk.MatrixClient("http://x", "").replyText("!a:b", {}, "x")'],
  ['lowdb/adapters/FileSync', 'new sdk.SimpleFsStorageProvider("/tmp/x")'],
  ['postgres', 'new sdk.SimplePostgresStorageProvider("postgres://x")'],
  ['express', 'new sdk.Appservice({ registration: {} })'],
  ['request', 'sdk.doHttpRequest("http://x", "GET", "/")'],
])('a use of %s fails, and says why', (name, use) => {
  const script = `
    const sdk = require('matrix-bot-sdk');
    (async () => ${use})().catch((error) => console.log(error.message));
  `;
  const output = execFileSync(process.execPath, ['--eval', script], { cwd: ROOT, encoding: 'utf8' });
  expect(output).toContain(`of the package “${name}”, for which bot/matrix/sdk-stubs has only a stub.`);
});
