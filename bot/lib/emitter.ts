/** Passes values to its listeners. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onError: (error: unknown, value: T) => void;

  /** @param onError called when a listener throws; the other listeners still get the value, and `emit` does not throw */
  constructor(onError: (error: unknown, value: T) => void) {
    this.#onError = onError;
  }

  /** Returns a function that removes the listener. */
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
