import type { FindingCode } from '../../common/api.ts';
import type { Problem } from '../../common/problems/problem.ts';

/** One result of `status`: something that works, a problem, or a note. */
export interface Finding {
  readonly state: 'ok' | 'problem' | 'note';
  readonly code: FindingCode;
  readonly about: string;
  /** One or two sentences; for a problem, with the remedy. */
  readonly text: string;
  /** Set if `state` is `problem`. */
  readonly problem?: Problem;
  /** Shown after the text; needs no translation: names, keys, emoji. */
  readonly detail?: string;
}

/** @param before the consequence, put before the problem's sentence */
export function problemFinding(about: string, problem: Problem, before = ''): Finding {
  return { state: 'problem', code: problem.kind, about, text: before + problem.sentence, problem };
}

export type StatusReport = readonly Finding[];

export const FINDING_MARKS: Record<Finding['state'], string> = { ok: '✅', problem: '❌', note: 'ℹ️' };

export function findingText({ text, detail }: Pick<Finding, 'text' | 'detail'>): string {
  return detail === undefined ? text : `${text} ${detail}`;
}
