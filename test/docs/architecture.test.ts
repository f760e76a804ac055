import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, tablesIn } from './markdown.ts';

/** What the first column of the map names: `bot/chat/`, `bot/cli/index.ts`. */
function map(): Set<string> {
  const page = readFileSync(`${ROOT}/docs/architecture.md`, 'utf8');
  const cells = tablesIn(page)
    .filter(({ header }) => header[0] === 'Where')
    .flatMap(({ rows }) => rows.map(([where = '']) => where));
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path)));
}

/** Folders and files below a folder, from the project's root; folders end in a slash. */
function below(folder: string): string[] {
  return readdirSync(`${ROOT}/${folder}`, { withFileTypes: true, recursive: true }).map((entry) => {
    const path = relative(ROOT, join(entry.parentPath, entry.name));
    return entry.isDirectory() ? `${path}/` : path;
  });
}

test('the map has every folder of bot/', () => {
  const onMap = map();
  // Each stub is a package, not a part of the bot.
  const isStub = (path: string) => /^bot\/matrix\/sdk-stubs\/./.test(path);
  const folders = below('bot').filter((path) => path.endsWith('/') && !isStub(path));
  expect(folders.filter((path) => !onMap.has(path))).toEqual([]);
});

test('the map has every file of bot/crypto/', () => {
  const onMap = map();
  const files = below('bot/crypto').filter(
    (path) => path.endsWith('.ts') && !/\.test\.ts$|\/test\w+\.ts$/.test(path),
  );
  expect(files.filter((file) => !onMap.has(file))).toEqual([]);
});

test('what the map names is there', () => {
  expect([...map()].filter((path) => path.includes('/') && !existsSync(join(ROOT, path)))).toEqual([]);
});
