import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventLog, type NumberedEvent } from './eventLog.ts';

const access = { server_name: 'x', default: 'nobody', by_default: true, patterns: [] } as const;

let published: NumberedEvent[];
let events: EventLog;

beforeEach(() => {
  vi.useFakeTimers();
  published = [];
  events = new EventLog({ onEvent: (event) => published.push(event), keep: 3 });
});

afterEach(() => {
  vi.useRealTimers();
});

function happen(): void {
  events.access({ ...access, patterns: [] });
}

test('returns the events after an ID, unless it is too old or of another process', () => {
  const start = events.position;
  happen();
  happen();
  happen();
  expect(events.after(start)).toEqual(published);
  expect(events.after(published[0]?.id ?? '')).toEqual(published.slice(1));
  expect(events.after(events.position)).toEqual([]);
  happen();
  expect(events.after(start)).toBeUndefined();
  expect(events.after(published[0]?.id ?? '')).toEqual(published.slice(1));
  expect(events.after(new EventLog({ onEvent: () => undefined }).position)).toBeUndefined();
});

test('an interruption empties the log', () => {
  happen();
  const before = events.position;
  events.interrupt();
  expect(events.after(before)).toBeUndefined();
  const after = events.position;
  happen();
  expect(events.after(after)).toHaveLength(1);
});

test('changes at nearly the same time become one event', () => {
  events.tokens({ changed: [], removed: ['a'] });
  events.tokens({ changed: [], removed: ['b'] });
  vi.advanceTimersByTime(1_000);
  expect(published.map(({ event }) => event)).toEqual([
    { event: 'tokens', data: { changed: [], removed: ['a', 'b'] } },
  ]);
});

test('too many changes become a reset', () => {
  events.tokens({ changed: [], removed: Array.from({ length: 501 }, (_, n) => `${n}`) });
  vi.advanceTimersByTime(1_000);
  expect(published.map(({ event }) => event)).toEqual([{ event: 'reset', data: {} }]);
});
