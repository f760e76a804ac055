// The bot's place on its homeserver: one login, renewed when the homeserver ends it, and everything the bot says or
// does in rooms.
import { Problem } from '../../common/problems/problem.ts';
import { serverNameOf } from '../../common/userId.ts';
import { backoff, wait } from '../lib/clock.ts';
import { KeyedQueue } from '../lib/keyedQueue.ts';
import type { Log } from '../observability/log.ts';
import { MatrixConnection, type RequestOptions, type SyncTiming } from './client.ts';
import { RequestFailed } from './errors.ts';
import { GivenUp } from './givenUp.ts';
import { wellFormed } from './json.ts';
import { forEverybody } from './openRequests.ts';
import { type Account, type Session, type SessionStore, signIn } from './signIn.ts';

export interface HomeserverOptions {
  readonly account: Account;
  readonly sessions: SessionStore;
  /**
   * Makes of an event what may be sent to a room: see `RoomEncryption`.
   * @param afresh what is known of the room may be out of date
   */
  readonly seal: (
    roomId: string,
    type: string,
    content: unknown,
    afresh: boolean,
  ) => Promise<{ readonly type: string; readonly content: unknown }>;
  /** The homeserver ended the login, and the bot has logged in as the same device again. */
  readonly onLoggedInAgain?: () => void;
  /** The homeserver could not be asked, or refused; it is asked again. */
  readonly onTrouble?: (problem: Problem) => void;
  readonly syncTiming?: SyncTiming | undefined;
  /** How long a message is tried at which the homeserver fails while it answers otherwise (ms). */
  readonly sendPatienceMs?: number | undefined;
  readonly log: Log;
  /** Aborted when the bot stops. */
  readonly signal: AbortSignal;
}

interface Login {
  readonly session: Session;
  readonly connection: MatrixConnection;
}

const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 15_000;
/** A part of the homeserver that is started again is back by then. */
const SEND_PATIENCE_MS = 120_000;

export class Homeserver {
  readonly #options: HomeserverOptions;
  readonly #sending = new KeyedQueue();
  #login: Login | undefined;
  #renewal: Promise<void> | undefined;

  constructor(options: HomeserverOptions) {
    this.#options = options;
  }

  /**
   * Signs in; waits for a homeserver that is not up yet.
   * @param deviceId of the device to be, if the bot has to log in anew
   * @throws Problem `bot_credential_refused`
   */
  async signIn(deviceId?: string): Promise<void> {
    const { account, sessions, log, signal } = this.#options;
    const session = await this.patiently('sign in', () => signIn(account, sessions, log, signal, deviceId));
    this.#use(session);
  }

  /** Leaves the device that the bot is logged in as for a new one. @throws as `signIn` does */
  async becomeNewDevice(): Promise<void> {
    const { sessions } = this.#options;
    // The old device goes with its login.
    await this.patiently('log out', () => this.request('POST', '/_matrix/client/v3/logout'));
    sessions.forget();
    await this.signIn();
  }

  /** Whether the bot can make logins of its own. */
  get canLogIn(): boolean {
    const { accessToken, password } = this.#options.account;
    return accessToken === undefined && password !== undefined;
  }

  /** undefined: the account has none, as those of application services. */
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
   * Asks the client-server API; logs in again if the homeserver ended the session.
   * @throws RequestFailed; Problem `bot_credential_refused` when there is no way to log in again
   */
  async request(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    query?: Record<string, unknown>,
    limits: Omit<RequestOptions, 'query'> = {},
  ): Promise<unknown> {
    return await this.#withLogin((connection) =>
      connection.request(method, path, body, query === undefined ? limits : { ...limits, query }),
    );
  }

  /** @param wait for something to happen, if nothing did */
  async sync(since: string | undefined, wait: boolean): Promise<unknown> {
    return await this.#withLogin((connection) => connection.sync(since, wait, this.#options.syncTiming));
  }

  /**
   * Sends an event, encrypted where the room is, and returns its ID, however long the homeserver is away.
   * @param transactionId the same one never sends twice: derived from what the event answers.
   * @throws RequestFailed if the homeserver refuses it; GivenUp if it fails at this event alone; Problem `refused` if
   *   it can't be encrypted as it must be
   */
  async send(roomId: string, type: string, content: unknown, transactionId: string): Promise<string> {
    // What was encrypted first is sent first.
    return await this.#sending.run(roomId, async () => {
      const whole = wellFormed(content);
      let sealed: Awaited<ReturnType<HomeserverOptions['seal']>> | undefined;
      const attempt = async () => {
        // What could not be sent in clear may not be any more by now; what is encrypted already is sent as it is.
        if (sealed === undefined || sealed.type === type) {
          sealed = await this.#options.seal(roomId, type, whole, sealed !== undefined);
        }
        const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${encodeURIComponent(sealed.type)}/${encodeURIComponent(transactionId)}`;
        return await this.request('PUT', path, sealed.content);
      };
      const answer = await this.patiently('send', attempt, { mayGiveUp: true });
      return (answer as { event_id: string }).event_id;
    });
  }

  /** @throws RequestFailed */
  async join(roomId: string): Promise<void> {
    await this.request('POST', `/_matrix/client/v3/join/${encodeURIComponent(roomId)}`);
  }

  /** Leaves, or declines an invite. @throws RequestFailed */
  async leave(roomId: string, reason?: string): Promise<void> {
    await this.request(
      'POST',
      `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/leave`,
      reason === undefined ? {} : { reason },
    );
  }

  /** The content's `mxc:` URI. @throws RequestFailed */
  async upload(content: Buffer, contentType: string, fileName: string): Promise<string> {
    return await this.#withLogin((connection) => connection.upload(content, contentType, fileName));
  }

  /** Whether it answers at all right now. */
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

  /**
   * Does something again and again until it works or fails for good.
   * @throws GivenUp with `mayGiveUp`, if nothing else fails for too long
   */
  async patiently<T>(what: string, work: () => Promise<T>, { mayGiveUp = false } = {}): Promise<T> {
    const { log, signal, sendPatienceMs = SEND_PATIENCE_MS } = this.#options;
    /** Since when the homeserver has answered otherwise (`performance.now()`). */
    let aloneSince: number | undefined;
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Problem) || !(error.transient || this.#lostLogin(error))) throw error;
        if (mayGiveUp) {
          const now = performance.now();
          aloneSince = error.transient && (await this.isReachable()) ? (aloneSince ?? now) : undefined;
          if (aloneSince !== undefined && now - aloneSince >= sendPatienceMs) throw new GivenUp(error);
        }
        const delay = backoff(attempt, RETRY_FIRST_MS, RETRY_MOST_MS);
        this.#options.onTrouble?.(error);
        log.warn({ retryInMs: Math.round(delay) }, `Could not ${what}: ${error.sentence}`);
        await wait(delay, signal);
      }
    }
  }

  /** The login worked once and was ended: only the admin can mend that, and the bot keeps what it has to say. */
  #lostLogin(error: Problem): boolean {
    return error.kind === 'bot_credential_refused' && this.#login !== undefined;
  }

  get #current(): Login {
    if (this.#login === undefined) throw new Error('signIn() comes first.');
    return this.#login;
  }

  async #withLogin<T>(ask: (connection: MatrixConnection) => Promise<T>): Promise<T> {
    await this.#renewal;
    const { session, connection } = this.#current;
    try {
      return await ask(connection);
    } catch (error) {
      if (!(error instanceof RequestFailed) || !error.accessTokenRefused) throw error;
      await this.#renew(session);
      return await ask(this.#current.connection);
    }
  }

  /** Many requests may find out at the same time that the session is over: one of them logs in. */
  async #renew(ended: Session): Promise<void> {
    if (this.#current.session !== ended) return;
    const { account, sessions, log, signal, onLoggedInAgain } = this.#options;
    this.#renewal ??= forEverybody(async () => {
      this.#use(await signIn(account, sessions, log, signal, ended.deviceId));
      onLoggedInAgain?.();
    }).finally(() => {
      this.#renewal = undefined;
    });
    await this.#renewal;
  }

  #use(session: Session): void {
    const { account, signal } = this.#options;
    this.#login = { session, connection: new MatrixConnection(account.server, session.accessToken, signal) };
  }
}
