// Requests to the homeserver's admin API with the admin credential.
import { type Problem, problem } from '../../../../common/problems/problem.ts';
import { HomeserverClient } from '../../../matrix/client.ts';
import { RequestFailed } from '../../../matrix/errors.ts';

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
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
}

/** A rate limit is waited out for this long in all; then the person is told. */
const PATIENCE_MS = 120_000;
/** Listing 10,000 tokens takes a small server a while. */
const TIMEOUT_MS = 30_000;

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
    const { credential, baseUrl } = this.#options;
    const accessToken = await credential.accessToken();
    try {
      return await this.#ask(accessToken, method, path, body);
    } catch (error) {
      if (!(error instanceof RequestFailed) || !error.accessTokenRefused) throw error;
      if (!(await credential.renew(accessToken))) throw credentialRefused(baseUrl, error);
      return await this.#ask(await credential.accessToken(), method, path, body);
    }
  }

  /** Whether the homeserver has handed its accounts to MAS: only then it tells about it (Matrix v1.15, MSC2965). */
  async masIssuer(): Promise<string | undefined> {
    try {
      const metadata = await this.#ask('', 'GET', '/_matrix/client/v1/auth_metadata');
      const { issuer } = metadata as { issuer?: unknown };
      return typeof issuer === 'string' ? issuer : undefined;
    } catch (error) {
      // Asked only to explain another failure better: that one is told then.
      if (error instanceof RequestFailed) return undefined;
      throw error;
    }
  }

  async #ask(accessToken: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) {
    const { baseUrl, signal, timeoutMs = TIMEOUT_MS } = this.#options;
    const client = new HomeserverClient(baseUrl, accessToken, signal);
    return await client.request(method, path, body, { timeoutMs, patienceMs: PATIENCE_MS });
  }
}

function credentialRefused(baseUrl: string, cause: RequestFailed): Problem {
  return problem('admin_token_ended', { baseUrl }, { cause });
}
