// The session with the bot, started with an OpenID token. Clients may ask the user each time that the widget wants such a
// token, over all that they show: after the first sign-in the widget wants one only when the user does something.
import type { SessionResponse } from '../../../common/apiResponses.ts';
import { ApiFailure } from './failure.ts';

/** As returned by the widget API; `expires_in` in seconds. */
export interface OpenIdToken {
  access_token: string;
  token_type: string;
  matrix_server_name: string;
  expires_in: number;
}

export interface ApiOptions {
  /** Address of the API, without a trailing slash. */
  root: string;
  /** The language of the bot's error texts. */
  language: string;
  identity: () => Promise<OpenIdToken>;
  fetch: typeof fetch;
  /** The user has lost access. */
  onEnd: (failure: ApiFailure) => void;
  /** `true`: there is no session, until the user signs in again; `false`: there is one. */
  onLapse: (lapsed: boolean) => void;
}

export interface RequestOptions {
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** The user did nothing to cause the request: without a session it fails with `session_ended`. */
  unasked?: boolean;
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

const TIMEOUT_MS = 30_000;

export class Session {
  readonly #options: ApiOptions;
  /** In memory only; shared by concurrent requests. */
  #current: Promise<SessionResponse> | undefined;
  /** Not used yet, because the bot could not be reached: so that retries need not ask the user again. */
  #identity: OpenIdToken | undefined;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** Starts a session unless there is one. Throws `ApiFailure`. */
  async signIn(): Promise<void> {
    await this.#session(false);
  }

  async request<T>(
    method: string,
    path: string,
    { body, headers = {}, unasked = false }: RequestOptions = {},
  ) {
    const init = {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const response = await this.open(path, init, unasked);
    const data = (response.status === 204 ? undefined : await readJson(response)) as T;
    return { data, etag: response.headers.get('etag') } satisfies Answer<T>;
  }

  /** The successful answer, body unread; renews an ended session once, unless `unasked`. Throws `ApiFailure`. */
  async open(
    path: string,
    init: RequestInit & { headers?: Record<string, string> },
    unasked: boolean,
  ): Promise<Response> {
    try {
      const session = this.#session(unasked);
      const response = await this.#send(path, init, (await session).session_token);
      if (response.status !== 401) return await succeeded(response);
      if (this.#current === session) this.#current = undefined;
      return await succeeded(await this.#send(path, init, (await this.#session(unasked)).session_token));
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 'not_allowed') {
        this.#current = undefined;
        this.#options.onEnd(error);
      }
      throw error;
    }
  }

  #session(unasked: boolean): Promise<SessionResponse> {
    if (this.#current === undefined) {
      if (unasked) {
        this.#options.onLapse(true);
        throw new ApiFailure(401, 'session_ended', 'There is no session.');
      }
      const starting = this.#start();
      this.#current = starting;
      starting.then(
        () => this.#options.onLapse(false),
        () => {
          if (this.#current === starting) this.#current = undefined;
          this.#options.onLapse(true);
        },
      );
    }
    return this.#current;
  }

  async #start(): Promise<SessionResponse> {
    this.#identity ??= await this.#options.identity();
    const openid_token = this.#identity;
    const response = await this.#send('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ openid_token }),
    });
    if (response.status < 500 && response.status !== 429) this.#identity = undefined;
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
        signal: AbortSignal.timeout(TIMEOUT_MS),
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
