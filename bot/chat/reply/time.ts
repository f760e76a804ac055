import type { Words } from '../../words/words.ts';

/** `2026-12-31 18:00 UTC` */
export function absoluteTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `in 7 days`, `2 hours ago` */
export function relativeTime({ general }: Words, epochMs: number, now: number): string {
  const distance = epochMs - now;
  return distance >= 0 ? general.timeUntil(distance) : general.timeSince(-distance);
}
