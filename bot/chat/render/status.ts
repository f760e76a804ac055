import type { FindingCode } from '../../../common/api.ts';
import { bold, list, type Rendered, render } from './document.ts';

/** One thing that works, does not, or is worth knowing. */
export interface Finding {
  readonly state: 'ok' | 'problem' | 'note';
  readonly code: FindingCode;
  readonly about: string;
  /** One or two sentences; of a problem also what to do. */
  readonly text: string;
}

export type StatusReport = readonly Finding[];

export const FINDING_MARKS: Record<Finding['state'], string> = { ok: '✅', problem: '❌', note: 'ℹ️' };

export function renderStatus(report: StatusReport): Rendered {
  return render(
    list(report.map(({ state, about, text }) => [`${FINDING_MARKS[state]} `, bold(about), `: ${text}`])),
  );
}
