// The client of the event stream: reconnects, and resumes from the last event.
import { createParser } from 'eventsource-parser';
import type { LiveEvent } from '../../../common/apiResponses.ts';
import { asFailure } from './failure.ts';
import type { Session } from './session.ts';

export interface EventStreamOptions {
  session: Session;
  onEvent: (event: LiveEvent) => void;
  /** @param isFirst false: the stream resumed after the last event received */
  onOpen: (isFirst: boolean) => void;
  onLost: () => void;
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
/** A stream without data for this long counts as dead; the bot sends something every 15 s. */
const SILENCE_MS = 75_000;

/** Starts at once; returns what ends it and what tries again without waiting. */
export function followEvents(options: EventStreamOptions): { stop: () => void; retry: () => void } {
  let stopped = false;
  let lastId = '';
  let opened = 0;
  let wake = (): void => {};
  let connection = new AbortController();

  async function connect(): Promise<void> {
    connection = new AbortController();
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (lastId !== '') headers['last-event-id'] = lastId;
    const response = await options.session.open('/events', { headers, signal: connection.signal }, true);
    options.onOpen(opened++ === 0);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (reader === undefined) return;
    // fetch, because EventSource can't send an Authorization header.
    const parser = createParser({
      onEvent({ event, data, id }) {
        lastId = id ?? lastId;
        options.onEvent({ event, data: JSON.parse(data) } as LiveEvent);
      },
    });
    for (;;) {
      const silence = setTimeout(() => connection.abort(), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      parser.feed(value);
    }
  }

  async function run(): Promise<void> {
    let delay = FIRST_DELAY_MS;
    while (!stopped) {
      const before = opened;
      let lapsed = false;
      try {
        await connect();
      } catch (error) {
        const { code } = asFailure(error);
        if (code === 'not_allowed') return;
        lapsed = code === 'session_ended';
      }
      if (stopped) return;
      if (!lapsed) options.onLost();
      if (opened > before) delay = FIRST_DELAY_MS;
      const wait = delay * (0.75 + Math.random() / 2);
      await new Promise<void>((resolve) => {
        // Without a session only the user can go on, which calls retry().
        const timer = lapsed ? undefined : setTimeout(resolve, wait);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    }
  }

  const retry = (): void => wake();
  window.addEventListener('online', retry);
  void run();
  return {
    stop() {
      stopped = true;
      window.removeEventListener('online', retry);
      connection.abort();
      wake();
    },
    retry,
  };
}
