// Sends what the OlmMachine wants sent: keys, key queries, to-device messages, signatures, verification messages. The
// machine lists a request until it learns the answer, so one that failed, or was lost in a crash, is listed again.

import { type OlmMachine, RequestType } from '@matrix-org/matrix-sdk-crypto-wasm';
import { Problem, problem } from '../../common/problems/problem.ts';
import { backoff, wait } from '../lib/clock.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { GivenUp } from '../matrix/givenUp.ts';
import { asObject } from '../matrix/json.ts';
import type { Homeserver } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import { legible } from './answers.ts';

/** What all of the machine's requests have; some kinds have more. */
export interface MachineRequest {
  readonly id?: string | undefined;
  readonly type: RequestType;
  /** JSON */
  readonly body: string;
  readonly event_type?: string;
  readonly txn_id?: string;
  readonly room_id?: string;
}

export interface OutgoingOptions {
  readonly machine: OlmMachine;
  readonly homeserver: Homeserver;
  /** The bot can't go on with these keys. */
  readonly onFatal: (error: unknown) => void;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export class OutgoingRequests {
  readonly #options: OutgoingOptions;
  readonly #underWay = new Map<string, Promise<unknown>>();
  /** Refused for good; the machine goes on listing them. */
  readonly #refused = new Set<string>();
  #working: Promise<void> | undefined;
  #pause: AbortController | undefined;
  #again = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** Sends whatever waits, in the background, however long the homeserver is away. */
  kick(): void {
    this.#again = true;
    // What waits now need not wait for the next try of what failed before.
    this.#pause?.abort();
    this.#working ??= this.#work().catch((error) => {
      if (!this.#options.signal.aborted) this.#options.onFatal(error);
    });
  }

  async idle(): Promise<void> {
    await this.#working;
  }

  /** Sends what waits now. @throws RequestFailed */
  async sendAll(): Promise<void> {
    for (const request of await this.#waiting()) await this.#once(request);
  }

  /**
   * Room keys go to the devices that the machine knows: so it must have heard of new ones. (It would wait for the
   * answer to a query that is not sent for five seconds.)
   * @throws RequestFailed
   */
  async sendKeyQueries(): Promise<void> {
    const queries = (await this.#waiting()).filter(({ type }) => type === RequestType.KeysQuery);
    await Promise.all(queries.map((query) => this.#once(query).catch((error) => this.#unlessRefused(error))));
  }

  /**
   * Sends one request of the machine's and tells it the answer.
   * @throws RequestFailed; Problem `homeserver_error` if the answer makes no sense, `encryption_keys_unusable`
   */
  async send(request: MachineRequest): Promise<unknown> {
    const answer = await this.#ask(request);
    if (request.id !== undefined) await this.#tell(request.id, request.type, answer);
    return answer;
  }

  async #tell(id: string, type: RequestType, answer: unknown): Promise<void> {
    try {
      await this.#options.machine.markRequestAsSent(id, type, JSON.stringify(legible(type, answer)));
    } catch (error) {
      // The request is listed still. If it was the keys' file that failed, the store has ended the bot already.
      throw problem('encryption_answer_odd', { reason: String(error) }, { cause: error });
    }
  }

  async #waiting(): Promise<MachineRequest[]> {
    const requests = (await this.#options.machine.outgoingRequests()) as MachineRequest[];
    return requests.filter(({ id }) => id === undefined || !this.#refused.has(id));
  }

  /** What the homeserver won't tell about somebody's devices keeps nobody from the keys for the others. */
  #unlessRefused(error: unknown): void {
    if (!(error instanceof RequestFailed) || error.transient || error.accessTokenRefused) throw error;
    this.#options.log.warn(`The homeserver does not tell of somebody’s devices: ${error.sentence}`);
  }

  async #work(): Promise<void> {
    try {
      await this.#sendWaiting();
    } finally {
      // At once: who kicks after this begins anew.
      this.#working = undefined;
    }
  }

  async #sendWaiting(): Promise<void> {
    const { log, signal } = this.#options;
    let failures = 0;
    while (this.#again && !signal.aborted) {
      this.#again = false;
      const waiting = await this.#waiting();
      const outcomes = await Promise.allSettled(waiting.map((request) => this.#once(request)));
      const failure = outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
      signal.throwIfAborted();
      if (failure === undefined) {
        failures = 0;
        continue;
      }
      // A login that was ended may be made valid again; keys that don't fit won't fit later.
      if (!(failure instanceof Problem) || failure.kind === 'encryption_keys_unusable') throw failure;
      const delay = backoff(failures++, 1_000, 300_000);
      const retryInMs = Math.round(delay);
      const message = `Could not send what encryption needs: ${failure.sentence}`;
      // Each /sync tries again: once is enough to know. That the login was ended, /sync says itself.
      if (failures === 1 && failure.kind !== 'bot_credential_refused') log.warn({ retryInMs }, message);
      else log.debug({ retryInMs }, message);
      await this.#rest(delay);
      this.#again = true;
    }
  }

  /** Until the time is over, or somebody kicks. */
  async #rest(ms: number): Promise<void> {
    const { signal } = this.#options;
    this.#pause = new AbortController();
    await wait(ms, AbortSignal.any([signal, this.#pause.signal])).catch(() => signal.throwIfAborted());
    this.#pause = undefined;
  }

  /** Who needs a request that is already on its way waits for that one. */
  #once(request: MachineRequest): Promise<unknown> {
    const { id, type } = request;
    if (id === undefined) return this.send(request);
    // An upload has a new ID each time that it is listed. Twice at the same time, the second could bring back a one-time
    // key that somebody took after the first.
    const name = type === RequestType.KeysUpload ? 'upload' : id;
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    const sending = this.send(request)
      .catch((error) => {
        const isFinal = error instanceof RequestFailed ? !error.transient : error instanceof GivenUp;
        if (isFinal) this.#refused.add(id);
        throw error;
      })
      .finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, sending);
    return sending;
  }

  async #ask(request: MachineRequest): Promise<unknown> {
    const { homeserver, log } = this.#options;
    const { type, event_type = '', txn_id = '', room_id = '' } = request;
    const body: unknown = JSON.parse(request.body);
    switch (type) {
      case RequestType.KeysUpload:
        return await this.#uploadKeys(body);
      case RequestType.KeysQuery:
        return await homeserver.request('POST', '/_matrix/client/v3/keys/query', body);
      case RequestType.KeysClaim:
        return await homeserver.request('POST', '/_matrix/client/v3/keys/claim', body);
      case RequestType.ToDevice:
        return await homeserver.request(
          'PUT',
          `/_matrix/client/v3/sendToDevice/${encodeURIComponent(event_type)}/${encodeURIComponent(txn_id)}`,
          body,
        );
      case RequestType.SignatureUpload: {
        const path = '/_matrix/client/v3/keys/signatures/upload';
        const answer = await homeserver.request('POST', path, body);
        const { failures } = asObject(answer);
        if (Object.keys(asObject(failures)).length > 0) log.warn({ failures }, 'Signatures were refused.');
        return answer;
      }
      case RequestType.RoomMessage:
        return { event_id: await homeserver.send(room_id, event_type, body, txn_id) };
      default:
        throw new Error(`The bot can't send a crypto request of type ${type}.`);
    }
  }

  async #uploadKeys(body: unknown): Promise<unknown> {
    try {
      return await this.#options.homeserver.request('POST', '/_matrix/client/v3/keys/upload', body);
    } catch (error) {
      // Synapse: "One time key signed_curve25519:AAAAAQ already exists". The keys here are older than those there.
      if (error instanceof RequestFailed && error.status === 400 && error.errcode !== undefined) {
        throw problem(
          'keys_older_than_published',
          { canLogIn: this.#options.homeserver.canLogIn },
          { cause: error },
        );
      }
      throw error;
    }
  }
}
