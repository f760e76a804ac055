import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderTroubleshootingDoc, template } from '../../scripts/troubleshooting/render.ts';
import { en } from '../../widget/src/i18n/en.ts';
import { ROOT, type Table, tablesIn } from './markdown.ts';

const SOURCES = globSync(['bot/**/*.ts', 'common/**/*.ts'], { cwd: ROOT }).filter(
  (path) => !/\.test\.ts$|\/test[A-Z]\w*\.ts$/.test(path),
);
/** What was written into the page, without the marks that stand for what is made. */
const written = template().replaceAll(/^@.*\n/gm, '');
const source = SOURCES.map((path) => readFileSync(`${ROOT}/${path}`, 'utf8')).join('\n');

/** Without marks for code, and with one … for what only shows when the bot runs. */
function plain(text: string): string {
  return text
    .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…')
    .replaceAll(/[`\\]/g, '')
    .replaceAll(/…(?:\s*…)+/g, '…')
    .replaceAll(/\s+/g, ' ');
}

/** The first column of all tables with this heading. */
function column(page: string, heading: string): string[] {
  const isMeant = ({ header }: Table) => header[0] === heading;
  return tablesIn(page)
    .filter(isMeant)
    .flatMap(({ rows }) => rows.map(([first = '']) => plain(first)));
}

test('docs/troubleshooting.md is up to date', () => {
  const page = readFileSync(`${ROOT}/docs/troubleshooting.md`, 'utf8');
  const advice =
    'docs/troubleshooting.md does not fit the catalogue of problems any more. Make it anew: npm run docs';
  expect(page === renderTroubleshootingDoc(), advice).toBe(true);
});

test('a message that was written into the page is one that the bot still has', () => {
  const said = plain(source);
  // `retry` and the like insert the name of their task.
  const isSaid = (message: string) =>
    said.includes(message.replace(/^… | …$/g, '')) ||
    said.includes(`'${/^Could not (.+): …$/.exec(message)?.[1]}'`);
  expect(column(written, 'Message').filter((message) => !isSaid(message))).toEqual([]);
});

test('each warning and error of the log that is written in place has its row', () => {
  const logged = source.matchAll(/log\.(?:warn|error)\(\s*(?:\{[^;]*?\},\s*)?(['`])(.*?)\1[,)\s]/gs);
  const messages = [...logged].map(([, , text = '']) => plain(text)).filter((text) => /\p{L}{2}/u.test(text));
  expect(messages.length).toBeGreaterThan(20);
  const documented = new Set(column(written, 'Message'));
  expect(messages.filter((message) => !documented.has(message))).toEqual([]);
});

test('what the widget says by itself has its row', () => {
  const { page: pages, problems, live, list, create, editing, access, status } = en;
  const { declined, silent, refused, notAllowed, withdrawn, unreachable, plain: tab } = pages;
  const titles = [declined, silent, refused, notAllowed, withdrawn, unreachable, tab];
  const failures = [list, create, editing, access, status].map(({ failed }) => failed);
  const texts = [...titles, ...failures, live.lost, live.ended, ...Object.values(problems)];
  expect(column(written, 'What the widget says').toSorted()).toEqual(texts.toSorted());
});
