// The bot's session on its homeserver: sign-in, requests and /sync with one login, which is renewed when the homeserver
// ends it.
import { Problem } from '../../common/problems/problem.ts';
import { serverNameOf } from '../../common/userId.ts';
import { retry } from '../lib/retry.ts';
import type { Log } from '../observability/log.ts';
import { HomeserverClient, type RequestOptions, type SyncTiming } from './client.ts';
import { RequestFailed } from './errors.ts';
import { GivenUp } from './givenUp.ts';
import { forEverybody } from './openRequests.ts';
import { type Account, type Session, type SessionStore, signIn } from './signIn.ts';

export interface SessionOptions {
  readonly account: Account;
  readonly sessions: SessionStore;
  /** A request failed or was refused; it will be retried. */
  readonly onTrouble?: (problem: Problem) => void;
  readonly syncTiming?: SyncTiming | undefined;
  /** How long sending a message is retried while the homeserver answers other requests (ms). */
  readonly sendPatienceMs?: number | undefined;
  readonly log: Log;
  /** Aborted when the bot stops. */
  readonly signal: AbortSignal;
}

interface Login {
  readonly session: Session;
  readonly client: HomeserverClient;
}

const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 15_000;
/** Long enough for a restart of one of the homeserver's workers. */
const SEND_PATIENCE_MS = 120_000;

export class MatrixSession {
  readonly #options: SessionOptions;
  readonly #renewalListeners: (() => void)[] = [];
  #login: Login | undefined;
  #renewal: Promise<void> | undefined;
  #isAnswering = true;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /**
   * Signs in; waits for a homeserver that is not up yet.
   * @param deviceId the device ID to request if a new login is needed
   * @throws Problem `bot_credential_refused`
   */
  async signIn(deviceId?: string): Promise<void> {
    const { account, sessions, log, signal } = this.#options;
    const session = await this.retryRequest('sign in', () =>
      signIn(account, sessions, log, signal, deviceId),
    );
    this.#use(session);
  }

  /** Logs in as a new device and logs the current one out. @throws as `signIn` does */
  async becomeNewDevice(): Promise<void> {
    const { sessions } = this.#options;
    // Logging out deletes the old device.
    await this.retryRequest('log out', () => this.request('POST', '/_matrix/client/v3/logout'));
    sessions.forget();
    await this.signIn();
  }

  /** Whether the bot can log in itself, with a password. */
  get canLogIn(): boolean {
    const { accessToken, password } = this.#options.account;
    return accessToken === undefined && password !== undefined;
  }

  /** undefined: the account has none, like those of application services. */
  get deviceId(): string | undefined {
    return this.#current.session.deviceId;
  }

  get userId(): string {
    return this.#current.session.userId;
  }

  /** The server name of the bot's own user ID. */
  get serverName(): string {
    return serverNameOf(this.userId) ?? '';
  }

  get accessToken(): string {
    return this.#current.session.accessToken;
  }

  /**
   * Sends a request to the client-server API; logs in again if the homeserver ended the session.
   * @throws RequestFailed; Problem `bot_credential_refused` when there is no way to log in again
   */
  async request(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    query?: Record<string, unknown>,
    limits: Omit<RequestOptions, 'query'> = {},
  ): Promise<unknown> {
    return await this.#withLogin((client) =>
      client.request(method, path, body, query === undefined ? limits : { ...limits, query }),
    );
  }

  /** @param wait for something to happen, if nothing did */
  async sync(since: string | undefined, wait: boolean): Promise<unknown> {
    return await this.#withLogin((client) => client.sync(since, wait, this.#options.syncTiming));
  }

  /** The content's `mxc:` URI. @throws RequestFailed */
  async upload(content: Buffer, contentType: string, fileName: string): Promise<string> {
    return await this.#withLogin((client) => client.upload(content, contentType, fileName));
  }

  /** Whether the homeserver answers at all right now. */
  async isReachable(): Promise<boolean> {
    try {
      await this.request('GET', '/_matrix/client/v3/account/whoami');
      return true;
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (error instanceof Problem) return false;
      throw error;
    }
  }

  /** Whether the homeserver itself answered the last request, be it with an error. */
  get isAnswering(): boolean {
    return this.#isAnswering;
  }

  /**
   * Retries transient failures, and failures caused by a login that the homeserver ended.
   * @param what names the work in the log
   * @throws GivenUp with `mayGiveUp`, if it keeps failing while other requests succeed
   */
  async retryRequest<T>(
    what: string,
    work: () => Promise<T>,
    { mayGiveUp = false }: { readonly mayGiveUp?: boolean } = {},
  ): Promise<T> {
    const { log, signal, sendPatienceMs = SEND_PATIENCE_MS, onTrouble } = this.#options;
    /** Since when the homeserver has answered other requests (`performance.now()`). */
    let aloneSince: number | undefined;
    return await retry(work, {
      when: async (error) => {
        if (!this.#isTransient(error)) return false;
        if (!mayGiveUp) return true;
        const now = performance.now();
        aloneSince = error.transient && (await this.isReachable()) ? (aloneSince ?? now) : undefined;
        if (aloneSince !== undefined && now - aloneSince >= sendPatienceMs) throw new GivenUp(error);
        return true;
      },
      first: RETRY_FIRST_MS,
      most: RETRY_MOST_MS,
      signal,
      onRetry: (error, retryInMs) => {
        if (!(error instanceof Problem)) return;
        onTrouble?.(error);
        log.warn({ retryInMs }, `Could not ${what}: ${error.sentence}`);
      },
    });
  }

  /** Calls back each time that the homeserver ended the login and the bot has logged in as the same device again. */
  onLoggedInAgain(listener: () => void): void {
    this.#renewalListeners.push(listener);
  }

  #isTransient(error: unknown): error is Problem {
    return error instanceof Problem && (error.transient || this.#lostLogin(error));
  }

  /** The login was valid and has been ended: retried, since the admin can fix it and no reply is lost meanwhile. */
  #lostLogin(error: Problem): boolean {
    return error.kind === 'bot_credential_refused' && this.#login !== undefined;
  }

  get #current(): Login {
    if (this.#login === undefined) throw new Error('signIn() comes first.');
    return this.#login;
  }

  async #withLogin<T>(ask: (client: HomeserverClient) => Promise<T>): Promise<T> {
    await this.#renewal;
    const { session, client } = this.#current;
    try {
      const answer = await ask(client);
      this.#isAnswering = true;
      return answer;
    } catch (error) {
      if (error instanceof RequestFailed) this.#isAnswering = error.errcode !== undefined;
      if (!(error instanceof RequestFailed) || !error.accessTokenRefused) throw error;
      await this.#renew(session);
      return await ask(this.#current.client);
    }
  }

  /** Concurrent requests may all find the session ended: only one of them logs in, the others wait for it. */
  async #renew(ended: Session): Promise<void> {
    if (this.#current.session !== ended) return;
    const { account, sessions, log, signal } = this.#options;
    this.#renewal ??= forEverybody(async () => {
      this.#use(await signIn(account, sessions, log, signal, ended.deviceId));
      for (const listener of this.#renewalListeners) listener();
    }).finally(() => {
      this.#renewal = undefined;
    });
    await this.#renewal;
  }

  #use(session: Session): void {
    const { account, signal } = this.#options;
    this.#login = { session, client: new HomeserverClient(account.server, session.accessToken, signal) };
  }
}
