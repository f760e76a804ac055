import { FINDING_MARKS } from '../../status/finding.ts';

/** `ok`: taken over; `note`: good to know; `problem`: something is left to the admin. */
export interface Note {
  readonly state: 'ok' | 'note' | 'problem';
  readonly text: string;
}

export function renderNote({ state, text }: Note): string {
  return `${FINDING_MARKS[state]} ${text}\n`;
}
