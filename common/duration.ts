// Durations as people write them in commands and in the configuration: 90s, 15m, 12h, 7d, 2w, 1d12h.

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNIT_MS;

const DURATION = /^(?:\d+[smhdw])+$/;

/** Milliseconds of a duration such as `7d` or `1d12h`; undefined if it is none or not longer than nothing. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim().toLowerCase();
  if (!DURATION.test(compact)) return undefined;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+)([smhdw])/g)) {
    total += Number(amount) * UNIT_MS[unit as Unit];
  }
  return total > 0 && Number.isSafeInteger(total) ? total : undefined;
}

/** A duration in ms in its one or two largest units: `7 days`, `1 day 12 hours`, `less than a minute`. */
export function formatDuration(ms: number): string {
  const minutes = Math.floor(ms / UNIT_MS.m);
  if (minutes < 1) return 'less than a minute';
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const parts: string[] = [];
  if (days > 0) parts.push(count(days, 'day'));
  if (hours > 0) parts.push(count(hours, 'hour'));
  // Minutes beside days say nothing that anybody acts on.
  if (days === 0 && minutes % 60 > 0) parts.push(count(minutes % 60, 'minute'));
  return parts.join(' ');
}

/** `1 token`, `2 tokens`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}
