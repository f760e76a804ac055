// docs/troubleshooting.md: `page.md` with the rows of all problems at its marks. `@problems FEATURE` stands for the
// problems of a file of the catalogue, each with its remedy and what is known beyond that.
import { readFileSync } from 'node:fs';
import { FOUND, HINTS, WARNINGS } from '../../bot/config/messages.ts';
import { CATALOGUE, FEATURES, type ProblemCode } from '../../common/problems/catalogue.ts';
import { type Entry, type Params, type Words, wordsOf } from '../../common/problems/entry.ts';
import { KINDS } from '../../common/problems/kinds.ts';
import { ADVICE } from './advice.ts';
import { FOUND_ADVICE, HINT_ADVICE, WARNING_ADVICE } from './configAdvice.ts';

/** @throws Error if a mark names nothing, or if the problems of a feature stand nowhere */
export function renderTroubleshootingDoc(): string {
  const left = new Map<string, Readonly<Record<string, Entry>>>(Object.entries(FEATURES));
  const page = template()
    .replaceAll(/^@problems (\w+)$/gm, (_, feature: string) => {
      const problems = left.get(feature);
      if (problems === undefined)
        throw new Error(`page.md names ${feature} twice, or there is no such feature.`);
      left.delete(feature);
      return problemRows(problems).join('\n');
    })
    .replace(/^@found$/m, () => configRows(FOUND, FOUND_ADVICE, '… is '))
    .replace(/^@hints$/m, () => configRows(HINTS, HINT_ADVICE))
    .replace(/^@warnings$/m, () => configRows(WARNINGS, WARNING_ADVICE))
    .replace(/^@kinds$/m, kindTable);
  if (left.size > 0) throw new Error(`page.md lacks the problems of ${[...left.keys()].join(', ')}.`);
  return page;
}

/** The page as it was written, with its marks. */
export function template(): string {
  return readFileSync(new URL('page.md', import.meta.url), 'utf8');
}

function problemRows(problems: Readonly<Record<string, Entry>>): string[] {
  return Object.entries(problems).flatMap(([key, { cause, remedy }]) => {
    const code = key as ProblemCode;
    const message = shown(cause, SAMPLES[code]);
    // Made of other messages, which have their own rows.
    if (message === UNKNOWN) return [];
    const advice = [shown(remedy, SAMPLES[code]), ADVICE[code] ?? ''].filter(
      (text) => text !== '' && text !== UNKNOWN,
    );
    return row(message, advice.join(' '));
  });
}

function configRows(
  messages: Readonly<Record<string, Words>>,
  advice: Readonly<Record<string, string>>,
  before = '',
): string {
  return Object.entries(messages)
    .map(([key, words]) => row(before + shown(words), advice[key] ?? ''))
    .join('\n');
}

function row(message: string, advice: string): string {
  return `| ${message} | ${advice === '' ? '' : `${advice} `}|`;
}

function kindTable(): string {
  const rows = Object.entries(KINDS).map(([kind, { status, means }]) => {
    const codes = Object.entries(CATALOGUE).filter(([, entry]) => entry.kind === kind);
    const names = codes.map(([code]) => `\`${code}\``).join(', ');
    return `| \`${kind}\` | ${status} | ${means} | ${names} |`;
  });
  return ['| Code | HTTP | Means | Problems |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Stands for what only shows when the bot runs. */
const UNKNOWN = '…';
/** Where that would choose the words that fewer people get. */
const SAMPLES: Partial<Record<ProblemCode, Params>> = { identity_foreign: { hasRecoveryKey: false } };

function shown(words: Words, sample: Params = {}): string {
  const params = new Proxy(sample, { get: (known, name) => known[String(name)] ?? UNKNOWN });
  return escaped(wordsOf(words, params).replace('(…: …)', '(…)'));
}

/** What Markdown would take for a mark; code between backticks stays code. */
function escaped(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[*|<\\`]|(?<= )_/g, '\\$&')))
    .join('');
}
