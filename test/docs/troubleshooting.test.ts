import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROBLEM_CODES } from '../../common/problem.ts';
import { en } from '../../widget/src/i18n/en.ts';
import { type Table, tablesIn } from './markdown.ts';
import { normalized, ROOT, scan, scanProject } from './messages.ts';

const page = readFileSync(`${ROOT}/docs/troubleshooting.md`, 'utf8');
const project = scanProject();

/** The first column of all tables of the page with this heading. */
function column(heading: string): string[] {
  const isMeant = ({ header }: Table) => header[0] === heading;
  return tablesIn(page)
    .filter(isMeant)
    .flatMap(({ rows }) => rows.map(([first = '']) => normalized(first)));
}

test('each message of the bot has its row', () => {
  const documented = new Set(column('Message'));
  const missing = project.messages.filter(({ text }) => !documented.has(text));
  const rows = new Set(missing.map(({ text, place }) => `| ${text} | … | (${place})`));
  expect([...rows], 'Add these rows to docs/troubleshooting.md, each with its cause and remedy').toEqual([]);
});

test('each row is a message that the bot still has', () => {
  const said = new Set(project.messages.map(({ text }) => text));
  expect(column('Message').filter((text) => !said.has(text))).toEqual([]);
});

test('no message has two rows', () => {
  const rows = column('Message');
  expect(rows.filter((text, index) => rows.indexOf(text) !== index)).toEqual([]);
});

test('no message is made in a way that can’t be found', () => {
  expect(project.unclear, 'Write the words where the message is made; or see test/docs/messages.ts').toEqual(
    [],
  );
});

test('each code has its row', () => {
  const codes = [...PROBLEM_CODES, 'session_ended', 'identity_refused', 'conflict'];
  expect(column('Code').toSorted()).toEqual(codes.toSorted());
});

test('what the widget says by itself has its row', () => {
  const { page: pages, problems, live, list, create, editing, access, status } = en;
  const { declined, silent, refused, notAllowed, withdrawn, ended, unreachable, plain } = pages;
  const titles = [declined, silent, refused, notAllowed, withdrawn, ended, unreachable, plain];
  const failures = [list, create, editing, access, status].map(({ failed }) => failed);
  const texts = [...titles, ...failures, live.lost, ...Object.values(problems)];
  expect(column('What the widget says').toSorted()).toEqual(texts.toSorted());
});

test.each([
  [
    'a problem',
    "throw new Problem('refused', 'The ' + thing + ' is broken.', 'Mend it.')",
    'The … is broken.',
  ],
  ['bad input', "throw invalidInput('Which one?', 'Say.')", 'Which one?'],
  ['a constant', "const lost = 'It is lost.';\nfunction f() { throw keysUnusable(lost, h); }", 'It is lost.'],
  ['a choice', "log.warn({ a }, x ? 'This failed.' : x)", 'This failed.'],
  ['words of a function', "const say = () => 'It said no.';\nlog.error(say())", 'It said no.'],
  ['a finding', "const f = { state: 'problem', about: 'A', text: 'not at all.' }", 'not at all.'],
  ['a check of input', "const s = z.string().check(z.minLength(1, 'At least one.'))", 'At least one.'],
  ['an answer', "const e = new HttpError(400, { errcode: 'M_X', error: 'Not so.' })", 'Not so.'],
])('the messages are found: %s', (_, source, text) => {
  expect(scan('bot/some.ts', source).messages.map((message) => message.text)).toContain(text);
});

test('a message that can’t be told from the source is reported', () => {
  const { unclear } = scan('bot/some.ts', "import { words } from './x.ts';\nlog.warn(words());");
  expect(unclear).toEqual(['bot/some.ts:2 words()']);
});
