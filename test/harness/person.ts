// A person at a Matrix client: what they do and see, in the way Element does it.
import { EventType, type ICreateRoomOpts, type MatrixClient, MsgType, Preset } from 'matrix-js-sdk';
import { type PersonOptions, startClient } from './personClient.ts';
import { RoomLog } from './roomLog.ts';
import { type Reply, RoomObserver } from './roomObserver.ts';
import { type Credentials, login } from './users.ts';

export interface SendOptions {
  /** User IDs for `m.mentions`. */
  mentions?: string[];
  /** The event that the message's thread started with. */
  threadRoot?: string;
  replyTo?: string;
  /** Default `m.text`. */
  msgtype?: string;
  /** `formatted_body`. */
  html?: string;
}

export class Person extends RoomObserver {
  readonly accessToken: string;
  readonly deviceId: string;

  private constructor(client: MatrixClient, credentials: Credentials, log: RoomLog) {
    super(client, credentials.userId, log);
    this.accessToken = credentials.accessToken;
    this.deviceId = credentials.deviceId;
  }

  /** Logs in on a new device and resolves after the first sync. Throws `MatrixHttpError`. */
  static async login(
    baseUrl: string,
    user: string,
    password: string,
    options: PersonOptions = {},
  ): Promise<Person> {
    return await Person.withCredentials(baseUrl, await login(baseUrl, user, password), options);
  }

  /** Goes on with a device that is logged in already. */
  static async withCredentials(
    baseUrl: string,
    { userId, accessToken, deviceId }: Credentials,
    options: PersonOptions = {},
  ): Promise<Person> {
    const log = new RoomLog();
    const credentials = { userId, accessToken, deviceId };
    return new Person(await startClient(baseUrl, credentials, log, options), credentials, log);
  }

  /** Stops syncing; the device stays logged in. */
  stop(): void {
    this.client.stopClient();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /**
   * A direct room as Element makes it: both at power level 100, and the first message is sent at once, so that it is
   * mostly there before the other one has joined.
   */
  async startDirectRoom(
    userId: string,
    options: { firstMessage?: string; encrypted?: boolean } = {},
  ): Promise<{ roomId: string; firstMessageId: string | undefined }> {
    const encryption = {
      type: 'm.room.encryption',
      state_key: '',
      content: { algorithm: 'm.megolm.v1.aes-sha2' },
    };
    const roomId = await this.createRoom({
      preset: Preset.TrustedPrivateChat,
      is_direct: true,
      invite: [userId],
      initial_state: [
        { type: 'm.room.guest_access', state_key: '', content: { guest_access: 'can_join' } },
        ...(options.encrypted ? [encryption] : []),
      ],
    });
    // Keys go to the members that the client knows of, and the invite may come after the rest of the room. Element waits.
    if (options.encrypted) {
      const isMember = () => ['invite', 'join'].includes(this.membership(roomId, userId) ?? '') || undefined;
      await this.waitFor(roomId, isMember, `${userId} to be invited`);
    }
    const { firstMessage } = options;
    const firstMessageId = firstMessage === undefined ? undefined : await this.send(roomId, firstMessage);
    const direct = this.client.getAccountData(EventType.Direct)?.getContent() ?? {};
    await this.client.setAccountData(EventType.Direct, {
      ...direct,
      [userId]: [...(direct[userId] ?? []), roomId],
    });
    return { roomId, firstMessageId };
  }

  /** A direct room that the other one has joined. */
  async roomWith(userId: string): Promise<string> {
    const { roomId } = await this.startDirectRoom(userId);
    await this.waitForMember(roomId, userId, 'join');
    return roomId;
  }

  /** The room's ID. Without a preset: private. */
  async createRoom(options: ICreateRoomOpts = {}): Promise<string> {
    const { room_id: roomId } = await this.client.createRoom({ preset: Preset.PrivateChat, ...options });
    return roomId;
  }

  /** A room with the bot and others, all of whom have joined. */
  async groupRoom(botId: string, others: readonly Person[], options: ICreateRoomOpts = {}): Promise<string> {
    const invite = [botId, ...others.map(({ userId }) => userId)];
    const roomId = await this.createRoom({ ...options, invite });
    for (const other of others) {
      await other.waitForMember(roomId, other.userId, 'invite');
      await other.join(roomId);
      await this.waitForMember(roomId, other.userId, 'join');
    }
    await this.waitForMember(roomId, botId, 'join');
    return roomId;
  }

  async invite(roomId: string, userId: string): Promise<void> {
    await this.client.invite(roomId, userId);
  }

  async join(roomId: string): Promise<void> {
    await this.client.joinRoom(roomId);
  }

  async leave(roomId: string): Promise<void> {
    await this.client.leave(roomId);
  }

  /** Sends a message and returns its event ID. */
  async send(roomId: string, text: string, options: SendOptions = {}): Promise<string> {
    const content: Record<string, unknown> = { msgtype: options.msgtype ?? MsgType.Text, body: text };
    if (options.html !== undefined)
      Object.assign(content, { format: 'org.matrix.custom.html', formatted_body: options.html });
    if (options.mentions !== undefined) content['m.mentions'] = { user_ids: options.mentions };
    const replyTo = options.replyTo ?? options.threadRoot;
    const relation: Record<string, unknown> = {};
    if (options.threadRoot !== undefined) {
      const isFallback = options.replyTo === undefined;
      Object.assign(relation, {
        rel_type: 'm.thread',
        event_id: options.threadRoot,
        is_falling_back: isFallback,
      });
    }
    if (replyTo !== undefined) relation['m.in_reply_to'] = { event_id: replyTo };
    if (replyTo !== undefined) content['m.relates_to'] = relation;
    return await this.sendEvent(roomId, 'm.room.message', content);
  }

  /** Sends any event and returns its ID; encrypted where the room is. */
  async sendEvent(roomId: string, type: string, content: Record<string, unknown>): Promise<string> {
    // Whether the room is encrypted is known only once the sync has brought it.
    if (this.client.getCrypto() !== undefined) await this.#knownRoom(roomId);
    // The SDK's types know the content of every event type; here any content is allowed.
    const { event_id: eventId } = await this.client.sendEvent(roomId, null, type as never, content as never);
    return eventId;
  }

  /** Sends a state event and returns its ID. */
  async sendState(
    roomId: string,
    type: string,
    stateKey: string,
    content: Record<string, unknown>,
  ): Promise<string> {
    const { event_id: eventId } = await this.client.sendStateEvent(
      roomId,
      type as never,
      content as never,
      stateKey,
    );
    return eventId;
  }

  /** Returns the ID of the reaction's event. */
  async react(roomId: string, eventId: string, key: string): Promise<string> {
    return await this.sendEvent(roomId, 'm.reaction', {
      'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key },
    });
  }

  async redact(roomId: string, eventId: string): Promise<void> {
    await this.client.redactEvent(roomId, eventId);
  }

  /** Sends a message and waits for the answer to it. */
  async ask(
    roomId: string,
    text: string,
    options: SendOptions & { timeoutMs?: number } = {},
  ): Promise<Reply> {
    return await this.waitForReply(roomId, await this.send(roomId, text, options), options);
  }

  async #knownRoom(roomId: string): Promise<void> {
    await this.waitForMember(roomId, this.userId, 'join');
  }
}
