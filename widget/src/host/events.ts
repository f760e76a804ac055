// The part of Node's `events` that matrix-widget-api needs; the browser package is ten times as large.
type Listener = (...args: unknown[]) => void;

export class EventEmitter {
  readonly #listeners = new Map<string, Set<Listener>>();

  on(name: string, listener: Listener): this {
    const known = this.#listeners.get(name);
    if (known) known.add(listener);
    else this.#listeners.set(name, new Set([listener]));
    return this;
  }

  once(name: string, listener: Listener): this {
    const first: Listener = (...args) => {
      this.off(name, first);
      listener(...args);
    };
    return this.on(name, first);
  }

  off(name: string, listener: Listener): this {
    this.#listeners.get(name)?.delete(listener);
    return this;
  }

  emit(name: string, ...args: unknown[]): boolean {
    // A copy: a listener may remove itself while it is called.
    const listeners = [...(this.#listeners.get(name) ?? [])];
    for (const listener of listeners) listener(...args);
    return listeners.length > 0;
  }
}
