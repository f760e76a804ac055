import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveEvents, type NumberedEvent } from './liveEvents.ts';

const access = { server_name: 'x', default: 'nobody', by_default: true, patterns: [] } as const;

let told: NumberedEvent[];
let events: LiveEvents;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  events = new LiveEvents({ onEvent: (event) => told.push(event), keep: 3 });
});

afterEach(() => {
  vi.useRealTimers();
});

function happen(): void {
  events.access({ ...access, patterns: [] });
}

test('replays what came after an event; an ID that is too old or of another process is unknown', () => {
  const start = events.position;
  happen();
  happen();
  happen();
  expect(events.after(start)).toEqual(told);
  expect(events.after(told[0]?.id ?? '')).toEqual(told.slice(1));
  expect(events.after(events.position)).toEqual([]);
  happen();
  expect(events.after(start)).toBeUndefined();
  expect(events.after(told[0]?.id ?? '')).toEqual(told.slice(1));
  expect(events.after(new LiveEvents({ onEvent: () => undefined }).position)).toBeUndefined();
});

test('changes before the watch began are unknown', () => {
  happen();
  const before = events.position;
  events.interrupt();
  expect(events.after(before)).toBeUndefined();
  const after = events.position;
  happen();
  expect(events.after(after)).toHaveLength(1);
});

test('what happens to tokens at nearly the same time is one event, the last of each counts', () => {
  events.tokens({ changed: [], removed: ['a'] });
  events.tokens({ changed: [], removed: ['b'] });
  vi.advanceTimersByTime(1_000);
  expect(told.map(({ event }) => event)).toEqual([
    { event: 'tokens', data: { changed: [], removed: ['a', 'b'] } },
  ]);
});

test('more changes than a full reload are replaced by a reload', () => {
  events.tokens({ changed: [], removed: Array.from({ length: 501 }, (_, n) => `${n}`) });
  vi.advanceTimersByTime(1_000);
  expect(told.map(({ event }) => event)).toEqual([{ event: 'reset', data: {} }]);
});
