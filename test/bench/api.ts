// The widget's API beside the same work asked of Synapse directly: by turns, so that both meet the same moments of the
// machine.
import { API_ROOT } from '../../common/api.ts';
import type { CreatedTokens, SessionResponse, TokensPage } from '../../common/apiResponses.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { Stage } from './stage.ts';
import { type Summary, summarise } from './stats.ts';

const SYNAPSE_TOKENS = '/_synapse/admin/v1/registration_tokens';
/** A person may ask 600 times a minute. */
const REQUESTS_PER_PERSON = 500;
const AT_ONCE = 8;

export interface ApiResult {
  name: string;
  /** One request after the other. */
  bot: Summary;
  synapse: Summary;
  /** Requests a second with eight at a time. */
  throughput: { bot: number; synapse: number };
}

export interface ApiCounts {
  warmUp: number;
  /** One after the other. */
  samples: number;
  /** Eight at a time. */
  load: number;
}

type Ask = () => Promise<unknown>;

/** Users of the widget, without a browser. */
export class ApiClient {
  readonly #stage: Stage;
  readonly #address: string;
  #session: Promise<string> | undefined;
  #left = 0;
  #people = 0;

  /** @param address of the bot's web server */
  constructor(stage: Stage, address: string) {
    this.#stage = stage;
    this.#address = address + API_ROOT;
  }

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    return await requestJson<T>(this.#address, method, path, { accessToken: await this.session(), body });
  }

  /** A session of a person with requests left. */
  async session(): Promise<string> {
    if (this.#left-- <= 0) {
      this.#left = REQUESTS_PER_PERSON;
      this.#session = this.#signIn();
    }
    return await (this.#session ?? this.#signIn());
  }

  async #signIn(): Promise<string> {
    const { synapse } = this.#stage;
    const { userId, accessToken } = await synapse.registerUser(`widget-user-${this.#people++}`);
    const path = `/_matrix/client/v3/user/${encodeURIComponent(userId)}/openid/request_token`;
    const openid_token = await requestJson(synapse.baseUrl, 'POST', path, { accessToken, body: {} });
    const body = { openid_token };
    return (await requestJson<SessionResponse>(this.#address, 'POST', '/session', { body })).session_token;
  }
}

/** What the widget asks for a list, at its beginning and further down, with so many tokens there. */
export async function measurePages(
  stage: Stage,
  client: ApiClient,
  tokens: number,
  counts: ApiCounts,
): Promise<ApiResult[]> {
  const there = `${tokens.toLocaleString('en')} tokens`;
  const all = () => stage.admin.listTokens();
  const first = () => client.ask<TokensPage>('GET', '/tokens?limit=50');
  const results = [await compare(`GET /tokens, first page, ${there}`, first, all, counts)];
  const { next_cursor } = await first();
  if (next_cursor !== null) {
    const query = `limit=200&cursor=${encodeURIComponent(next_cursor)}`;
    const following = () => client.ask<TokensPage>('GET', `/tokens?${query}`);
    results.push(await compare(`GET /tokens, next page, ${there}`, following, all, counts));
  }
  return results;
}

/** Makes tokens on both sides and leaves them there. */
export async function measureCreation(
  stage: Stage,
  client: ApiClient,
  counts: ApiCounts,
): Promise<ApiResult> {
  const { baseUrl } = stage.synapse;
  const { accessToken } = stage.adminUser;
  const bot = () => client.ask<CreatedTokens>('POST', '/tokens', {});
  const synapse = () =>
    requestJson(baseUrl, 'POST', `${SYNAPSE_TOKENS}/new`, { accessToken, body: { uses_allowed: 1 } });
  return await compare('POST /tokens', bot, synapse, counts);
}

async function compare(name: string, bot: Ask, synapse: Ask, counts: ApiCounts): Promise<ApiResult> {
  const times: Record<'bot' | 'synapse', number[]> = { bot: [], synapse: [] };
  const sides = [
    ['bot', bot],
    ['synapse', synapse],
  ] as const;
  for (let turn = -counts.warmUp; turn < counts.samples; turn++) {
    for (const [side, ask] of turn % 2 === 0 ? sides : sides.toReversed()) {
      const ms = await timeOf(ask);
      if (turn >= 0) times[side].push(ms);
    }
  }
  return {
    name,
    bot: summarise(times.bot),
    synapse: summarise(times.synapse),
    throughput: { bot: await perSecond(bot, counts.load), synapse: await perSecond(synapse, counts.load) },
  };
}

async function timeOf(ask: Ask): Promise<number> {
  const began = performance.now();
  await ask();
  return performance.now() - began;
}

async function perSecond(ask: Ask, requests: number): Promise<number> {
  const waiting = Array.from({ length: requests }).values();
  const work = async () => {
    for (const _ of waiting) await ask();
  };
  const ms = await timeOf(() => Promise.all(Array.from({ length: AT_ONCE }, work)));
  return requests / (ms / 1000);
}
