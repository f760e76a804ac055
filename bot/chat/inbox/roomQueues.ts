/** One thing after the other in each room, rooms side by side. */
export class RoomQueues {
  readonly #last = new Map<string, Promise<void>>();

  /** @param task must not throw */
  run(roomId: string, task: () => Promise<void>): void {
    const previous = this.#last.get(roomId) ?? Promise.resolve();
    const current = previous.then(task).finally(() => {
      if (this.#last.get(roomId) === current) this.#last.delete(roomId);
    });
    this.#last.set(roomId, current);
  }

  /** Resolves once nothing is left to do. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.allSettled(this.#last.values());
  }
}
