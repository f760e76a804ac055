// Requests of the OlmMachine to the homeserver: keys, key queries, to-device messages, signatures. The machine lists a
// request until it is marked as sent, so a request that failed, or was lost in a crash, is listed again.
import { type OlmMachine, RequestType } from '@matrix-org/matrix-sdk-crypto-wasm';
import { problem } from '../../common/problems/problem.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { GivenUp } from '../matrix/givenUp.ts';
import { asObject } from '../matrix/json.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import { sanitizeAnswer } from './answers.ts';

/** Fields common to all requests of the OlmMachine; some types have more. */
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
  /** How long a refused upload of keys is left alone at first, then twice as long each time (ms). */
  readonly uploadPauseMs?: number | undefined;
}

const UPLOAD_PAUSE_MS = 60_000;
const LONGEST_UPLOAD_PAUSE_MS = 3_600_000;

export class MachineRequests {
  readonly #options: MachineRequestOptions;
  readonly #underWay = new Map<string, Promise<unknown>>();
  /** IDs of requests that failed permanently: the machine keeps listing them, `waiting()` skips them. */
  readonly #refused = new Set<string>();
  /** A refused upload has a new ID each time it is listed, so it is known by its type. Of `performance.now()`. */
  #uploadPause = { ms: 0, until: 0 };

  constructor(options: MachineRequestOptions) {
    this.#options = options;
  }

  /** Attempts all pending requests except room messages, then throws the first failure. @throws RequestFailed */
  async sendAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const request of await this.waiting()) {
      if (request.type === RequestType.RoomMessage) continue;
      await this.sendOnce(request).catch((error) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /**
   * Sends pending /keys/query requests, so that room keys are also shared with new devices. (While a query is unsent,
   * the machine would wait for its answer for five seconds.)
   * @throws RequestFailed
   */
  async sendKeyQueries(): Promise<void> {
    const queries = (await this.waiting()).filter(({ type }) => type === RequestType.KeysQuery);
    await Promise.all(
      queries.map((query) => this.sendOnce(query).catch((error) => this.#unlessRefused(error))),
    );
  }

  /**
   * Sends one request and marks it as sent, with the answer.
   * @throws RequestFailed; Problem `homeserver_error` if the answer is malformed, `encryption_keys_unusable`
   */
  async send(request: MachineRequest): Promise<unknown> {
    const answer = await this.#ask(request);
    await this.markAsSent(request, answer);
    return answer;
  }

  /** The machine's pending requests, without those that failed permanently, and without a refused upload for a while. */
  async waiting(): Promise<MachineRequest[]> {
    const requests = (await this.#options.machine.outgoingRequests()) as MachineRequest[];
    const isUploadPaused = performance.now() < this.#uploadPause.until;
    return requests.filter(
      ({ id, type }) =>
        (id === undefined || !this.#refused.has(id)) && !(isUploadPaused && type === RequestType.KeysUpload),
    );
  }

  /**
   * Sends a request, or waits for it if it is already in flight. `waiting()` skips it after a permanent failure.
   * @param send sends the request and marks it as sent
   */
  sendOnce(
    request: MachineRequest,
    send: (request: MachineRequest) => Promise<unknown> = (it) => this.send(it),
  ): Promise<unknown> {
    const { id, type } = request;
    if (id === undefined) return send(request);
    // A key upload gets a new ID each time it is listed. Of two concurrent uploads, the second could republish a
    // one-time key that was claimed after the first.
    const name = type === RequestType.KeysUpload ? 'upload' : id;
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    const sending = send(request)
      .catch((error) => {
        const isFinal = error instanceof RequestFailed ? !error.transient : error instanceof GivenUp;
        if (isFinal && type === RequestType.KeysUpload) this.#pauseUploads();
        else if (isFinal) this.#refused.add(id);
        throw error;
      })
      .finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, sending);
    return sending;
  }

  #pauseUploads(): void {
    const { uploadPauseMs = UPLOAD_PAUSE_MS } = this.#options;
    const ms = Math.min(Math.max(uploadPauseMs, 2 * this.#uploadPause.ms), LONGEST_UPLOAD_PAUSE_MS);
    this.#uploadPause = { ms, until: performance.now() + ms };
  }

  /** Passes the answer to the machine. @throws Problem `homeserver_error` if the answer is malformed */
  async markAsSent({ id, type }: MachineRequest, answer: unknown): Promise<void> {
    if (id === undefined) return;
    try {
      const { machine } = this.#options;
      const sane = sanitizeAnswer(type, answer, machine.userId.toString());
      await machine.markRequestAsSent(id, type, JSON.stringify(sane));
    } catch (error) {
      // The request stays listed. If writing crypto.sqlite failed, the store has already called `onFault`.
      throw problem('encryption_answer_odd', { reason: String(error) }, { cause: error });
    }
  }

  /** Logs a refused key query instead of rethrowing, so that other users' devices still get the room key. */
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
      const answer = await this.#options.session.request('POST', '/_matrix/client/v3/keys/upload', body);
      this.#uploadPause = { ms: 0, until: 0 };
      return answer;
    } catch (error) {
      if (!isKeyConflict(error)) throw error;
      const { canLogIn } = this.#options.session;
      throw problem('keys_older_than_published', { canLogIn }, { cause: error });
    }
  }
}

/**
 * Synapse: "One time key signed_curve25519:AAAAAQ already exists". The local keys are older than the published ones. Any
 * other 400 says nothing about them, such as "over the limit of 500" for too many keys.
 */
function isKeyConflict(error: unknown): boolean {
  return error instanceof RequestFailed && error.status === 400 && /already exists/i.test(error.words);
}
