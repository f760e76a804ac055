// Sends changes of tokens and access to open widgets, as server-sent events.

import type { Response } from 'express';
import { problem } from '../../../common/problems/problem.ts';
import type { AccessControl } from '../../access/accessControl.ts';
import type { TokenEvent, TokenWatch } from '../../tokens/watch/tokenWatch.ts';
import { accessOf } from '../accessView.ts';
import type { Sessions, WebSession } from '../sessions.ts';
import { EventLog, type NumberedEvent } from './eventLog.ts';

export interface EventStreamsOptions {
  readonly watch: TokenWatch;
  readonly access: AccessControl;
  readonly sessions: Sessions;
}

export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // nginx would buffer events otherwise.
  'x-accel-buffering': 'no',
} as const;

interface Stream {
  readonly session: WebSession;
  readonly response: Response;
}

const HEARTBEAT_MS = 15_000;
const MOST_STREAMS = 200;
const MOST_STREAMS_PER_SESSION = 5;
/** A client that reads too slowly is disconnected; it reconnects with its `Last-Event-ID` (bytes). */
const MOST_UNREAD = 1_000_000;

export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #streams = new Set<Stream>();
  readonly #events = new EventLog({ onEvent: (event) => this.#broadcast(event) });
  readonly #stopListening: (() => void)[];
  /** Set while there are streams: only then the tokens are watched. */
  #stopWatching: (() => void) | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    const { watch, access } = options;
    this.#stopListening = [
      watch.events.listen((event) => this.#onTokens(event)),
      access.changes.listen(() => this.#onAccess()),
    ];
  }

  /** Starts a stream, with the events missed since `lastEventId`; otherwise with `reset`. */
  open(session: WebSession, response: Response, lastEventId: string | undefined): void {
    const own = [...this.#streams].filter((stream) => stream.session.id === session.id);
    if (this.#streams.size >= MOST_STREAMS || own.length >= MOST_STREAMS_PER_SESSION) {
      throw problem('too_many_requests', { retryAfterMs: HEARTBEAT_MS });
    }
    // No keep-alive, so that the connection closes with the stream when the bot stops.
    response.writeHead(200, { ...EVENT_STREAM_HEADERS, connection: 'close' });
    // Without missed events nothing is written yet, and the client would wait for the headers.
    response.flushHeaders();
    const stream = { session, response };
    this.#streams.add(stream);
    response.on('close', () => this.#closed(stream));
    const missed = lastEventId === undefined ? undefined : this.#events.after(lastEventId);
    for (const event of missed ?? [{ id: this.#events.position, event: RESET }]) sendEvent(stream, event);
    this.#begin();
  }

  /** The number of open streams. */
  get count(): number {
    return this.#streams.size;
  }

  stop(): void {
    for (const stopListening of this.#stopListening) stopListening();
    this.#stopWatching?.();
    clearInterval(this.#heartbeat);
    this.#events.stop();
    for (const { response } of this.#streams) response.end();
  }

  #onTokens(event: TokenEvent): void {
    if (event.kind === 'difference') this.#events.tokens(event);
    else this.#events.interrupt();
  }

  #onAccess(): void {
    this.#checkStreams();
    this.#events.access(accessOf(this.#options.access.policy));
  }

  #broadcast(event: NumberedEvent): void {
    for (const stream of this.#streams) sendEvent(stream, event);
  }

  /** Ends streams whose session has ended or whose person has lost access. An open stream keeps its session alive. */
  #checkStreams(): void {
    const { sessions, access } = this.#options;
    for (const { session, response } of this.#streams) {
      if (!access.isAllowed(session.userId) || !sessions.keepAlive(session.id)) response.end();
    }
  }

  #begin(): void {
    this.#heartbeat ??= setInterval(() => {
      this.#checkStreams();
      for (const { response } of this.#streams) response.write(':\n\n');
    }, HEARTBEAT_MS);
    this.#stopWatching ??= this.#options.watch.start();
  }

  #closed(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }
}

const RESET = { event: 'reset', data: {} } as const;

function sendEvent({ response }: Stream, { id, event: { event, data } }: NumberedEvent): void {
  if (response.writableEnded || response.destroyed) return;
  response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  if (response.writableLength > MOST_UNREAD) response.destroy();
}
