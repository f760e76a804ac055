// What the suites of encrypted conversations share: a bot behind a proxy, and the events as they lie on the homeserver,
// where no client has decrypted them.
import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import { startTestBot, type TestBot, type TestBotOptions, temporaryDataDir } from '../harness/bot.ts';
import type { Person } from '../harness/person.ts';
import { type Fate, type Proxy as FaultyProxy, type ProxiedRequest, startProxy } from '../harness/proxy.ts';
import { type RawEvent, rawEvents as readRawEvents } from '../harness/rawEvents.ts';
import type { Scene } from '../harness/scene.ts';
import type { RegisteredUser } from '../harness/users.ts';

export type { RawEvent };

/** All events of a room, oldest first, as the homeserver has them. */
export async function rawEvents(
  { synapse }: Scene,
  reader: { readonly accessToken: string },
  roomId: string,
): Promise<RawEvent[]> {
  return await readRawEvents(synapse.baseUrl, reader, roomId);
}

/** What somebody said in a room, without state and reactions, as the homeserver has it. */
export async function rawMessages(
  scene: Scene,
  reader: Person,
  roomId: string,
  sender: string,
): Promise<RawEvent[]> {
  const events = await rawEvents(scene, reader, roomId);
  return events.filter(
    (event) => event.sender === sender && event.state_key === undefined && event.type !== 'm.reaction',
  );
}

/** Nothing but ciphertext, and what clients need to place it. */
export function expectSealed(events: readonly RawEvent[]): void {
  for (const { type, content } of events) {
    expect(type).toBe('m.room.encrypted');
    expect(content).toMatchObject({
      algorithm: 'm.megolm.v1.aes-sha2',
      ciphertext: expect.any(String),
      session_id: expect.any(String),
    });
    const readable = ['algorithm', 'ciphertext', 'session_id', 'sender_key', 'device_id', 'm.relates_to'];
    expect(readable).toEqual(expect.arrayContaining(Object.keys(content)));
  }
}

export async function expectNothingInClear(
  scene: Scene,
  reader: Person,
  roomId: string,
  sender: string,
): Promise<void> {
  expectSealed(await rawMessages(scene, reader, roomId, sender));
}

/** A bot that reaches its homeserver through a proxy, to be stopped and started again on its data. */
export interface ProxiedBot extends AsyncDisposable {
  readonly account: RegisteredUser;
  readonly userId: string;
  readonly proxy: FaultyProxy;
  readonly current: TestBot;
  stop(): Promise<void>;
  start(): Promise<void>;
}

let bots = 0;

export async function startProxiedBot(
  scene: Scene,
  options: TestBotOptions & { readonly meanwhile?: (proxy: FaultyProxy) => void } = {},
): Promise<ProxiedBot> {
  const { meanwhile, ...botOptions } = options;
  const account = await scene.botAccount(`regbot${bots++}`);
  const proxy = await startProxy(scene.synapse.baseUrl);
  meanwhile?.(proxy);
  const dataDir = temporaryDataDir();
  const { localpart: username, password } = account;
  const launch = () => startTestBot(proxy.baseUrl, { username, password }, { dataDir, ...botOptions });
  let current = await launch();
  let running = true;
  const stop = async () => {
    if (!running) return;
    running = false;
    await current.stop();
  };
  return {
    account,
    proxy,
    userId: account.userId,
    get current() {
      return current;
    },
    stop,
    async start() {
      current = await launch();
      running = true;
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await proxy.close();
    },
  };
}

export const isSend = ({ path }: ProxiedRequest): boolean => path.includes('/send/');
export const isSync = ({ path }: ProxiedRequest): boolean => path.startsWith('/_matrix/client/v3/sync');
/** The path of requests, without the query, ends or goes on like this. */
export const to =
  (part: string) =>
  ({ path }: ProxiedRequest): boolean =>
    decodeURIComponent(path).split('?')[0]?.includes(part) ?? false;

/**
 * These requests fail, each in its own way and the last way from then on, until `mend` is called.
 * `tried` resolves after so many.
 */
export function breakRequests(
  proxy: FaultyProxy,
  matches: (request: ProxiedRequest) => boolean,
  fates: readonly NonNullable<Fate>[],
): { tried(times: number): Promise<void>; mend(): void } {
  let tries = 0;
  proxy.intercept((request) => {
    if (!matches(request)) return undefined;
    return fates[Math.min(tries++, fates.length - 1)];
  });
  return {
    tried: (times) =>
      vi.waitFor(() => expect(tries).toBeGreaterThanOrEqual(times), { timeout: 20_000, interval: 10 }),
    mend: () => proxy.clear(),
  };
}

/** The devices of a user to which to-device messages went through this proxy, of which keys of rooms are one kind. */
export function encryptedFor(proxy: FaultyProxy, userId: string, since = 0): string[] {
  return proxy.requests
    .slice(since)
    .filter(to('/sendToDevice/m.room.encrypted/'))
    .flatMap(({ body }) => Object.keys(JSON.parse(body).messages[userId] ?? {}));
}

/**
 * Resolves once the person's client has got everything that happened before: device lists and to-device messages
 * come in the order of events.
 */
export async function upToDate(person: Person, roomId: string): Promise<void> {
  // Reactions need no keys.
  const [first] = person.timeline(roomId);
  const eventId = await person.react(roomId, first?.getId() ?? '', randomUUID());
  await person.waitForEvent(roomId, (event) => event.getId() === eventId, 'an own reaction');
}
