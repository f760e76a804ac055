// Synapse's registration tokens:
// https://element-hq.github.io/synapse/latest/usage/administration/admin_api/registration_tokens.html
import { Problem, problem } from '../../../../common/problems/problem.ts';
import type { TokenFacts, UpdateToken } from '../../../../common/token.ts';
import { RequestFailed } from '../../../matrix/errors.ts';
import type { Log } from '../../../observability/log.ts';
import { adminCalls, type Outcome } from '../../../observability/observed.ts';
import type { BackendCapabilities, NewToken, RegistrationBackend } from '../backend.ts';
import type { AdminApi } from './adminApi.ts';

const ROOT = '/_synapse/admin/v1/registration_tokens';

type SynapseApi = Pick<AdminApi, 'baseUrl' | 'request' | 'masIssuer'>;

export class SynapseBackend implements RegistrationBackend {
  readonly name = 'Synapse';
  readonly capabilities: BackendCapabilities = { removal: 'deletes', knowsPending: true };
  readonly #api: SynapseApi;
  readonly #log: Log;
  /** The token API has answered since the start of the process. */
  #worked = false;

  constructor(api: SynapseApi, log: Log) {
    this.#api = api;
    this.#log = log;
  }

  check(): Promise<void> {
    return this.#call('check', async () => {
      // Any token name works, "not found" is a success here; listing all tokens could be slow.
      await this.#readOrNull(this.#api.request('GET', pathOf('check')));
    });
  }

  list(): Promise<TokenFacts[]> {
    return this.#call('list', async () => {
      const answer = await this.#api.request('GET', ROOT);
      const tokens = (answer as { registration_tokens?: unknown }).registration_tokens;
      if (!Array.isArray(tokens)) throw this.#unexpected();
      return tokens.map((token) => this.#read(token));
    });
  }

  get(token: string): Promise<TokenFacts | null> {
    return this.#call('get', () => this.#readOrNull(this.#api.request('GET', pathOf(token))));
  }

  create(token: NewToken): Promise<TokenFacts> {
    return this.#call('create', async () =>
      this.#read(await this.#api.request('POST', `${ROOT}/new`, token)),
    );
  }

  update(token: string, change: UpdateToken): Promise<TokenFacts | null> {
    return this.#call('update', () => this.#readOrNull(this.#api.request('PUT', pathOf(token), change)));
  }

  delete(token: string): Promise<boolean> {
    return this.#call(
      'delete',
      async () => (await orNull(this.#api.request('DELETE', pathOf(token)))) !== null,
    );
  }

  async restore(): Promise<never> {
    throw problem('restore_unsupported');
  }

  /** Counts and logs every call. */
  async #call<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const done = (outcome: Outcome) => {
      adminCalls.emit({ operation, outcome });
      this.#log.debug({ operation, outcome, ms: Math.round(performance.now() - began) }, 'Token API');
    };
    try {
      const result = await work();
      this.#worked = true;
      done('ok');
      return result;
    } catch (error) {
      const explained = error instanceof RequestFailed ? await this.#explain(error) : error;
      done(explained instanceof Problem ? explained.kind : 'internal');
      throw explained;
    }
  }

  async #explain(error: RequestFailed): Promise<Problem> {
    const { status, errcode, truncated } = error;
    // A truncated answer: the request may have succeeded. A proxy's error page after the API has worked: transient.
    if (errcode === undefined && (truncated || this.#worked)) return error;
    if (errcode === 'M_NOT_FOUND' || errcode === 'M_INVALID_PARAM') this.#worked = true;
    // Synapse has no errcode for this.
    if (status === 400 && /already exists/i.test(error.message)) return tokenExists(error);
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

  async #readOrNull(answer: Promise<unknown>): Promise<TokenFacts | null> {
    const raw = await orNull(answer);
    return raw === null ? null : this.#read(raw);
  }

  #read(raw: unknown): TokenFacts {
    const { token, uses_allowed, pending, completed, expiry_time } = (raw ?? {}) as Record<string, unknown>;
    if (typeof token !== 'string' || typeof completed !== 'number') throw this.#unexpected();
    return {
      token,
      // Synapse allows unlimited registrations with a token of 0 uses, although it lists it as invalid.
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

/** null: there is no such token. */
async function orNull(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RequestFailed && error.errcode === 'M_NOT_FOUND') return null;
    throw error;
  }
}

/** No token API at this address. (An unknown token is M_NOT_FOUND.) */
function isNotHere({ status, errcode }: RequestFailed): boolean {
  if (status === 404) return errcode !== 'M_NOT_FOUND';
  if (status === 405) return true;
  // A proxy that blocks the path, or one that answers unknown paths with its start page.
  return errcode === undefined && status !== undefined && (status === 403 || status < 300);
}

function pathOf(token: string): string {
  // Created by another program. URL parsers resolve these as path segments, even percent-encoded.
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
