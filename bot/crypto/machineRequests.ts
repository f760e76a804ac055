// Requests of the OlmMachine to the homeserver: keys, key queries, to-device messages, signatures. The machine lists a
// request until it learns the answer, so one that failed, or was lost in a crash, is listed again.
import { type OlmMachine, RequestType } from '@matrix-org/matrix-sdk-crypto-wasm';
import { problem } from '../../common/problems/problem.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { GivenUp } from '../matrix/givenUp.ts';
import { asObject } from '../matrix/json.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import { sanitizeAnswer } from './answers.ts';

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

export interface MachineRequestOptions {
  readonly machine: OlmMachine;
  readonly session: Pick<MatrixSession, 'request' | 'canLogIn'>;
  readonly log: Log;
}

export class MachineRequests {
  readonly #options: MachineRequestOptions;
  readonly #underWay = new Map<string, Promise<unknown>>();
  /** Refused for good; the machine goes on listing them. */
  readonly #refused = new Set<string>();

  constructor(options: MachineRequestOptions) {
    this.#options = options;
  }

  /** Sends what waits now, but for messages to rooms. @throws RequestFailed */
  async sendAll(): Promise<void> {
    for (const request of await this.waiting()) {
      if (request.type !== RequestType.RoomMessage) await this.sendOnce(request);
    }
  }

  /**
   * Room keys go to the devices that the machine knows: so it must have heard of new ones. (It would wait for the
   * answer to a query that is not sent for five seconds.)
   * @throws RequestFailed
   */
  async sendKeyQueries(): Promise<void> {
    const queries = (await this.waiting()).filter(({ type }) => type === RequestType.KeysQuery);
    await Promise.all(
      queries.map((query) => this.sendOnce(query).catch((error) => this.#unlessRefused(error))),
    );
  }

  /**
   * Sends one request and tells the machine the answer.
   * @throws RequestFailed; Problem `homeserver_error` if the answer makes no sense, `encryption_keys_unusable`
   */
  async send(request: MachineRequest): Promise<unknown> {
    const answer = await this.#ask(request);
    await this.markAsSent(request, answer);
    return answer;
  }

  /** What the machine lists, without what was refused for good. */
  async waiting(): Promise<MachineRequest[]> {
    const requests = (await this.#options.machine.outgoingRequests()) as MachineRequest[];
    return requests.filter(({ id }) => id === undefined || !this.#refused.has(id));
  }

  /**
   * Sends a request, or waits for it if it is on its way already. One that is refused for good is not listed again.
   * @param send what sends it and marks it as sent
   */
  sendOnce(
    request: MachineRequest,
    send: (request: MachineRequest) => Promise<unknown> = (it) => this.send(it),
  ): Promise<unknown> {
    const { id, type } = request;
    if (id === undefined) return send(request);
    // An upload has a new ID each time that it is listed. Twice at the same time, the second could bring back a one-time
    // key that somebody took after the first.
    const name = type === RequestType.KeysUpload ? 'upload' : id;
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    const sending = send(request)
      .catch((error) => {
        const isFinal = error instanceof RequestFailed ? !error.transient : error instanceof GivenUp;
        if (isFinal) this.#refused.add(id);
        throw error;
      })
      .finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, sending);
    return sending;
  }

  /** Tells the machine the answer. @throws Problem `homeserver_error` if the answer makes no sense */
  async markAsSent({ id, type }: MachineRequest, answer: unknown): Promise<void> {
    if (id === undefined) return;
    try {
      await this.#options.machine.markRequestAsSent(id, type, JSON.stringify(sanitizeAnswer(type, answer)));
    } catch (error) {
      // The request is listed still. If it was the keys' file that failed, the store has ended the bot already.
      throw problem('encryption_answer_odd', { reason: String(error) }, { cause: error });
    }
  }

  /** What the homeserver won't tell about somebody's devices keeps nobody from the keys for the others. */
  #unlessRefused(error: unknown): void {
    if (!(error instanceof RequestFailed) || error.transient || error.accessTokenRefused) throw error;
    this.#options.log.warn(`The homeserver refuses to list somebody’s devices: ${error.sentence}`);
  }

  async #ask(request: MachineRequest): Promise<unknown> {
    const { session, log } = this.#options;
    const { type, event_type = '', txn_id = '' } = request;
    const body: unknown = JSON.parse(request.body);
    switch (type) {
      case RequestType.KeysUpload:
        return await this.#uploadKeys(body);
      case RequestType.KeysQuery:
        return await session.request('POST', '/_matrix/client/v3/keys/query', body);
      case RequestType.KeysClaim:
        return await session.request('POST', '/_matrix/client/v3/keys/claim', body);
      case RequestType.ToDevice:
        return await session.request(
          'PUT',
          `/_matrix/client/v3/sendToDevice/${encodeURIComponent(event_type)}/${encodeURIComponent(txn_id)}`,
          body,
        );
      case RequestType.SignatureUpload: {
        const path = '/_matrix/client/v3/keys/signatures/upload';
        const answer = await session.request('POST', path, body);
        const { failures } = asObject(answer);
        if (Object.keys(asObject(failures)).length > 0) log.warn({ failures }, 'Signatures were refused.');
        return answer;
      }
      default:
        throw new Error(`The bot can't send a crypto request of type ${type}.`);
    }
  }

  async #uploadKeys(body: unknown): Promise<unknown> {
    try {
      return await this.#options.session.request('POST', '/_matrix/client/v3/keys/upload', body);
    } catch (error) {
      // Synapse: "One time key signed_curve25519:AAAAAQ already exists". The keys here are older than those there.
      if (error instanceof RequestFailed && error.status === 400 && error.errcode !== undefined) {
        const { canLogIn } = this.#options.session;
        throw problem('keys_older_than_published', { canLogIn }, { cause: error });
      }
      throw error;
    }
  }
}
