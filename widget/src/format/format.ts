// Numbers, dates and durations in the user's language.

const DAY = 86_400_000;
const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * DAY],
  ['month', 30 * DAY],
  ['day', DAY],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

export interface Format {
  number(value: number): string;
  /** Date and time in the user's time zone. */
  dateTime(ms: number): string;
  /** `in 6 days`, `2 hours ago`, from `now` (epoch ms). */
  relative(ms: number, now: number): string;
  list(values: readonly string[]): string;
}

export function createFormat(locale: string, timeZone?: string): Format {
  const number = new Intl.NumberFormat(locale);
  const dateTime = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  return {
    number: (value) => number.format(value),
    dateTime: (ms) => dateTime.format(ms),
    relative(ms, now) {
      const span = ms - now;
      // Less than two days are shown in hours, less than two months in weeks: "1 month" would be too coarse.
      const [unit, size] = UNITS.find(([unit, size]) => {
        const least = unit === 'year' || unit === 'month' || unit === 'day' ? 2 * size : size;
        return Math.abs(span) >= least - size / 60;
      }) ?? ['minute', 60_000];
      const amount = Math.round(span / size);
      return relative.format(amount === 0 ? (span < 0 ? -1 : 1) : amount, unit);
    },
    list: (values) => list.format(values),
  };
}

/** Value of `<input type="datetime-local">` for a time, in the user's time zone. */
export function toLocalInput(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Epoch ms of such a value; undefined if invalid. */
export function fromLocalInput(value: string): number | undefined {
  if (!/^\d{4,6}-\d\d-\d\dT\d\d:\d\d/.test(value)) return undefined;
  const ms = new Date(value).getTime();
  return Number.isNaN(ms) ? undefined : ms;
}
