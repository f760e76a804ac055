// Emoji verification (https://spec.matrix.org/v1.16/client-server-api/#short-authentication-string-sas-verification),
// in a room or between devices. Users start it; the bot accepts requests from users with access, and shows its emoji in
// the log and in `status`, where its administrator can compare them.
import {
  type OlmMachine,
  RoomId,
  Sas,
  UserId,
  VerificationMethod,
  type VerificationRequest,
  VerificationRequestPhase,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { Problem } from '../../common/problems/problem.ts';
import type { AnswerQuota } from '../access/answerQuota.ts';
import type { Clock } from '../lib/clock.ts';
import { Emitter } from '../lib/emitter.ts';
import type { MatrixSession } from '../matrix/session.ts';
import { type RoomEvent, rawEvent } from '../matrix/sync/syncResponse.ts';
import type { Log } from '../observability/log.ts';
import type { Encryptor } from './encryptor.ts';
import type { MachineRequest } from './machineRequests.ts';
import type { OutgoingRequests } from './outgoing.ts';
import { emojiText, type ShownEmoji } from './shownEmoji.ts';

export interface VerificationOptions {
  readonly machine: OlmMachine;
  readonly encryptor: Encryptor;
  readonly outgoing: OutgoingRequests;
  readonly session: Pick<MatrixSession, 'retryRequest'>;
  readonly hasAccess: (userId: string) => boolean;
  readonly quota: Pick<AnswerQuota, 'admits'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A verification that the bot has accepted. */
export interface BegunVerification {
  readonly userId: string;
  /** Where it takes place; undefined: between devices. */
  readonly roomId: string | undefined;
  /** Chosen by the user's client, any text; in a room, the event ID of the request. */
  readonly flowId: string;
}

interface Accepted {
  readonly request: VerificationRequest;
  readonly userId: string;
  /** The request itself has it only until it is over. */
  readonly deviceId: string | undefined;
}

/** Timeout of a verification: https://spec.matrix.org/v1.16/client-server-api/#key-verification-framework */
const SHOWN_FOR_MS = 10 * 60_000;
const MOST_SHOWN = 10;
/** Code and reason of a cancellation come from the user's client. */
const LONGEST_REASON = 200;

export class Verification {
  readonly #options: VerificationOptions;
  /** Emitted when the bot has accepted a request. */
  readonly begun: Emitter<BegunVerification>;
  readonly #watched = new Set<string>();
  /** Accepted and not over, by flow ID: the machine drops a request once it is over. */
  readonly #accepted = new Map<string, Accepted>();
  #shown: ShownEmoji[] = [];
  /** The last task of the queue: steps run one at a time. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: VerificationOptions) {
    this.#options = options;
    this.begun = new Emitter((error) => {
      options.log.warn({ err: error }, 'Could not announce a verification.');
    });
  }

  /** Emoji of the last `SHOWN_FOR_MS`, newest first. */
  get shown(): readonly ShownEmoji[] {
    const oldest = this.#options.clock() - SHOWN_FOR_MS;
    this.#shown = this.#shown.filter(({ at }) => at > oldest);
    return this.#shown.toReversed();
  }

  async idle(): Promise<void> {
    await this.#last;
  }

  /** A to-device message that the machine has already processed. */
  receiveToDevice({ type, sender }: { readonly type: string; readonly sender: string }): void {
    if (type.startsWith('m.key.verification.')) this.#advance(sender);
  }

  /** A (decrypted) room event; ignored unless it belongs to a verification. */
  receiveRoomEvent(roomId: string, event: RoomEvent): void {
    if (!isOfVerification(event)) return;
    const { machine, encryptor, hasAccess } = this.#options;
    this.#run(async () => {
      // Users without access must not trigger key queries.
      if (hasAccess(event.sender)) await encryptor.learnDevices([event.sender]);
      await machine.receiveVerificationEvent(JSON.stringify(rawEvent(event, roomId)), new RoomId(roomId));
    });
    this.#advance(event.sender);
  }

  #advance(userId: string): void {
    this.#run(async () => {
      const { machine, hasAccess, quota, encryptor } = this.#options;
      this.#logOutcomes();
      for (const request of machine.getVerificationRequests(new UserId(userId))) {
        if (request.isDone() || request.isCancelled()) continue;
        // Another device of the bot's account would receive the private cross-signing keys without emoji comparison.
        if (userId === machine.userId.toString() || !hasAccess(userId)) {
          const refusal = request.cancel();
          if (quota.admits(userId, request.flowId)) await this.#send(refusal);
          continue;
        }
        await encryptor.learnDevices([userId]);
        await this.#step(request);
      }
      // Sends requests that the machine has queued itself.
      this.#options.outgoing.kick();
    });
  }

  async #step(request: VerificationRequest): Promise<void> {
    const { log } = this.#options;
    const { flowId } = request;
    const userId = request.otherUserId.toString();
    if (request.phase() === VerificationRequestPhase.Requested && !request.weStarted()) {
      log.info({ userId }, 'Somebody verifies the bot');
      this.#accepted.set(flowId, { request, userId, deviceId: request.otherDeviceId?.toString() });
      // Called at the end as well, also if it timed out.
      request.registerChangesCallback(async () => this.#advance(userId));
      await this.#send(request.acceptWithMethods([VerificationMethod.SasV1]));
      this.begun.emit({ userId, roomId: request.roomId?.toString(), flowId });
    }
    const sas = request.getVerification();
    if (!(sas instanceof Sas) || sas.isDone() || sas.isCancelled()) return;
    if (!this.#watched.has(flowId)) {
      this.#watched.add(flowId);
      sas.registerChangesCallback(async () => this.#advance(userId));
    }
    if (!sas.hasBeenAccepted() && !sas.weStarted()) await this.#send(sas.accept());
    if (!sas.canBePresented() || sas.haveWeConfirmed()) return;
    this.#show(sas);
    // The user compares the emoji and confirms in their client. If the emoji differ, the bot has signed the wrong keys,
    // which is harmless: it makes no decision based on verification.
    for (const message of await sas.confirm()) await this.#send(message);
  }

  /** Logs how verifications ended, once each. */
  #logOutcomes(): void {
    const { log } = this.#options;
    for (const [flowId, { request, userId, deviceId }] of this.#accepted) {
      if (!request.isDone() && !request.isCancelled()) continue;
      this.#accepted.delete(flowId);
      this.#watched.delete(flowId);
      const { cancelInfo } = request;
      if (cancelInfo === undefined) {
        log.info({ userId, deviceId }, 'Verification done');
        continue;
      }
      const code = cancelInfo.cancelCode().slice(0, LONGEST_REASON);
      const reason = cancelInfo.reason().slice(0, LONGEST_REASON);
      const cancelledBy = cancelInfo.cancelledbyUs() ? 'bot' : 'user';
      log.info({ userId, deviceId, cancelledBy, code, reason }, 'Verification cancelled');
    }
  }

  #show(sas: Sas): void {
    const { log, clock } = this.#options;
    const emoji = (sas.emoji() ?? []).map(({ symbol, description }) => ({ symbol, name: description }));
    const shown = {
      userId: sas.otherUserId.toString(),
      deviceId: sas.otherDeviceId.toString(),
      emoji,
      at: clock(),
    };
    this.#shown = [...this.#shown.slice(1 - MOST_SHOWN), shown];
    const { userId, deviceId } = shown;
    log.info({ userId, deviceId }, `Verification, compare the emoji: ${emojiText(shown)}`);
  }

  async #send(message: unknown): Promise<void> {
    if (message === undefined) return;
    const { session, outgoing } = this.#options;
    const attempt = () => outgoing.send(message as MachineRequest);
    // Gives up after some retries, because all other verifications wait in the queue.
    await session.retryRequest('verify', attempt, { mayGiveUp: true });
  }

  #run(task: () => Promise<void>): void {
    const { log, signal } = this.#options;
    this.#last = this.#last.then(task).catch((error) => {
      if (signal.aborted) return;
      const about = error instanceof Problem ? error.sentence : String(error);
      log.warn(`A verification could not go on: ${about} Start it again.`);
    });
  }
}

function isOfVerification({ type, content }: RoomEvent): boolean {
  return (
    type.startsWith('m.key.verification.') ||
    (type === 'm.room.message' && content.msgtype === 'm.key.verification.request')
  );
}
