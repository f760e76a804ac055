// The routes of the bot's API, typed.
import type { TokensQuery } from '../../../common/api.ts';
import type {
  Access,
  AllowedAccess,
  CreatedTokens,
  DeletedTokens,
  Status,
  TokensPage,
} from '../../../common/apiResponses.ts';
import type { CreateTokens, RegistrationToken, UpdateToken } from '../../../common/token.ts';
import type { Answer, Session } from './session.ts';

export class Api {
  readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  /** @param unasked as for `RequestOptions` */
  async tokens(query: TokensQuery, unasked: boolean): Promise<TokensPage> {
    const parameters = new URLSearchParams(query as Record<string, string>);
    return (await this.session.request<TokensPage>('GET', `/tokens?${parameters}`, { unasked })).data;
  }

  async create(request: CreateTokens): Promise<CreatedTokens> {
    return (await this.session.request<CreatedTokens>('POST', '/tokens', { body: request })).data;
  }

  /** @param unasked as for `RequestOptions` */
  token(token: string, unasked: boolean): Promise<Answer<RegistrationToken>> {
    return this.session.request('GET', `/tokens/${encodeURIComponent(token)}`, { unasked });
  }

  /** @param etag of the token as shown to the user; if somebody else changed it since, the answer is a `conflict` */
  async update(token: string, change: UpdateToken, etag: string | null): Promise<RegistrationToken> {
    const path = `/tokens/${encodeURIComponent(token)}`;
    const headers: Record<string, string> = etag === null ? {} : { 'if-match': etag };
    return (await this.session.request<RegistrationToken>('PATCH', path, { body: change, headers })).data;
  }

  async delete(tokens: string[]): Promise<DeletedTokens> {
    return (await this.session.request<DeletedTokens>('POST', '/tokens/delete', { body: { tokens } })).data;
  }

  /** @param unasked as for `RequestOptions` */
  async access(unasked: boolean): Promise<Access> {
    return (await this.session.request<Access>('GET', '/access', { unasked })).data;
  }

  async allow(patterns: string[]): Promise<AllowedAccess> {
    return (await this.session.request<AllowedAccess>('POST', '/access', { body: { patterns } })).data;
  }

  /** @param confirm the user knows that everybody on the homeserver has access then */
  async disallow(pattern: string, confirm: boolean): Promise<Access> {
    const body = { patterns: [pattern], confirm };
    return (await this.session.request<Access>('POST', '/access/delete', { body })).data;
  }

  async status(): Promise<Status> {
    return (await this.session.request<Status>('GET', '/status')).data;
  }
}
