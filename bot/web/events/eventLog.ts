// The latest events with their IDs, so that a widget can resume by `Last-Event-ID` after its connection broke.
import { randomBytes } from 'node:crypto';
import type { Access, LiveEvent } from '../../../common/apiResponses.ts';
import type { TokenDifference } from '../../tokens/watch/tokenMirror.ts';

export interface NumberedEvent {
  readonly id: string;
  readonly event: LiveEvent;
}

export interface EventLogOptions {
  readonly onEvent: (event: NumberedEvent) => void;
  /** How many events are kept. */
  readonly keep?: number;
}

const KEEP = 500;
/** With more changes than this, a reset is sent instead: reading the list again is shorter. */
const MOST_TOKENS = 500;
/** Changes within this time become one event, as when many tokens are deleted (ms). */
const GATHER_MS = 25;

export class EventLog {
  readonly #options: EventLogOptions;
  /** Part of the IDs: those of an earlier process must not match. */
  readonly #process = randomBytes(6).toString('base64url');
  readonly #events: NumberedEvent[] = [];
  #count = 0;
  #gathered: { changed: Map<string, TokenDifference['changed'][number]>; removed: Set<string> } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  tokens({ changed, removed }: TokenDifference): void {
    this.#gathered ??= { changed: new Map(), removed: new Set() };
    for (const token of changed) {
      this.#gathered.changed.set(token.token, token);
      this.#gathered.removed.delete(token.token);
    }
    for (const token of removed) {
      this.#gathered.removed.add(token);
      this.#gathered.changed.delete(token);
    }
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  access(access: Access): void {
    this.#flush();
    this.#push({ event: 'access', data: access });
  }

  /** Changes may be missed from now on: clients that reconnect get a reset. */
  interrupt(): void {
    this.#flush();
    this.#events.length = 0;
    this.#count++;
  }

  /** The ID of the newest event. */
  get position(): string {
    return this.#id(this.#count);
  }

  /** The events after the one with that ID; undefined: it is not in the log (any more). */
  after(id: string): readonly NumberedEvent[] | undefined {
    if (id === this.position) return [];
    const index = this.#events.findIndex((event) => event.id === id);
    if (index >= 0) return this.#events.slice(index + 1);
    const oldest = this.#events[0];
    return oldest !== undefined && id === this.#id(this.#count - this.#events.length)
      ? [...this.#events]
      : undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = this.#gathered;
    this.#gathered = undefined;
    if (gathered === undefined) return;
    const data = { changed: [...gathered.changed.values()], removed: [...gathered.removed] };
    const tooMany = data.changed.length + data.removed.length > MOST_TOKENS;
    this.#push(tooMany ? { event: 'reset', data: {} } : { event: 'tokens', data });
  }

  #push(event: LiveEvent): void {
    const numbered = { id: this.#id(++this.#count), event };
    this.#events.push(numbered);
    if (this.#events.length > (this.#options.keep ?? KEEP)) this.#events.shift();
    this.#options.onEvent(numbered);
  }

  #id(count: number): string {
    return `${this.#process}-${count}`;
  }
}
