import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsIn, linksIn, ROOT } from './markdown.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'deploy/**/*.md'], { cwd: ROOT }).toSorted();
const text = (page: string) => readFileSync(join(ROOT, page), 'utf8');

interface Link {
  readonly target: string;
  /** From the project's root. */
  readonly file: string;
  readonly anchor: string | undefined;
}

function linksOf(page: string): Link[] {
  return linksIn(text(page)).map((target) => {
    const [path = '', anchor] = target.split('#');
    return { target, file: path === '' ? page : normalize(join(dirname(page), path)), anchor };
  });
}

test.each(PAGES)('the links of %s lead somewhere', (page) => {
  const broken = linksOf(page).filter(({ file, anchor }) => {
    if (!existsSync(join(ROOT, file))) return true;
    return anchor !== undefined && file.endsWith('.md') && !anchorsIn(text(file)).has(anchor);
  });
  expect(broken.map(({ target }) => target)).toEqual([]);
});

test('every page and picture can be reached from the README', () => {
  const reached = new Set(['README.md']);
  // A set that grows while it is gone through hands out what was added as well.
  for (const page of reached) {
    if (page.endsWith('.md')) for (const { file } of linksOf(page)) reached.add(file);
  }
  const files = [...PAGES, ...globSync('docs/images/*', { cwd: ROOT })];
  expect(files.filter((file) => !reached.has(file))).toEqual([]);
});

describe('the reading of Markdown', () => {
  test('headings become the anchors that GitHub makes of them', () => {
    const headings = "# How it’s built: `bot/`\n## A\n## A\n```sh\n# no heading\n```\n## The widget's API";
    expect([...anchorsIn(headings)]).toEqual(['how-its-built-bot', 'a', 'a-1', 'the-widgets-api']);
  });

  test('links in code and links to other sites are left out', () => {
    const page = '[a](b.md#c) ![p](i.png) `[x](y.md)` [w](https://example.org)\n```\n[x](z.md)\n```';
    expect(linksIn(page)).toEqual(['b.md#c', 'i.png']);
  });
});
