import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import {
  ensurePrerequisites,
  type Installer,
  missingMessage,
  neededFor,
  PREREQUISITES,
  type Prerequisite,
} from './prerequisites.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const silent = () => undefined;

/** A machine with some programs, whose packages are called like them. */
class Machine implements Installer {
  readonly there: Set<string>;
  readonly installed: string[][] = [];
  readonly usable: boolean;

  constructor(there: string[], { usable = true } = {}) {
    this.there = new Set(there);
    this.usable = usable;
  }

  isUsable(): boolean {
    return this.usable;
  }

  async install(packages: readonly string[]): Promise<void> {
    this.installed.push([...packages]);
    for (const name of packages.filter((name) => name !== 'broken')) this.there.add(name);
  }

  needs(name: string, more: Partial<Prerequisite> = {}): Prerequisite {
    return { name, packages: [name], neededBy: /./, isThere: async () => this.there.has(name), ...more };
  }
}

test('where nothing can be installed, one message lists everything that is missing and how to get it', async () => {
  const machine = new Machine(['nginx'], { usable: false });
  const needed = ['nginx', 'caddy', 'openssl'].map((name) => machine.needs(name));
  const failed = ensurePrerequisites(needed, silent, machine);
  await expect(failed).rejects.toThrow(missingMessage(needed.slice(1)));
  await expect(failed).rejects.toThrow('sudo apt-get install --no-install-recommends caddy openssl\n');
  expect(machine.installed).toEqual([]);
});

test('missing programs are installed in one step, and only those', async () => {
  const machine = new Machine(['nginx']);
  const needed = ['nginx', 'caddy', 'openssl'].map((name) => machine.needs(name));
  await ensurePrerequisites(needed, silent, machine);
  await ensurePrerequisites(needed, silent, machine);
  expect(machine.installed).toEqual([['caddy', 'openssl']]);
});

test('programs still missing after the installation are reported, unless the tests can do without', async () => {
  const machine = new Machine([]);
  const needed = [machine.needs('broken'), machine.needs('caddy')];
  await expect(ensurePrerequisites(needed, silent, machine)).rejects.toThrow(
    /- broken .*\n.*\n.* still missing/s,
  );
  await ensurePrerequisites([machine.needs('broken', { canDoWithout: true })], silent, machine);
});

test('an installation that fails says why, and all that is missing', async () => {
  const machine = new Machine([]);
  machine.install = async () => {
    throw new Error('no mirror is reachable');
  };
  const failed = ensurePrerequisites([machine.needs('nginx'), machine.needs('caddy')], silent, machine);
  await expect(failed).rejects.toThrow(/- nginx .*- caddy .*no mirror is reachable/s);
});

test('only what the files of this run need is asked for', () => {
  const packages = (...files: string[]) => neededFor(files).flatMap((needed) => needed.packages);
  expect(packages('bot/config/config.test.ts', 'test/docs/links.test.ts')).toEqual([]);
  expect(packages('test/chat/rooms.test.ts')).toEqual(['python3', 'python3-venv']);
  expect(packages('test/browser/looks.test.ts', 'test/chat/rooms.test.ts')).toContain('chromium');
  expect(packages('test/deploy/systemd.test.ts')).not.toContain('nginx-light');
});

test('each prerequisite belongs to test files that exist, and each program that they call is one', () => {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT });
  expect(PREREQUISITES.filter(({ neededBy }) => !files.some((file) => neededBy.test(file)))).toEqual([]);
  const sources = globSync('test/deploy/*.ts', { cwd: ROOT }).map((file) =>
    readFileSync(join(ROOT, file), 'utf8'),
  );
  const called = [...sources.join('\n').matchAll(/\btool\('([\w-]+)'\)/g)].map(([, name = '']) => name);
  expect(called.length).toBeGreaterThan(3);
  for (const name of called)
    expect(
      PREREQUISITES.some((one) => one.name.includes(name)),
      name,
    ).toBe(true);
});
