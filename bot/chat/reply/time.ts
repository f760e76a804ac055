import { formatDuration } from '../../../common/duration.ts';

/** `2026-12-31 18:00 UTC` */
export function absoluteTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `in 7 days`, `2 hours ago` */
export function relativeTime(epochMs: number, now: number): string {
  const distance = epochMs - now;
  return distance >= 0 ? `in ${formatDuration(distance)}` : `${formatDuration(-distance)} ago`;
}
