import { formatDuration } from '../../../common/duration.ts';
import type { Problem } from '../../../common/problems/problem.ts';

export const GENERAL = {
  and: 'and',
  tooLong: 'This was too long for one message.',
  /** `7 days`, after “within” (ms). */
  duration: (ms: number) => formatDuration(ms),
  /** `in 7 days` (ms). */
  timeUntil: (ms: number) => `in ${formatDuration(ms)}`,
  /** `2 hours ago` (ms). */
  timeSince: (ms: number) => `${formatDuration(ms)} ago`,
  /** Without the remedy. */
  cause: (problem: Problem) => problem.message,
  /** Cause and remedy. */
  problem: (problem: Problem) => problem.sentence,
};
