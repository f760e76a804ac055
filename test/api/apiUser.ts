// A user of the widget's API, with the same requests as the widget.
import { expect } from 'vitest';
import type { ApiError } from '../../common/api.ts';
import { API_ROOT } from '../../common/api.ts';
import type { Access, CreatedTokens, SessionResponse, TokensPage } from '../../common/apiResponses.ts';
import type { RegistrationToken } from '../../common/token.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import type { TestServer } from '../harness/testServer.ts';
import type { Credentials } from '../harness/users.ts';
import { EventStream } from './eventStream.ts';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface ApiRequest {
  method?: string;
  token?: string | undefined;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  raw?: string;
  headers?: Record<string, string>;
}

export function webAddress(bot: Pick<RestartableBot, 'webAddress'>): string {
  if (bot.webAddress === undefined) throw new Error('The bot does not serve the widget.');
  return bot.webAddress;
}

/** A request to the API, whatever comes of it. */
export async function ask<T = ApiError>(
  bot: Pick<RestartableBot, 'webAddress'>,
  path: string,
  { method = 'GET', token, json, raw, headers = {} }: ApiRequest = {},
): Promise<Answer<T>> {
  const init: RequestInit = {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  };
  if (json !== undefined) init.body = JSON.stringify(json);
  if (raw !== undefined) init.body = raw;
  const response = await fetch(webAddress(bot) + API_ROOT + path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as T };
}

/** What `WidgetApi.requestOpenIDConnectToken()` gives to the widget. */
export async function openIdToken(server: TestServer, person: Credentials): Promise<Record<string, unknown>> {
  const path = `/_matrix/client/v3/user/${encodeURIComponent(person.userId)}/openid/request_token`;
  return await requestJson(server.baseUrl, 'POST', path, {
    accessToken: person.accessToken,
    body: {},
  });
}

/** An error in the Matrix form, not to be cached by proxies. */
export function expectError(
  answer: Answer<unknown>,
  status: number,
  errcode: string,
  more: object = {},
): void {
  expect(answer).toMatchObject({ status, body: { errcode, error: expect.any(String), ...more } });
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

/** A user of the widget. */
export class ApiUser {
  readonly token: string;
  readonly userId: string;
  readonly bot: Pick<RestartableBot, 'webAddress'>;

  constructor(bot: Pick<RestartableBot, 'webAddress'>, session: SessionResponse) {
    this.bot = bot;
    this.token = session.session_token;
    this.userId = session.user_id;
  }

  static async signIn(server: TestServer, bot: RestartableBot, person: Credentials): Promise<ApiUser> {
    const json = { openid_token: await openIdToken(server, person) };
    const { status, body } = await ask<SessionResponse>(bot, '/session', { method: 'POST', json });
    if (status !== 200) throw new Error(`POST /session: ${status} ${JSON.stringify(body)}`);
    return new ApiUser(bot, body);
  }

  ask<T = ApiError>(path: string, request: ApiRequest = {}): Promise<Answer<T>> {
    return ask<T>(this.bot, path, { token: this.token, ...request });
  }

  async tokens(query = ''): Promise<TokensPage> {
    return (await this.ask<TokensPage>(`/tokens${query}`)).body;
  }

  async access(): Promise<Access> {
    return (await this.ask<Access>('/access')).body;
  }

  /** The first token that POST /tokens makes. */
  async createToken(input: Record<string, unknown> = {}): Promise<RegistrationToken> {
    const { body } = await this.ask<CreatedTokens>('/tokens', { method: 'POST', json: input });
    const [token] = body.created;
    if (token === undefined) throw new Error(JSON.stringify(body));
    return token;
  }

  watch(lastEventId?: string): Promise<EventStream> {
    return EventStream.open(webAddress(this.bot), this.token, lastEventId);
  }
}
