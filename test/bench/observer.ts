// The admin's client as a bare long-polling loop over /sync: it notes when an answer arrives, and adds as little as
// possible of its own. The bot and the floor are measured by the same one.
import { requestJson } from '../harness/matrixHttp.ts';

export interface RawEvent {
  type: string;
  event_id: string;
  sender: string;
  content: Record<string, unknown>;
}

interface SyncAnswer {
  next_batch: string;
  rooms?: { join?: Record<string, { timeline?: { events?: RawEvent[] } }> };
}

export interface Arrival {
  /** `performance.now()` when /sync delivered it. */
  at: number;
  event: RawEvent;
}

/** What an event is an answer to: `reply ID`, `edit ID` or `✅ ID`. */
export type Topic = `${string} ${string}`;

const LONG_POLL_MS = 30_000;
const ANSWER_WITHIN_MS = 30_000;
const FILTER = encodeURIComponent(
  JSON.stringify({
    presence: { types: [] },
    account_data: { types: [] },
    room: {
      account_data: { types: [] },
      ephemeral: { types: [] },
      state: { types: [] },
      timeline: { limit: 50, types: ['m.room.message', 'm.reaction'] },
    },
  }),
);

/** One /sync. Without a position it answers at once. */
export async function sync(
  baseUrl: string,
  accessToken: string,
  since: string | undefined,
): Promise<{ nextBatch: string; events: { roomId: string; event: RawEvent }[] }> {
  const position = since === undefined ? 'timeout=0' : `since=${since}&timeout=${LONG_POLL_MS}`;
  const path = `/_matrix/client/v3/sync?filter=${FILTER}&${position}`;
  const answer = await requestJson<SyncAnswer>(baseUrl, 'GET', path, { accessToken });
  const rooms = Object.entries(answer.rooms?.join ?? {});
  return {
    nextBatch: answer.next_batch,
    events: rooms.flatMap(([roomId, room]) =>
      (room.timeline?.events ?? []).map((event) => ({ roomId, event })),
    ),
  };
}

export class Observer {
  readonly #baseUrl: string;
  readonly #accessToken: string;
  readonly #arrived = new Map<Topic, Arrival>();
  readonly #waiting = new Map<Topic, (arrival: Arrival) => void>();
  #transactions = 0;
  #stopped = false;

  private constructor(baseUrl: string, accessToken: string) {
    this.#baseUrl = baseUrl;
    this.#accessToken = accessToken;
  }

  static async start(baseUrl: string, accessToken: string): Promise<Observer> {
    const observer = new Observer(baseUrl, accessToken);
    const { nextBatch } = await sync(baseUrl, accessToken, undefined);
    observer.#follow(nextBatch).catch((error: unknown) => {
      // What waits for an arrival times out and says so.
      if (!observer.#stopped) process.stderr.write(`The observer ended: ${String(error)}\n`);
    });
    return observer;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Sends a message. `at`: when the homeserver had taken it. */
  async send(roomId: string, body: string): Promise<{ eventId: string; at: number }> {
    return await this.#put(roomId, 'm.room.message', { msgtype: 'm.text', body });
  }

  async react(roomId: string, eventId: string, key: string): Promise<{ eventId: string; at: number }> {
    const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key } };
    return await this.#put(roomId, 'm.reaction', content);
  }

  /** The event about `topic`, whether it came already or comes yet. */
  arrival(topic: Topic): Promise<Arrival> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`No “${topic}” within ${ANSWER_WITHIN_MS / 1000} s.`)),
        ANSWER_WITHIN_MS,
      );
      const take = (arrival: Arrival) => {
        clearTimeout(timer);
        this.#waiting.delete(topic);
        this.#arrived.delete(topic);
        resolve(arrival);
      };
      const arrived = this.#arrived.get(topic);
      if (arrived !== undefined) take(arrived);
      else this.#waiting.set(topic, take);
    });
  }

  async #put(
    roomId: string,
    type: string,
    content: Record<string, unknown>,
  ): Promise<{ eventId: string; at: number }> {
    const transaction = `bench${process.pid}.${this.#transactions++}`;
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${type}/${transaction}`;
    const answer = await requestJson<{ event_id: string }>(this.#baseUrl, 'PUT', path, {
      accessToken: this.#accessToken,
      body: content,
    });
    return { eventId: answer.event_id, at: performance.now() };
  }

  async #follow(position: string): Promise<void> {
    let since = position;
    while (!this.#stopped) {
      const { nextBatch, events } = await sync(this.#baseUrl, this.#accessToken, since);
      const at = performance.now();
      since = nextBatch;
      for (const { event } of events) this.#note({ at, event });
    }
  }

  #note(arrival: Arrival): void {
    const topic = topicOf(arrival.event);
    if (topic === undefined) return;
    const take = this.#waiting.get(topic);
    if (take === undefined) this.#arrived.set(topic, arrival);
    else take(arrival);
  }
}

function topicOf({ content }: RawEvent): Topic | undefined {
  const relation = (content['m.relates_to'] ?? {}) as {
    rel_type?: string;
    event_id?: string;
    key?: string;
    'm.in_reply_to'?: { event_id: string };
  };
  if (relation.rel_type === 'm.replace') return `edit ${relation.event_id}`;
  if (relation.rel_type === 'm.annotation') return `${relation.key} ${relation.event_id}`;
  const repliesTo = relation['m.in_reply_to']?.event_id;
  return repliesTo === undefined ? undefined : `reply ${repliesTo}`;
}
