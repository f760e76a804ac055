/** Runs the tasks of a room one after the other, those of different rooms concurrently. */
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

  /** Resolves once all queues are empty. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.allSettled(this.#last.values());
  }
}
