// Who wants to know what is changed through the bot.
import type { RegistrationToken } from '../../common/token.ts';
import type { Log } from '../observability/log.ts';

/** `access`: who may manage tokens has changed; the service's policy tells how it stands. */
export type Change =
  | { readonly kind: 'token'; readonly token: RegistrationToken }
  | { readonly kind: 'token_removed'; readonly token: string }
  | { readonly kind: 'access' };

export type ChangeListener = (change: Change) => void;

export class Changes {
  readonly #listeners = new Set<ChangeListener>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Returns how to stop. */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tokenChanged(token: RegistrationToken): void {
    this.#tell({ kind: 'token', token });
  }

  tokenRemoved(token: string): void {
    this.#tell({ kind: 'token_removed', token });
  }

  accessChanged(): void {
    this.#tell({ kind: 'access' });
  }

  /** What a listener does with it can't undo the change, nor make the one who asked for it believe that it failed. */
  #tell(change: Change): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#log.error({ err: error, change: change.kind }, 'A change could not be passed on.');
      }
    }
  }
}
