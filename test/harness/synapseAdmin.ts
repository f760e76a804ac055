// Synapse's admin API without the bot in between: to set things up, and to see what the bot really did.
import type { TokenFacts } from '../../common/token.ts';
import { requestJson } from './matrixHttp.ts';

const TOKENS = '/_synapse/admin/v1/registration_tokens';

export type NewToken = Partial<Pick<TokenFacts, 'token' | 'uses_allowed' | 'expiry_time'>> & {
  length?: number;
};

/** Every method throws `MatrixHttpError`. */
export class SynapseAdmin {
  readonly baseUrl: string;
  readonly accessToken: string;

  /** @param accessToken of a server admin. */
  constructor(baseUrl: string, accessToken: string) {
    this.baseUrl = baseUrl;
    this.accessToken = accessToken;
  }

  /** In no particular order; `valid` keeps only those that Synapse calls valid, or only the others. */
  async listTokens(valid?: boolean): Promise<TokenFacts[]> {
    const query = valid === undefined ? '' : `?valid=${valid}`;
    const answer = await this.#request<{ registration_tokens: TokenFacts[] }>('GET', TOKENS + query);
    return answer.registration_tokens;
  }

  getToken(token: string): Promise<TokenFacts> {
    return this.#request('GET', `${TOKENS}/${encodeURIComponent(token)}`);
  }

  createToken(token: NewToken = {}): Promise<TokenFacts> {
    return this.#request('POST', `${TOKENS}/new`, token);
  }

  /** Absent: keep; null: none. */
  updateToken(token: string, changes: Pick<NewToken, 'uses_allowed' | 'expiry_time'>): Promise<TokenFacts> {
    return this.#request('PUT', `${TOKENS}/${encodeURIComponent(token)}`, changes);
  }

  async deleteToken(token: string): Promise<void> {
    await this.#request('DELETE', `${TOKENS}/${encodeURIComponent(token)}`);
  }

  async deleteAllTokens(): Promise<void> {
    for (const { token } of await this.listTokens()) await this.deleteToken(token);
  }

  /** Makes a user a server admin, or an ordinary user. */
  async setAdmin(userId: string, admin: boolean): Promise<void> {
    await this.#request('PUT', `/_synapse/admin/v1/users/${encodeURIComponent(userId)}/admin`, { admin });
  }

  /** Ends a device; its access token is refused from then on. */
  async deleteDevice(userId: string, deviceId: string): Promise<void> {
    const user = encodeURIComponent(userId);
    await this.#request('DELETE', `/_synapse/admin/v2/users/${user}/devices/${encodeURIComponent(deviceId)}`);
  }

  #request<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> {
    return requestJson<T>(this.baseUrl, method, path, { accessToken: this.accessToken, body });
  }
}
