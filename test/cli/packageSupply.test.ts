// What is installed with the bot: under which licences, and whether it runs anything while it is installed.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { mayBeShipped } from '../harness/licences.ts';

interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
  readonly license?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

const ROOT = resolve(import.meta.dirname, '..', '..');
const manifest = readJson('package.json') as { allowScripts: Record<string, boolean> };
const lock = readJson('package-lock.json') as { packages: Record<string, Locked> };
/** By their folders. Links lead to folders of the project, which are listed by themselves. */
const installed = Object.entries(lock.packages).filter(([path, { link }]) => path !== '' && !link);

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
}

function nameOf(path: string): string {
  return path.replace(/^.*node_modules\//, '');
}

test('all that is needed to run the bot may be shipped with it', () => {
  const needed = installed.filter(([, { dev, devOptional }]) => !dev && !devOptional);
  expect(needed.length).toBeGreaterThan(100);
  const others = needed.filter(([, { license = 'none' }]) => !mayBeShipped(license));
  expect(others.map(([path, { license }]) => `${nameOf(path)}: ${license}`)).toEqual([]);
});

test.each([
  ['MIT', true],
  ['(AFL-2.1 OR BSD-3-Clause)', true],
  ['MIT AND ISC', true],
  ['AGPL-3.0-or-later', false],
  ['GPL-3.0 OR LGPL-3.0', false],
  ['MIT AND GPL-2.0', false],
  ['SEE LICENSE IN LICENSE', false],
  ['none', false],
])('the licence %s: %s', (licence, may) => {
  expect(mayBeShipped(licence)).toBe(may);
});

test('a package runs something while it is installed only if that is approved in package.json', () => {
  const scripts = installed
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => nameOf(path));
  const approved = Object.keys(manifest.allowScripts).filter((name) => manifest.allowScripts[name]);
  expect(scripts.sort()).toEqual(approved.sort());
});

test('nothing that runs with the bot runs anything while it is installed', () => {
  const scripts = installed.filter(([, entry]) => entry.hasInstallScript && !entry.dev);
  expect(scripts.map(([path]) => nameOf(path))).toEqual([]);
});

test('each package is known by its hash', () => {
  const loose = installed.filter(([path, { integrity }]) => path.includes('node_modules/') && !integrity);
  expect(loose.map(([path]) => path)).toEqual([]);
});

test('npm run sbom lists what the bot needs, and nothing that it is only built with', () => {
  const options = { cwd: ROOT, encoding: 'utf8', stdio: 'pipe', maxBuffer: 64_000_000 } as const;
  const { components } = JSON.parse(execFileSync('npm', ['run', '--silent', 'sbom'], options)) as {
    components: { name: string; licenses?: unknown[] }[];
  };
  const names = components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['matrix-bot-sdk', 'express', 'zod']));
  expect(names).not.toContain('vitest');
});
