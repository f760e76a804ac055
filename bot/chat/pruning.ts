// Deletes what is not needed any more, every 24 hours: docs/security.md, “What is kept, and how long”.
import { type Clock, wait } from '../lib/clock.ts';
import type { Log } from '../observability/log.ts';
import { retryStoreFailures } from '../store/fault.ts';
import type { Store } from '../store/store.ts';

const DAY_MS = 86_400_000;
/** Rows in one transaction, which blocks the process; then others get their turn. */
const ROWS_AT_ONCE = 500;
const PAUSE_MS = 10;

export interface PruningOptions {
  readonly store: Pick<
    Store,
    'rooms' | 'inbox' | 'confirmations' | 'ciphertexts' | 'audit' | 'widgetSessions'
  >;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted before the store is closed. */
  readonly signal: AbortSignal;
}

/** Prunes at once and then daily, a few rows at a time. Returns a function that stops it. */
export function startPruning({ store, clock, log, signal }: PruningOptions): () => void {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const { rooms, inbox, confirmations, ciphertexts, audit, widgetSessions } = store;
  /** Each deletes some rows and returns how many. Rooms come before the inbox, which has their greetings. */
  const steps = [
    () => rooms.prune(ROWS_AT_ONCE),
    () => inbox.prune(clock(), ROWS_AT_ONCE),
    () => confirmations.prune(clock(), ROWS_AT_ONCE),
    () => ciphertexts.prune(clock(), ROWS_AT_ONCE),
    () => audit.prune(clock(), ROWS_AT_ONCE),
    () => widgetSessions.prune(clock() - DAY_MS),
  ];
  const prune = async () => {
    for (const step of steps) while (step() >= ROWS_AT_ONCE) await wait(PAUSE_MS, either);
  };
  const pruneWhenPossible = () => void retryStoreFailures(log, either, prune);
  pruneWhenPossible();
  const daily = setInterval(pruneWhenPossible, DAY_MS);
  return () => {
    clearInterval(daily);
    ended.abort();
  };
}
