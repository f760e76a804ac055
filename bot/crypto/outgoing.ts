// Sends the OlmMachine's queued requests in the background, and the messages of verifications.
import { RequestType } from '@matrix-org/matrix-sdk-crypto-wasm';
import { Problem } from '../../common/problems/problem.ts';
import { Pause, retry } from '../lib/retry.ts';
import type { RoomSender } from '../matrix/rooms/roomSender.ts';
import type { Log } from '../observability/log.ts';
import type { MachineRequest, MachineRequests } from './machineRequests.ts';

export interface OutgoingOptions {
  readonly requests: MachineRequests;
  readonly sender: Pick<RoomSender, 'send'>;
  /** Called on errors that retries can't fix: the bot can't continue with these keys. */
  readonly onFatal: (error: unknown) => void;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export class OutgoingRequests {
  readonly #options: OutgoingOptions;
  readonly #pause = new Pause();
  #working: Promise<void> | undefined;
  #again = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** Sends all pending requests in the background, with retries for as long as the homeserver is unavailable. */
  kick(): void {
    this.#again = true;
    // Ends the retry delay of an earlier failure, so that new requests are sent immediately.
    this.#pause.end();
    this.#working ??= this.#work().catch((error) => {
      if (!this.#options.signal.aborted) this.#options.onFatal(error);
    });
  }

  async idle(): Promise<void> {
    await this.#working;
  }

  /**
   * Sends one request and marks it as sent. Room messages go through the room's queue, which also sends key requests:
   * awaiting this while encrypting would deadlock.
   * @throws as `MachineRequests.send` and `RoomSender.send`
   */
  async send(request: MachineRequest): Promise<unknown> {
    const { requests, sender } = this.#options;
    if (request.type !== RequestType.RoomMessage) return await requests.send(request);
    const { room_id = '', event_type = '', txn_id = '', body } = request;
    const answer = { event_id: await sender.send(room_id, event_type, JSON.parse(body), txn_id) };
    await requests.markAsSent(request, answer);
    return answer;
  }

  async #work(): Promise<void> {
    const { log, signal } = this.#options;
    try {
      while (this.#again && !signal.aborted) {
        await retry(() => this.#sendWaiting(), {
          // A login that was ended may become valid again; unusable keys are permanent.
          when: (error) => error instanceof Problem && error.kind !== 'encryption_keys_unusable',
          first: 1_000,
          most: 300_000,
          pause: this.#pause,
          signal,
          onRetry: (error, retryInMs, attempt) => {
            const { kind, sentence } = error as Problem;
            const message = `Could not send what encryption needs: ${sentence}`;
            // Warns only once, because each /sync retries. The /sync loop itself logs that the login was ended.
            if (attempt === 0 && kind !== 'bot_credential_refused') log.warn({ retryInMs }, message);
            else log.debug({ retryInMs }, message);
          },
        });
      }
    } finally {
      // Reset synchronously, so that the next kick() starts a new run.
      this.#working = undefined;
    }
  }

  /** Attempts all pending requests, then throws the first failure. */
  async #sendWaiting(): Promise<void> {
    const { requests } = this.#options;
    this.#again = false;
    const waiting = await requests.waiting();
    const outcomes = await Promise.allSettled(
      waiting.map((request) => requests.sendOnce(request, (it) => this.send(it))),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}
