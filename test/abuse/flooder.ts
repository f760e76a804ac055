// Somebody who sends the bot's device what no client would send in such numbers: with the crypto code of real clients, past
// their client.
import { randomUUID } from 'node:crypto';
import {
  CollectStrategy,
  DeviceId,
  EncryptionSettings,
  initAsync,
  type KeysClaimRequest,
  OlmMachine,
  type RequestType,
  RoomId,
  type ToDeviceRequest,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { requestJson } from '../harness/matrixHttp.ts';
import type { TestServer } from '../harness/testServer.ts';
import type { Credentials } from '../harness/users.ts';

const AT_ONCE = 10;

interface Request {
  readonly id: string | undefined;
  readonly type: RequestType;
  readonly body: string;
}

export class Flooder {
  readonly userId: string;
  readonly #baseUrl: string;
  readonly #account: Credentials;
  readonly #botId: string;
  readonly #machine: OlmMachine;

  private constructor(baseUrl: string, account: Credentials, botId: string, machine: OlmMachine) {
    this.userId = account.userId;
    this.#baseUrl = baseUrl;
    this.#account = account;
    this.#botId = botId;
    this.#machine = machine;
  }

  /** A new account that has an Olm session with the bot's device. Shares no room with the bot. */
  static async make(server: TestServer, localpart: string, botId: string): Promise<Flooder> {
    return await Flooder.of(server.baseUrl, await server.synapse.registerUser(localpart), botId);
  }

  /** On a device that has no keys yet. */
  static async of(baseUrl: string, account: Credentials, botId: string): Promise<Flooder> {
    await initAsync();
    const { userId, deviceId } = account;
    const machine = await OlmMachine.initialize(new UserId(userId), new DeviceId(deviceId));
    const flooder = new Flooder(baseUrl, account, botId, machine);
    await machine.updateTrackedUsers([new UserId(botId)]);
    for (const request of await machine.outgoingRequests()) await flooder.#send(request as Request);
    const claim = await machine.getMissingSessions([new UserId(botId)]);
    if (claim === null) throw new Error('The bot has no device.');
    await flooder.#send(claim);
    return flooder;
  }

  /** Sends the bot one room key for each of these rooms, of which it knows nothing. */
  async sendRoomKeys(roomIds: readonly string[]): Promise<void> {
    const settings = new EncryptionSettings();
    settings.sharingStrategy = CollectStrategy.allDevices();
    await this.#inSlices(roomIds, async (roomId) => {
      const requests = await this.#machine.shareRoomKey(
        new RoomId(roomId),
        [new UserId(this.#botId)],
        settings,
      );
      for (const request of requests) await this.#share(request);
    });
  }

  /** Sends an event that is not encrypted to the bot's device, as often as there are contents. */
  async sendPlain(type: string, contents: readonly object[]): Promise<void> {
    await this.#inSlices(contents, (content) => this.#put(type, { [this.#botId]: { '*': content } }));
  }

  async #share({ id, type, event_type, body }: ToDeviceRequest): Promise<void> {
    await this.#put(event_type, (JSON.parse(body) as { messages: object }).messages);
    await this.#machine.markRequestAsSent(id, type, '{}');
  }

  async #put(type: string, messages: object): Promise<void> {
    await this.#request('PUT', `sendToDevice/${type}/${randomUUID()}`, { messages });
  }

  async #send({ id = '', type, body }: Request | KeysClaimRequest): Promise<void> {
    const paths: Record<number, string> = { 0: 'keys/upload', 1: 'keys/query', 2: 'keys/claim' };
    const answer = await this.#request('POST', paths[type] ?? '', JSON.parse(body));
    await this.#machine.markRequestAsSent(id, type, JSON.stringify(answer));
  }

  async #request(method: string, path: string, body: object): Promise<object> {
    const { accessToken } = this.#account;
    return await requestJson(this.#baseUrl, method, `/_matrix/client/v3/${path}`, {
      accessToken,
      body,
    });
  }

  async #inSlices<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    for (let at = 0; at < items.length; at += AT_ONCE)
      await Promise.all(items.slice(at, at + AT_ONCE).map(work));
  }
}
