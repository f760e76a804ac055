// The SDK's client, with classified errors and waiting for rate limits. All requests to a homeserver go through here.
import { MatrixClient, MatrixError } from 'matrix-bot-sdk';
import { retry } from '../lib/retry.ts';
import { requests } from '../observability/observed.ts';
import { type FailureFacts, RequestFailed, requestFailed } from './errors.ts';
import { AnswerTooLarge } from './http/exchange.ts';
import { cancelledBy } from './http/sdkRequests.ts';
import { wellFormed } from './json.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface RequestOptions {
  readonly query?: Record<string, unknown>;
  /** How long the answer may take to begin (ms). */
  readonly timeoutMs?: number;
  /** How long to wait for rate limits in total; default: without limit. */
  readonly patienceMs?: number;
  /** Cancels the request, in addition to the client's own signal. */
  readonly signal?: AbortSignal | undefined;
}

interface Asked {
  readonly method: Method;
  readonly path: string;
  readonly patienceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const REQUEST_TIMEOUT_MS = 60_000;

/** Timeouts of /sync, in ms. */
export interface SyncTiming {
  /** The `timeout` parameter of /sync: how long Synapse holds the request without new events. */
  readonly longPoll: number;
  /** How long /sync may take beyond that. */
  readonly beyond: number;
  /** The same for an initial sync, whose answer contains all rooms. */
  readonly first: number;
}

export const SYNC_TIMING: SyncTiming = { longPoll: 30_000, beyond: 30_000, first: 600_000 };

/**
 * Limits /sync to what the bot uses. Lazy loading of members makes the room summary include member counts, which are
 * all that the bot needs of members here.
 */
const SYNC_FILTER = JSON.stringify({
  presence: { types: [] },
  account_data: { types: [] },
  room: {
    account_data: { types: [] },
    ephemeral: { types: [] },
    state: {
      lazy_load_members: true,
      types: ['m.room.encryption', 'm.room.history_visibility', 'm.room.member', 'm.room.power_levels'],
    },
    timeline: {
      limit: 50,
      lazy_load_members: true,
      types: [
        'm.room.message',
        'm.room.encrypted',
        'm.reaction',
        'm.room.member',
        'm.room.encryption',
        'm.room.history_visibility',
        'm.room.power_levels',
        'm.key.verification.*',
      ],
    },
  },
});

export class HomeserverClient extends MatrixClient {
  readonly #signal: AbortSignal | undefined;

  /**
   * @param accessToken empty before the login
   * @param signal cancels all requests of this client
   */
  constructor(baseUrl: string, accessToken: string, signal?: AbortSignal) {
    super(baseUrl, accessToken);
    this.#signal = signal;
  }

  /**
   * Returns the JSON of a 2xx answer. Waits for rate limits.
   * @throws RequestFailed; the reason of a signal that aborted
   */
  async request(
    method: Method,
    path: string,
    body?: unknown,
    { query, timeoutMs = REQUEST_TIMEOUT_MS, patienceMs, signal }: RequestOptions = {},
  ): Promise<unknown> {
    // The SDK omits a falsy body, but Synapse requires one for every POST and PUT.
    const content = method === 'GET' || method === 'DELETE' ? null : wellFormed(body ?? {});
    const asked = { method, path, patienceMs, signal: either(this.#signal, signal) };
    return await this.#retryRateLimited(asked, async () => {
      const response: unknown = await this.doRequest(method, path, query ?? null, content, timeoutMs, true);
      const { body: answer } = response as { body?: unknown };
      // Some proxies send their error pages with status 200; the SDK returns a body that is not JSON as a string.
      if (typeof answer !== 'object' || answer === null) {
        throw requestFailed(this.homeserverUrl, factsOf(response));
      }
      return answer;
    });
  }

  /** The content's `mxc:` URI. @throws RequestFailed */
  async upload(content: Buffer, contentType: string, fileName: string): Promise<string> {
    return await this.#retryRateLimited(
      { method: 'POST', path: '/_matrix/media/', signal: this.#signal },
      () => this.uploadContent(content, contentType, fileName),
    );
  }

  async #retryRateLimited<T>(asked: Asked, ask: () => Promise<T>): Promise<T> {
    const { patienceMs = Number.POSITIVE_INFINITY } = asked;
    const deadline = performance.now() + patienceMs;
    return await retry(() => this.#observed(asked, ask), {
      when: (error, _attempt, retryInMs) =>
        error instanceof RequestFailed &&
        error.kind === 'rate_limited' &&
        performance.now() + retryInMs <= deadline,
      delayOf: (error) => (error instanceof RequestFailed ? error.retryAfterMs : undefined),
      first: 1_000,
      most: 30_000,
      signal: asked.signal,
    });
  }

  /** @throws RequestFailed */
  async #observed<T>({ method, path, signal }: Asked, ask: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    try {
      const answer = await cancelledBy(signal, ask);
      requests.emit({ method, path, outcome: 'ok', seconds: seconds() });
      return answer;
    } catch (error) {
      const failure: unknown = signal?.aborted ? signal.reason : this.#understand(error);
      if (failure instanceof RequestFailed)
        requests.emit({ method, path, outcome: failure.kind, seconds: seconds() });
      throw failure;
    }
  }

  /**
   * Requests /sync since a position; undefined: an initial sync.
   * @param wait long-polls until there are new events
   */
  sync(
    since: string | undefined,
    wait: boolean,
    { longPoll, beyond, first }: SyncTiming = SYNC_TIMING,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const timeout = wait ? longPoll : 0;
    const position = since === undefined ? {} : { since };
    const timeoutMs = since === undefined ? first : timeout + beyond;
    const query = { ...position, timeout, filter: SYNC_FILTER };
    return this.request('GET', '/_matrix/client/v3/sync', undefined, { query, timeoutMs, signal });
  }

  #understand(error: unknown): RequestFailed {
    return error instanceof RequestFailed ? error : requestFailed(this.homeserverUrl, factsOf(error), error);
  }
}

function either(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one && other ? AbortSignal.any([one, other]) : (one ?? other);
}

/** The SDK throws a `MatrixError`, the HTTP request's error, or the whole response if the body is not a Matrix error. */
function factsOf(error: unknown): FailureFacts {
  if (error instanceof MatrixError) {
    const { statusCode: status, errcode, error: words, retryAfterMs, body: answer } = error;
    return { status, errcode, error: words, retryAfterMs, answer };
  }
  if (error instanceof AnswerTooLarge) return { status: error.statusCode, tooLarge: error.bytes };
  const { statusCode, headers, body } = (error ?? {}) as {
    statusCode?: unknown;
    headers?: Record<string, unknown>;
    body?: unknown;
  };
  const retryAfter = Number(headers?.['retry-after'] ?? Number.NaN);
  return {
    status: typeof statusCode === 'number' ? statusCode : undefined,
    retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
    answer: typeof body === 'object' ? body : undefined,
    truncated: typeof body === 'string' && isTruncated(body, String(headers?.['content-type'] ?? '')),
  };
}

/** Whether an unparsable body was meant to be JSON, as opposed to a proxy's error page. */
function isTruncated(body: string, contentType: string): boolean {
  const start = body.trimStart().charAt(0);
  return start !== '<' && (start === '{' || start === '[' || /^application\/json\b/i.test(contentType));
}
