// Requests to the homeserver's admin API with the admin credential.
import { Problem } from '../../common/problem.ts';
import { type Clock, wait } from '../clock.ts';
import { type FailureFacts, RequestFailed, requestFailed } from '../homeserver/requestFailed.ts';

/** An admin's access token, and how to get another once it is refused. */
export interface AdminCredential {
  accessToken(): Promise<string>;
  /** true: there is another access token than `refused` now. */
  renew(refused: string): Promise<boolean>;
}

export interface AdminApiOptions {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly credential: AdminCredential;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Listing 10,000 tokens takes a small server a while. */
const TIMEOUT_MS = 30_000;
/** A rate limit is waited out for this long in all; then the person is told. */
const MOST_PATIENCE_MS = 120_000;
const DEFAULT_RETRY_AFTER_MS = 2_000;

export class AdminApi {
  readonly #options: AdminApiOptions;

  constructor(options: AdminApiOptions) {
    this.#options = options;
  }

  get baseUrl(): string {
    return this.#options.baseUrl;
  }

  /**
   * The JSON of a 2xx answer.
   * @throws RequestFailed (with `status` and `errcode` where there was an answer); Problem `admin_credential_refused`
   */
  async request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const { credential, clock, signal, baseUrl } = this.#options;
    const deadline = clock() + MOST_PATIENCE_MS;
    let renewed = false;
    for (;;) {
      const accessToken = await credential.accessToken();
      try {
        return await this.#once(method, path, accessToken, body);
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        if (error.code === 'rate_limited') {
          const delay = error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS;
          if (clock() + delay > deadline) throw error;
          await wait(delay, signal);
        } else if (error.status === 401) {
          if (renewed || !(await credential.renew(accessToken))) throw credentialRefused(baseUrl, error);
          renewed = true;
        } else {
          throw error;
        }
      }
    }
  }

  /** Whether the homeserver has handed its accounts to MAS: only then it tells about it (Matrix v1.15, MSC2965). */
  async masIssuer(): Promise<string | undefined> {
    const { baseUrl, signal } = this.#options;
    try {
      const url = `${baseUrl}/_matrix/client/v1/auth_metadata`;
      const response = await this.#options.fetch(url, { signal: timeout(signal) });
      const metadata: unknown = response.ok ? await response.json() : undefined;
      const issuer = (metadata as { issuer?: unknown } | undefined)?.issuer;
      return typeof issuer === 'string' ? issuer : undefined;
    } catch {
      // Asked only to explain another failure better: that one is told then.
      signal.throwIfAborted();
      return undefined;
    }
  }

  async #once(method: string, path: string, accessToken: string, body: unknown): Promise<unknown> {
    const { baseUrl, signal } = this.#options;
    let response: Response;
    let text: string;
    try {
      response = await this.#options.fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${accessToken}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: timeout(signal),
      });
      text = await response.text();
    } catch (error) {
      signal.throwIfAborted();
      throw requestFailed(baseUrl, {}, error);
    }
    const json = parseJson(text);
    if (response.ok && json !== undefined) return json;
    throw requestFailed(baseUrl, factsOf(response, json));
  }
}

function timeout(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function factsOf(response: Response, json: unknown): FailureFacts {
  const { errcode, error, retry_after_ms } = (json ?? {}) as Record<string, unknown>;
  const header = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return {
    status: response.status,
    errcode: typeof errcode === 'string' ? errcode : undefined,
    error: typeof error === 'string' ? error : undefined,
    retryAfterMs:
      typeof retry_after_ms === 'number'
        ? retry_after_ms
        : Number.isFinite(header)
          ? header * 1000
          : undefined,
  };
}

function credentialRefused(baseUrl: string, cause: RequestFailed): Problem {
  return new Problem(
    'admin_credential_refused',
    `The homeserver at ${baseUrl} does not accept the access token for its admin API any more (expired or revoked).`,
    'Put the access token of a server admin, or a user name and password, under api in the configuration and restart the bot.',
    { cause },
  );
}
