// Deletes old inbox items, confirmations and what is known of ciphertexts every 24 hours.
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../observability/log.ts';
import { retryStoreFailures } from '../store/fault.ts';
import type { Store } from '../store/store.ts';

const DAY_MS = 86_400_000;

export interface PruningOptions {
  readonly store: Pick<Store, 'inbox' | 'confirmations' | 'ciphertexts'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted before the store is closed. */
  readonly signal: AbortSignal;
}

/** Prunes at once and then daily. Returns a function that stops it. */
export function startPruning({ store, clock, log, signal }: PruningOptions): () => void {
  const prune = async () => {
    store.inbox.prune(clock());
    store.confirmations.prune(clock() - 60 * DAY_MS);
    store.ciphertexts.prune(clock());
  };
  const pruneWhenPossible = () => void retryStoreFailures(log, signal, prune);
  pruneWhenPossible();
  const daily = setInterval(pruneWhenPossible, DAY_MS);
  return () => clearInterval(daily);
}
