// What the tests of the widget's API share: a bot that serves it, and people who use it as the widget does.

import { expect } from 'vitest';
import type { ApiError } from '../../common/api.ts';
import { API_ROOT } from '../../common/api.ts';
import type {
  Access,
  CreatedTokens,
  LiveEvent,
  SessionResponse,
  TokensPage,
} from '../../common/apiResponses.ts';
import type { RegistrationToken } from '../../common/token.ts';
import type { TestBot } from '../harness/bot.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Scene } from '../harness/scene.ts';
import type { Credentials } from '../harness/users.ts';

/** Served at a free port; no browser comes by, so that the public address only has to be there. */
export const WIDGET_SETTINGS = {
  WIDGET_PUBLIC_URL: 'http://localhost:8080',
  WIDGET_LISTEN: '127.0.0.1:0',
};

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

export function webAddress(bot: Pick<TestBot, 'webAddress'>): string {
  if (bot.webAddress === undefined) throw new Error('The bot does not serve the widget.');
  return bot.webAddress;
}

/** A request to the API, whatever comes of it. */
export async function ask<T = ApiError>(
  bot: Pick<TestBot, 'webAddress'>,
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
export async function openIdToken(scene: Scene, person: Credentials): Promise<Record<string, unknown>> {
  const path = `/_matrix/client/v3/user/${encodeURIComponent(person.userId)}/openid/request_token`;
  return await requestJson(scene.synapse.baseUrl, 'POST', path, {
    accessToken: person.accessToken,
    body: {},
  });
}

/** An error in the Matrix form, which nobody on the way keeps. */
export function expectError(
  answer: Answer<unknown>,
  status: number,
  errcode: string,
  more: object = {},
): void {
  expect(answer).toMatchObject({ status, body: { errcode, error: expect.any(String), ...more } });
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

/** Somebody at the widget. */
export class ApiUser {
  readonly token: string;
  readonly userId: string;
  readonly bot: Pick<TestBot, 'webAddress'>;

  constructor(bot: Pick<TestBot, 'webAddress'>, session: SessionResponse) {
    this.bot = bot;
    this.token = session.session_token;
    this.userId = session.user_id;
  }

  static async signIn(scene: Scene, bot: TestBot, person: Credentials): Promise<ApiUser> {
    const json = { openid_token: await openIdToken(scene, person) };
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
    return EventStream.open(this.bot, this.token, lastEventId);
  }
}

export type ReceivedEvent = LiveEvent & { id: string };

/** `GET /events`, read as the widget reads it. */
export class EventStream implements Disposable {
  readonly events: ReceivedEvent[] = [];
  readonly headers: Headers;
  /** Resolves when the stream has ended, from whichever side. */
  readonly ended: Promise<void>;
  readonly #abort: AbortController;
  readonly #waiting = new Set<() => void>();

  private constructor(response: Response, abort: AbortController) {
    this.headers = response.headers;
    this.#abort = abort;
    this.ended = this.#read(response).catch(() => undefined);
  }

  static async open(
    bot: Pick<TestBot, 'webAddress'>,
    token: string,
    lastEventId?: string,
  ): Promise<EventStream> {
    const abort = new AbortController();
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
    const response = await fetch(`${webAddress(bot)}${API_ROOT}/events`, { headers, signal: abort.signal });
    if (response.status !== 200) throw new Error(`GET /events: ${response.status} ${await response.text()}`);
    return new EventStream(response, abort);
  }

  get lastId(): string | undefined {
    return this.events.at(-1)?.id;
  }

  /** The first event that fits, also one that has come already. */
  async waitFor(fits: (event: ReceivedEvent) => boolean, timeoutMs = 10_000): Promise<ReceivedEvent> {
    const found = this.events.find(fits);
    if (found !== undefined) return found;
    return await new Promise((resolve, reject) => {
      const look = () => {
        const event = this.events.find(fits);
        if (event === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(event);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`No such event within ${timeoutMs} ms; there were: ${JSON.stringify(this.events)}`));
      }, timeoutMs);
      this.#waiting.add(look);
    });
  }

  /** How a token is told to stand, as soon as it fits. */
  async waitForToken(token: string, fits: (token: RegistrationToken) => boolean = () => true): Promise<void> {
    await this.waitFor(
      ({ event, data }) => event === 'tokens' && data.changed.some((t) => t.token === token && fits(t)),
    );
  }

  async waitForRemoval(token: string): Promise<void> {
    await this.waitFor(({ event, data }) => event === 'tokens' && data.removed.includes(token));
  }

  close(): void {
    this.#abort.abort();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #read(response: Response): Promise<void> {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
      for (const look of [...this.#waiting]) look();
    }
  }

  #take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
    );
    const event = fields.get('event');
    if (event === undefined) return;
    this.events.push({
      id: fields.get('id'),
      event,
      data: JSON.parse(fields.get('data') ?? ''),
    } as ReceivedEvent);
  }
}
