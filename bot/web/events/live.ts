// The widgets that watch. While there is one, the homeserver is asked every few seconds what has changed outside the bot.
import type { Response } from 'express';
import type { RegistrationToken } from '../../../common/token.ts';
import { backoff, wait } from '../../lib/clock.ts';
import type { Log } from '../../observability/log.ts';
import { workingForNobody } from '../../observability/trace.ts';
import type { Change } from '../../tokens/changes.ts';
import type { RegistrationService } from '../../tokens/service.ts';
import { TokenMirror } from '../../tokens/watch/tokenMirror.ts';
import { accessOf } from '../accessView.ts';
import { tooManyRequests } from '../httpErrors.ts';
import type { Sessions, WebSession } from '../sessions.ts';
import { LiveEvents, type NumberedEvent } from './liveEvents.ts';

export interface LiveOptions {
  readonly service: RegistrationService;
  readonly sessions: Sessions;
  readonly log: Log;
  /** Aborted when the bot stops. */
  readonly signal: AbortSignal;
}

export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // nginx would hold events back until it has a buffer full of them.
  'x-accel-buffering': 'no',
} as const;

interface Stream {
  readonly session: WebSession;
  readonly response: Response;
}

const POLL_MS = 3_000;
const HEARTBEAT_MS = 15_000;
/** For this long after the last widget has gone, those that come back miss nothing (ms). */
const REMEMBER_MS = 300_000;
const MOST_STREAMS = 200;
const MOST_STREAMS_PER_SESSION = 5;
/** A reader who does not keep up is let go; it comes back and goes on where it was (bytes). */
const MOST_UNREAD = 1_000_000;

export class Live {
  readonly #options: LiveOptions;
  readonly #streams = new Set<Stream>();
  readonly #events = new LiveEvents({ onEvent: (event) => this.#tellAll(event) });
  readonly #mirror: TokenMirror;
  readonly #stopListening: () => void;
  #polling: AbortController | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #forgetting: NodeJS.Timeout | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#mirror = new TokenMirror({
      list: () => options.service.current(),
      onDifference: (difference) => this.#events.tokens(difference),
    });
    this.#stopListening = options.service.onChange((change) => this.#onChange(change));
  }

  /** All tokens, newest information first; see `TokenMirror`. */
  async list(maxAgeMs = 0): Promise<readonly RegistrationToken[]> {
    if (this.#streams.size === 0) this.#forgetLater();
    return await this.#mirror.list(maxAgeMs);
  }

  /** Tells everything that happens from now on, and with `lastEventId` what happened since. */
  open(session: WebSession, response: Response, lastEventId: string | undefined): void {
    const own = [...this.#streams].filter((stream) => stream.session.id === session.id);
    if (this.#streams.size >= MOST_STREAMS || own.length >= MOST_STREAMS_PER_SESSION) {
      throw tooManyRequests(HEARTBEAT_MS);
    }
    // Once it has ended nobody waits for the connection, when the bot stops.
    response.writeHead(200, { ...EVENT_STREAM_HEADERS, connection: 'close' });
    // Those who come back and have missed nothing hear of it now, not with the first event.
    response.flushHeaders();
    const stream = { session, response };
    this.#streams.add(stream);
    response.on('close', () => this.#closed(stream));
    const missed = lastEventId === undefined ? undefined : this.#events.after(lastEventId);
    for (const event of missed ?? [{ id: this.#events.position, event: RESET }]) tell(stream, event);
    this.#begin();
  }

  /** How many widgets watch. */
  get count(): number {
    return this.#streams.size;
  }

  stop(): void {
    this.#stopListening();
    this.#polling?.abort();
    clearInterval(this.#heartbeat);
    clearTimeout(this.#forgetting);
    this.#events.stop();
    for (const { response } of this.#streams) response.end();
  }

  #onChange(change: Change): void {
    if (change.kind !== 'access') {
      this.#mirror.apply(change);
      return;
    }
    this.#checkStreams();
    this.#events.access(accessOf(this.#options.service.policy));
  }

  #tellAll(event: NumberedEvent): void {
    for (const stream of this.#streams) tell(stream, event);
  }

  /** Ends the streams of those who have no session or no access any more. An open stream keeps its session alive. */
  #checkStreams(): void {
    const { sessions, service } = this.#options;
    for (const { session, response } of this.#streams) {
      if (!service.hasAccess(session.userId) || !sessions.keepAlive(session.id)) response.end();
    }
  }

  #begin(): void {
    clearTimeout(this.#forgetting);
    this.#heartbeat ??= setInterval(() => {
      this.#checkStreams();
      for (const { response } of this.#streams) response.write(':\n\n');
    }, HEARTBEAT_MS);
    if (this.#polling === undefined) {
      this.#polling = new AbortController();
      const signal = AbortSignal.any([this.#polling.signal, this.#options.signal]);
      workingForNobody(() => void this.#poll(signal));
    }
  }

  #closed(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
    this.#polling?.abort();
    this.#polling = undefined;
    this.#forgetLater();
  }

  #forgetLater(): void {
    clearTimeout(this.#forgetting);
    this.#forgetting = setTimeout(() => {
      this.#mirror.forget();
      this.#events.interrupt();
    }, REMEMBER_MS);
    // Alone it does not keep the process.
    this.#forgetting.unref();
  }

  async #poll(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#mirror.list();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        // Those who ask for something are told what is wrong; nobody asked for this.
        this.#options.log.debug({ err: error }, 'Could not see whether tokens have changed.');
        failures++;
      }
      const delay = failures === 0 ? POLL_MS : backoff(failures, POLL_MS, 30_000);
      await wait(delay, signal).catch(() => undefined);
    }
  }
}

const RESET = { event: 'reset', data: {} } as const;

function tell({ response }: Stream, { id, event: { event, data } }: NumberedEvent): void {
  if (response.writableEnded || response.destroyed) return;
  response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  if (response.writableLength > MOST_UNREAD) response.destroy();
}
