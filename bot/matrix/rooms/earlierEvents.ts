// Finds an event that the bot may have sent before, where the homeserver may have forgotten its transaction ID.

import { Problem } from '../../../common/problems/problem.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../observability/log.ts';
import type { MetaTable } from '../../store/meta.ts';
import { asObject, type Json } from '../json.ts';
import type { MatrixSession } from '../session.ts';

/** What an event is that may have been sent before. */
export interface SentBefore {
  /** The first time at which it can have been sent, epoch ms. */
  readonly since: number;
  /** It can only be after this event; undefined: anywhere in the room. */
  readonly after: string | undefined;
  /**
   * Whether an event of the bot's own is the same, judged by its content, which may be encrypted. Asked only where its
   * transaction ID does not tell: the homeserver returns that to the device that sent it.
   */
  readonly matches: (content: Json, hasTransactionId: boolean) => boolean;
}

/**
 * How long homeservers remember transaction IDs at least, with a margin. Synapse has them in memory for 30 to 60 minutes
 * (`HttpTransactionCache`), and in its database for a day, Dendrite for 30 to 60 minutes; the specification does not say.
 */
const REMEMBERED_MS = 20 * 60_000;
/** Only the bot's own events are read: the answer to a command is among the first ones after it. */
const PAGE_SIZE = 100;
const MOST_PAGES = 5;
const TYPES = ['m.room.message', 'm.room.encrypted', 'm.reaction'];
/** Timeout of one page, and how long to wait for rate limits. */
const REQUEST_LIMITS = { timeoutMs: 30_000, patienceMs: 300_000 };

export interface EarlierEventsOptions {
  readonly session: Pick<MatrixSession, 'request' | 'retryRequest' | 'userId'>;
  /** Since when the bot has been its present device (epoch ms): transaction IDs count for one device. */
  readonly deviceSince: number;
  readonly clock: Clock;
  readonly log: Log;
}

export class EarlierEvents {
  readonly #options: EarlierEventsOptions;

  constructor(options: EarlierEventsOptions) {
    this.#options = options;
  }

  /**
   * The event's ID; undefined: it was not sent before, or its transaction ID is still known to the homeserver, or the
   * room can't be read. Then the event is sent: twice is better than never.
   */
  async find(roomId: string, transactionId: string, event: SentBefore): Promise<string | undefined> {
    const { session, deviceSince, clock, log } = this.#options;
    // In both directions: the clock may have been set back.
    const age = Math.abs(clock() - event.since);
    if (age < REMEMBERED_MS && event.since >= deviceSince) return undefined;
    try {
      const search = () => this.#search(roomId, transactionId, event);
      return await session.retryRequest('look for an earlier answer', search, { mayGiveUp: true });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      log.warn({ roomId }, `Could not find out whether this was answered before: ${error.sentence}`);
      return undefined;
    }
  }

  async #search(
    roomId: string,
    transactionId: string,
    { after, matches }: SentBefore,
  ): Promise<string | undefined> {
    const { userId } = this.#options.session;
    let from = after === undefined ? undefined : await this.#positionAfter(roomId, after);
    for (let page = 0; page < MOST_PAGES; page++) {
      const { chunk, end } = await this.#read(roomId, from);
      for (const raw of chunk) {
        const { event_id, sender, content, unsigned } = asObject(raw);
        if (typeof event_id !== 'string' || sender !== userId) continue;
        const { transaction_id } = asObject(unsigned);
        if (transaction_id === transactionId) return event_id;
        if (matches(asObject(content), transaction_id !== undefined)) return event_id;
      }
      if (end === undefined || chunk.length === 0) return undefined;
      from = end;
    }
    return undefined;
  }

  async #positionAfter(roomId: string, eventId: string): Promise<string | undefined> {
    const path = `${roomPath(roomId)}/context/${encodeURIComponent(eventId)}`;
    const answer = await this.#options.session.request('GET', path, undefined, { limit: 0 }, REQUEST_LIMITS);
    const { end } = asObject(answer);
    return typeof end === 'string' ? end : undefined;
  }

  /** The bot's own events after a position, the oldest first; without one, after the beginning of the room. */
  async #read(
    roomId: string,
    from: string | undefined,
  ): Promise<{ chunk: readonly unknown[]; end: string | undefined }> {
    const { session } = this.#options;
    const query = {
      dir: 'f',
      limit: PAGE_SIZE,
      filter: JSON.stringify({ types: TYPES, senders: [session.userId], lazy_load_members: true }),
      ...(from === undefined ? {} : { from }),
    };
    const answer = await session.request(
      'GET',
      `${roomPath(roomId)}/messages`,
      undefined,
      query,
      REQUEST_LIMITS,
    );
    const { chunk, end } = asObject(answer);
    return { chunk: Array.isArray(chunk) ? chunk : [], end: typeof end === 'string' ? end : undefined };
  }
}

function roomPath(roomId: string): string {
  return `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`;
}

/** Since when the bot has been this device, epoch ms: `now`, if it was another one before, or none is known. */
export function deviceSince(meta: MetaTable, deviceId: string | undefined, now: number): number {
  const { device, since } = asObject(JSON.parse(meta.get('device') ?? '{}'));
  if (device === (deviceId ?? null) && typeof since === 'number') return since;
  meta.set('device', JSON.stringify({ device: deviceId ?? null, since: now }));
  return now;
}
