/** Passes values on to those who listen. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onError: (error: unknown, value: T) => void;

  /** @param onError a listener threw: the other listeners, and whoever emits, go on all the same */
  constructor(onError: (error: unknown, value: T) => void) {
    this.#onError = onError;
  }

  /** Returns how to stop. */
  listen(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(value);
      } catch (error) {
        this.#onError(error, value);
      }
    }
  }
}
