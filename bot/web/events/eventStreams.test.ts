import { EventEmitter } from 'node:events';
import type { Response } from 'express';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AccessControl } from '../../access/accessControl.ts';
import { Emitter } from '../../lib/emitter.ts';
import { createLog } from '../../observability/log.ts';
import { Store } from '../../store/store.ts';
import type { TokenChange } from '../../tokens/tokens.ts';
import { TokenWatch } from '../../tokens/watch/tokenWatch.ts';
import { Sessions } from '../sessions.ts';
import { EventStreams } from './eventStreams.ts';

const MINUTE_MS = 60_000;

let lists: number;
let allowed: boolean;
let sessions: Sessions;
let streams: EventStreams;

beforeEach(async () => {
  vi.useFakeTimers();
  lists = 0;
  allowed = true;
  sessions = new Sessions(() => Date.now(), new Store(':memory:'));
  const log = await createLog({ level: 'error', format: 'json' }, { write: () => undefined });
  const access = {
    isAllowed: () => allowed,
    changes: new Emitter<void>(() => undefined),
  } as Partial<AccessControl> as AccessControl;
  const list = async () => {
    lists++;
    return [];
  };
  const changes = new Emitter<TokenChange>(() => undefined);
  const watch = new TokenWatch({ list, changes, log, signal: new AbortController().signal });
  streams = new EventStreams({ watch, access, sessions });
});

afterEach(() => {
  streams.stop();
  vi.useRealTimers();
});

class Listener extends EventEmitter {
  text = '';
  writableEnded = false;
  writeHead(): void {}
  flushHeaders(): void {}
  write(text: string): void {
    this.text += text;
  }
  end(): void {
    this.writableEnded = true;
    this.emit('close');
  }
}

function open(lastEventId?: string): Listener {
  const session = sessions.use(sessions.start('@alice:example.org'));
  if (session === undefined) throw new Error('There is no session.');
  const listener = new Listener();
  streams.open(session, listener as unknown as Response, lastEventId);
  return listener;
}

test('the homeserver is polled every three seconds, only while a stream is open', async () => {
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(lists).toBe(0);
  const [one, other] = [open(), open()];
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(lists).toBe(21);
  one.end();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(lists).toBe(41);
  other.end();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(lists).toBe(41);
  open();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(lists).toBe(62);
});

test('a stream is kept alive, and its session with it', async () => {
  const listener = open();
  await vi.advanceTimersByTimeAsync(120 * MINUTE_MS);
  expect(listener.writableEnded).toBe(false);
  expect(listener.text.match(/^:$/gm)).toHaveLength(480);
});

test('a stream ends when its session or the access of its person does', async () => {
  const listener = open();
  await vi.advanceTimersByTimeAsync(12 * 60 * MINUTE_MS);
  expect(listener.writableEnded).toBe(true);
  const other = open();
  allowed = false;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(other.writableEnded).toBe(true);
});

test('a client that reconnects soon resumes; later it gets a reset', async () => {
  const before = open();
  const id = /^id: (\S+)$/m.exec(before.text)?.[1];
  before.end();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  const soon = open(id);
  expect(soon.text).toBe('');
  soon.end();
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  expect(open(id).text).toContain('event: reset');
});
