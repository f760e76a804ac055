import type { Log } from '../../observability/log.ts';
import type { NewInboxItem } from '../../store/inbox.ts';
import type { Store } from '../../store/store.ts';

/**
 * false: the same ciphertext came in another event before. Whoever has an access token of its sender, but no keys, can
 * send it again. To be called in the transaction that stores the item.
 */
export function isFirst(
  { ciphertext, id: eventId, roomId, sender, receivedAt }: NewInboxItem,
  { store, log }: { readonly store: Pick<Store, 'ciphertexts'>; readonly log: Log },
): boolean {
  if (ciphertext === undefined) return true;
  if (store.ciphertexts.add({ ...ciphertext, eventId, roomId, sender, receivedAt })) return true;
  log.warn(
    { roomId, eventId, sender },
    'Ignored a replayed message: its ciphertext came in another event before.',
  );
  return false;
}
