// Durations in commands and in the configuration: 90s, 15m, 12h, 7d, 2w, 1d12h.

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNIT_MS;

const DURATION = /^(?:\d+[smhdw])+$/;

/** Milliseconds of a duration such as `7d` or `1d12h`; undefined if invalid or zero. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim().toLowerCase();
  if (!DURATION.test(compact)) return undefined;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+)([smhdw])/g)) {
    total += Number(amount) * UNIT_MS[unit as Unit];
  }
  return total > 0 && Number.isSafeInteger(total) ? total : undefined;
}

/** Of a duration: at most two, the larger first. */
export interface DurationPart {
  readonly amount: number;
  readonly unit: 'day' | 'hour' | 'minute';
}

/**
 * A duration (ms) in days, hours and minutes; empty: less than a minute. Rounded, so that seven days are not shown as
 * six days and 23 hours a second later.
 */
export function durationParts(ms: number): DurationPart[] {
  const minutes = Math.round(ms / UNIT_MS.m);
  if (minutes < 60) return parts(minutes, 'minute');
  if (minutes < 24 * 60)
    return [...parts(Math.floor(minutes / 60), 'hour'), ...parts(minutes % 60, 'minute')];
  const hours = Math.round(minutes / 60);
  if (hours < 7 * 24) return [...parts(Math.floor(hours / 24), 'day'), ...parts(hours % 24, 'hour')];
  return parts(Math.round(hours / 24), 'day');
}

function parts(amount: number, unit: DurationPart['unit']): DurationPart[] {
  return amount === 0 ? [] : [{ amount, unit }];
}

/** In words: `38 days`, `6 days 4 hours`, `12 hours`, `1 hour 30 minutes`, `less than a minute`. */
export function formatDuration(ms: number): string {
  const words = durationParts(ms).map(({ amount, unit }) => count(amount, unit));
  return words.length === 0 ? 'less than a minute' : words.join(' ');
}

/** `1 token`, `2 tokens`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}
