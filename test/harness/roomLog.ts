// What a client has seen in its rooms, in the order in which it came, and how to wait for more.
// Kept beside matrix-js-sdk's own timelines, because those are reset when a sync leaves a gap.
import type { MatrixEvent } from 'matrix-js-sdk';

const DEFAULT_TIMEOUT_MS = 15_000;
const TAIL_EVENTS = 15;

interface Waiter {
  check: () => void;
}

export class RoomLog {
  readonly #events = new Map<string, MatrixEvent[]>();
  readonly #seen = new Set<string>();
  readonly #waiters = new Set<Waiter>();

  add(event: MatrixEvent): void {
    const roomId = event.getRoomId();
    const eventId = event.getId();
    if (roomId === undefined || eventId === undefined || this.#seen.has(eventId)) return;
    this.#seen.add(eventId);
    const events = this.#events.get(roomId) ?? [];
    events.push(event);
    this.#events.set(roomId, events);
    this.changed();
  }

  /** Checks all waiting predicates again; for changes without a new event, such as a decryption. */
  changed(): void {
    for (const waiter of [...this.#waiters]) waiter.check();
  }

  events(roomId: string): readonly MatrixEvent[] {
    return this.#events.get(roomId) ?? [];
  }

  find(roomId: string, eventId: string): MatrixEvent | undefined {
    return this.events(roomId).find((event) => event.getId() === eventId);
  }

  /**
   * Resolves with what `look` finds, now or whenever something happens. Rejects after `timeoutMs` with an `Error` that
   * says what was waited for and shows the end of the room, if one is named.
   */
  waitFor<T>(
    look: () => T | undefined,
    description: string,
    options: { timeoutMs?: number; roomId?: string } = {},
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        settle();
      };
      const waiter: Waiter = {
        check: () => {
          try {
            const found = look();
            if (found !== undefined) end(() => resolve(found));
          } catch (error) {
            end(() => reject(error));
          }
        },
      };
      const timer = setTimeout(() => {
        const tail = options.roomId === undefined ? '' : `\n${this.tail(options.roomId)}`;
        end(() => reject(new Error(`Waited ${timeoutMs} ms in vain for ${description}.${tail}`)));
      }, timeoutMs);
      this.#waiters.add(waiter);
      waiter.check();
    });
  }

  /** The last events of a room as a person reads them, for messages about failed tests. */
  tail(roomId: string): string {
    const events = this.events(roomId);
    const lines = events.slice(-TAIL_EVENTS).map((event) => `  ${describe(event)}`);
    return [`The last ${lines.length} of ${events.length} events in ${roomId}:`, ...lines].join('\n');
  }
}

export interface Relation {
  rel_type?: string;
  event_id?: string;
  key?: string;
  'm.in_reply_to'?: { event_id?: string };
}

/** `m.relates_to`. Clients leave it readable in encrypted events; some bots encrypt it. */
export function relationOf(event: MatrixEvent): Relation | undefined {
  return event.getWireContent()['m.relates_to'] ?? event.getOriginalContent()['m.relates_to'];
}

function describe(event: MatrixEvent): string {
  const state = event.isState() ? ` [${event.getStateKey()}]` : '';
  const redacted = event.isRedacted() ? ' (redacted)' : '';
  const content = JSON.stringify(event.getOriginalContent());
  const short = content.length > 300 ? `${content.slice(0, 299)}…` : content;
  return `${event.getId()} ${event.getSender()} ${event.getType()}${state}${redacted} ${short}`;
}
