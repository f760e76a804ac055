import type { FindingCode } from '../../common/api.ts';
import type { Problem } from '../../common/problems/problem.ts';
import { ENGLISH } from '../words/en/english.ts';
import { type Inline, plainText } from '../words/inline.ts';
import type { Words } from '../words/words.ts';

/** One result of `status`: something that works, a problem, or a note. */
export interface Finding {
  readonly state: 'ok' | 'problem' | 'note';
  readonly code: FindingCode;
  /** In English; translated by `status.about` of the words. */
  readonly about: string;
  /** One or two sentences; for a problem, with the remedy. */
  readonly text: (words: Words) => readonly Inline[];
  /** Set if `state` is `problem`. */
  readonly problem?: Problem;
  /** Shown after the text; needs no translation: names, keys, emoji. */
  readonly detail?: string;
}

/** @param before the consequence, put before the problem's sentence */
export function problemFinding(about: string, problem: Problem, before?: (words: Words) => string): Finding {
  const text = (words: Words) => {
    const sentence = words.general.problem(problem);
    return [before === undefined ? sentence : `${before(words)} ${sentence}`];
  };
  return { state: 'problem', code: problem.kind, about, text, problem };
}

export type StatusReport = readonly Finding[];

export const FINDING_MARKS: Record<Finding['state'], string> = { ok: '✅', problem: '❌', note: 'ℹ️' };

/** In English, without the detail. */
export function findingSentence({ text }: Pick<Finding, 'text'>): string {
  return plainText(text(ENGLISH));
}

/** In English, for the command line. */
export function findingText(finding: Pick<Finding, 'text' | 'detail'>): string {
  const sentence = findingSentence(finding);
  return finding.detail === undefined ? sentence : `${sentence} ${finding.detail}`;
}
