import { durationParts } from '../../../common/duration.ts';
import { causeInGerman, inGerman } from '../../../common/problems/de/german.ts';
import type { EnglishWords } from '../en/english.ts';

const UNITS = { minute: ['Minute', 'Minuten'], hour: ['Stunde', 'Stunden'], day: ['Tag', 'Tagen'] } as const;

/** In the dative, which follows “in”, “vor” and “innerhalb von”. */
function duration(ms: number): string {
  const parts = durationParts(ms);
  if (parts.length === 0) return 'weniger als einer Minute';
  return parts.map(({ amount, unit }) => `${amount} ${UNITS[unit][amount === 1 ? 0 : 1]}`).join(' ');
}

export const GENERAL: EnglishWords['general'] = {
  and: 'und',
  tooLong: 'Das war zu lang für eine Nachricht.',
  duration,
  timeUntil: (ms) => `in ${duration(ms)}`,
  timeSince: (ms) => `vor ${duration(ms)}`,
  cause: causeInGerman,
  problem: inGerman,
};
