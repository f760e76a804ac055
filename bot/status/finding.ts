import type { FindingCode } from '../../common/api.ts';
import type { Problem } from '../../common/problems/problem.ts';

/** One thing that works, does not, or is worth knowing. */
export interface Finding {
  readonly state: 'ok' | 'problem' | 'note';
  readonly code: FindingCode;
  readonly about: string;
  /** One or two sentences; of a problem also what to do. */
  readonly text: string;
  /** What is wrong, of a finding that is a problem. */
  readonly problem?: Problem;
  /** What follows the text and needs no translation: names, keys, emoji. */
  readonly detail?: string;
}

/** @param before what the problem is one of, for those who read it alone */
export function problemFinding(about: string, problem: Problem, before = ''): Finding {
  return { state: 'problem', code: problem.kind, about, text: before + problem.sentence, problem };
}

export type StatusReport = readonly Finding[];

export const FINDING_MARKS: Record<Finding['state'], string> = { ok: '✅', problem: '❌', note: 'ℹ️' };

export function findingText({ text, detail }: Pick<Finding, 'text' | 'detail'>): string {
  return detail === undefined ? text : `${text} ${detail}`;
}
