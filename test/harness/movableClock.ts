export const MINUTE = 60_000;

/** The time as the bot sees it, moved on by the test. */
export class MovableClock {
  /** Of the homeserver's time (ms). */
  ahead = 0;
  readonly now = (): number => Date.now() + this.ahead;

  advance(ms: number): void {
    this.ahead += ms;
  }
}
