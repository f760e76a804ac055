// The session with the bot: gets one with a proof of identity, renews it by itself, and tells when that is not possible.
import type { SessionResponse } from '../../../common/apiResponses.ts';
import { ApiFailure, endsSession } from './failure.ts';

/** As the widget API gives it; `expires_in` in seconds. */
export interface OpenIdToken {
  access_token: string;
  token_type: string;
  matrix_server_name: string;
  expires_in: number;
}

export interface ApiOptions {
  /** Address of the API without a slash at its end. */
  root: string;
  /** In which the bot says what went wrong. */
  language: string;
  identity: () => Promise<OpenIdToken>;
  fetch: typeof fetch;
  /** The session can't go on: somebody has to do something. */
  onEnd: (failure: ApiFailure) => void;
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

const TIMEOUT_MS = 30_000;

export class Session {
  readonly #options: ApiOptions;
  /** In memory only; shared by everything that asks at the same moment. */
  #current: Promise<SessionResponse> | undefined;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** Who the bot took the person for. */
  async userId(): Promise<string> {
    return (await this.#session()).user_id;
  }

  async request<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await this.open(path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const data = (response.status === 204 ? undefined : await readJson(response)) as T;
    return { data, etag: response.headers.get('etag') } satisfies Answer<T>;
  }

  /** A successful answer with its body unread; a session that ended is renewed once. Throws `ApiFailure`. */
  async open(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    try {
      const session = this.#session();
      const response = await this.#send(path, init, (await session).session_token);
      if (response.status !== 401) return await succeeded(response);
      if (this.#current === session) this.#current = undefined;
      return await succeeded(await this.#send(path, init, (await this.#session()).session_token));
    } catch (error) {
      if (error instanceof ApiFailure && endsSession(error)) {
        this.#current = undefined;
        this.#options.onEnd(error);
      }
      throw error;
    }
  }

  #session(): Promise<SessionResponse> {
    if (this.#current === undefined) {
      const starting = this.#start();
      this.#current = starting;
      starting.catch(() => {
        if (this.#current === starting) this.#current = undefined;
      });
    }
    return this.#current;
  }

  async #start(): Promise<SessionResponse> {
    const openid_token = await this.#options.identity();
    const response = await this.#send('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ openid_token }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 401) {
      const failure = await succeeded(response).catch((error: unknown) => error as ApiFailure);
      if (failure instanceof ApiFailure) {
        throw new ApiFailure(401, 'identity_refused', failure.message, failure.body);
      }
    }
    return (await readJson(await succeeded(response))) as SessionResponse;
  }

  async #send(path: string, init: RequestInit, token?: string): Promise<Response> {
    try {
      return await this.#options.fetch(`${this.#options.root}${path}`, {
        ...init,
        headers: {
          'accept-language': this.#options.language,
          ...(init.headers as Record<string, string>),
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        credentials: 'omit',
        cache: 'no-store',
      });
    } catch (error) {
      if (init.signal?.aborted && (init.signal.reason as Error | undefined)?.name === 'AbortError')
        throw error;
      throw new ApiFailure(0, 'offline', String(error));
    }
  }
}

async function succeeded(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw ApiFailure.fromAnswer(response.status, await response.json().catch(() => undefined));
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new ApiFailure(response.status, 'offline', String(error));
  }
}
