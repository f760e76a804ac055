// Synapse's registration tokens:
// https://element-hq.github.io/synapse/latest/usage/administration/admin_api/registration_tokens.html
import { type Problem, problem } from '../../../../common/problems/problem.ts';
import type { TokenFacts, UpdateToken } from '../../../../common/token.ts';
import { RequestFailed } from '../../../matrix/errors.ts';
import type { NewToken, RegistrationBackend } from '../backend.ts';
import type { AdminApi } from './adminApi.ts';

const ROOT = '/_synapse/admin/v1/registration_tokens';

type SynapseApi = Pick<AdminApi, 'baseUrl' | 'request' | 'masIssuer'>;

export class SynapseBackend implements RegistrationBackend {
  readonly name = 'Synapse';
  readonly capabilities = { delete: true, pending: true };
  readonly #api: SynapseApi;
  /** The token API has answered since the start of the process. */
  #worked = false;

  constructor(api: SynapseApi) {
    this.#api = api;
  }

  async check(): Promise<void> {
    // Any token will do: there being none is an answer as well, and a list may be long.
    await this.get('check');
  }

  async list(): Promise<TokenFacts[]> {
    const answer = await this.#request('GET', ROOT);
    const tokens = (answer as { registration_tokens?: unknown }).registration_tokens;
    if (!Array.isArray(tokens)) throw this.#unexpected();
    return tokens.map((token) => this.#read(token));
  }

  async get(token: string): Promise<TokenFacts | null> {
    const answer = await this.#orNull(this.#request('GET', pathOf(token)));
    return answer === null ? null : this.#read(answer);
  }

  async create(token: NewToken): Promise<TokenFacts> {
    try {
      return this.#read(await this.#request('POST', `${ROOT}/new`, token));
    } catch (error) {
      // Synapse has no error code of its own for this.
      if (error instanceof RequestFailed && error.status === 400 && /already exists/i.test(error.message)) {
        throw tokenExists(error);
      }
      throw error;
    }
  }

  async update(token: string, change: UpdateToken): Promise<TokenFacts | null> {
    const answer = await this.#orNull(this.#request('PUT', pathOf(token), change));
    return answer === null ? null : this.#read(answer);
  }

  async delete(token: string): Promise<boolean> {
    return (await this.#orNull(this.#request('DELETE', pathOf(token)))) !== null;
  }

  async #request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    try {
      const answer = await this.#api.request(method, path, body);
      this.#worked = true;
      return answer;
    } catch (error) {
      throw error instanceof RequestFailed ? await this.#explain(error) : error;
    }
  }

  async #explain(error: RequestFailed): Promise<Problem> {
    const { status, errcode, truncated } = error;
    // Cut on the way, the request may have been carried out. Where the API has worked, a page of a proxy passes as well.
    if (errcode === undefined && (truncated || this.#worked)) return error;
    if (errcode === 'M_NOT_FOUND' || errcode === 'M_INVALID_PARAM') this.#worked = true;
    if (status === 403 && errcode !== undefined) return rightsMissing(this.#api.baseUrl, error);
    if (status === 400 && errcode === 'M_INVALID_PARAM') {
      return new RequestFailed(
        'token_api_refused_input',
        { server: this.#api.baseUrl, status, words: error.words },
        { status, errcode },
        { cause: error },
      );
    }
    if (isNotHere(error)) {
      const issuer = await this.#api.masIssuer();
      return issuer === undefined ? apiMissing(this.#api.baseUrl, error) : masInCharge(issuer, error);
    }
    return error;
  }

  async #orNull<T>(answer: Promise<T>): Promise<T | null> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof RequestFailed && error.errcode === 'M_NOT_FOUND') return null;
      throw error;
    }
  }

  #read(raw: unknown): TokenFacts {
    const { token, uses_allowed, pending, completed, expiry_time } = (raw ?? {}) as Record<string, unknown>;
    if (typeof token !== 'string' || typeof completed !== 'number') throw this.#unexpected();
    return {
      token,
      // Synapse registers people with a token of 0 uses without any limit, although it calls it invalid in its lists.
      uses_allowed: typeof uses_allowed === 'number' && uses_allowed !== 0 ? uses_allowed : null,
      completed,
      pending: typeof pending === 'number' ? pending : null,
      expiry_time: typeof expiry_time === 'number' ? expiry_time : null,
    };
  }

  #unexpected(): Problem {
    return problem('token_api_odd_answer', { baseUrl: this.#api.baseUrl });
  }
}

/** An unknown token is M_NOT_FOUND. Otherwise: the homeserver, or a proxy before it, has no token API at this address. */
function isNotHere({ status, errcode }: RequestFailed): boolean {
  if (status === 404) return errcode !== 'M_NOT_FOUND';
  if (status === 405) return true;
  // A proxy that keeps people out, or one that answers everything unknown with its start page.
  return errcode === undefined && status !== undefined && (status === 403 || status < 300);
}

function pathOf(token: string): string {
  // Made elsewhere. Even encoded, every URL parser takes these for steps in the path, which then leads elsewhere.
  if (token === '.' || token === '..') {
    throw problem('token_unnameable', { token });
  }
  return `${ROOT}/${encodeURIComponent(token)}`;
}

function tokenExists(cause: unknown): Problem {
  return problem('token_name_taken', undefined, { cause });
}

function rightsMissing(baseUrl: string, cause: unknown): Problem {
  return problem('admin_rights_missing', { baseUrl }, { cause });
}

function apiMissing(baseUrl: string, cause: unknown): Problem {
  return problem('token_api_missing', { baseUrl }, { cause });
}

function masInCharge(issuer: string, cause: unknown): Problem {
  return problem('mas_in_charge', { issuer }, { cause });
}
