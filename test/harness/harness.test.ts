import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MatrixHttpError, requestJson } from './matrixHttp.ts';
import { Person } from './person.ts';
import { badGateway, startProxy } from './proxy.ts';
import { type Synapse, startSynapse } from './synapse.ts';
import { SynapseAdmin } from './synapseAdmin.ts';
import { beginRegistration, login, type RegisteredUser, registerWithToken } from './users.ts';

let synapse: Synapse;
let alice: RegisteredUser;
let bob: RegisteredUser;
let admin: SynapseAdmin;

beforeAll(async () => {
  synapse = await startSynapse();
  alice = await synapse.registerUser('alice', 'alice-password', { admin: true });
  bob = await synapse.registerUser('bob');
  admin = new SynapseAdmin(synapse.baseUrl, alice.accessToken);
});

afterAll(async () => {
  await synapse?.dispose();
});

describe('two people', () => {
  let one: Person;
  let other: Person;

  beforeAll(async () => {
    one = await Person.login(synapse.baseUrl, alice.localpart, alice.password);
    other = await Person.withCredentials(synapse.baseUrl, bob);
  });

  afterAll(() => {
    one?.stop();
    other?.stop();
  });

  test('the first message of a direct room is there for the one who joins later', async () => {
    const { roomId, firstMessageId } = await one.startDirectRoom(other.userId, { firstMessage: 'hello' });
    await other.join(await other.waitForInvite(one.userId));
    const event = await other.waitForEvent(
      roomId,
      (e) => e.getContent().body === 'hello',
      'the first message',
    );
    expect(event.getId()).toBe(firstMessageId);
    // Both have the same power: by level, or as its creators (from room version 12 on, where the server makes those).
    const room = other.client.getRoom(roomId);
    const powers = [one.userId, other.userId].map((userId) => room?.getMember(userId)?.powerLevel);
    expect(powers[0]).toBeGreaterThanOrEqual(100);
    expect(powers[1]).toBe(powers[0]);
  });

  test('replies, edits, reactions and redactions are seen by the other one', async () => {
    const { roomId } = await one.startDirectRoom(other.userId);
    await other.waitFor(roomId, () => other.client.getRoom(roomId) ?? undefined, 'the invite');
    await other.join(roomId);
    await one.waitForMember(roomId, other.userId, 'join');

    const command = await one.send(roomId, 'how are you?', { mentions: [other.userId] });
    const pending = one.waitForReply(roomId, command);
    const answerId = await other.send(roomId, 'well', {
      replyTo: command,
      html: '<b>well</b>',
      msgtype: 'm.notice',
    });
    expect(await pending).toMatchObject({ eventId: answerId, body: 'well', html: '<b>well</b>' });
    expect(await one.waitForReply(roomId, command)).toMatchObject({ eventId: answerId });

    const reactionId = await one.react(roomId, answerId, '✅');
    expect(await other.waitForReaction(roomId, answerId, '✅')).toMatchObject({ sender: one.userId });
    await one.redact(roomId, reactionId);
    await other.waitFor(
      roomId,
      () => other.reactionsOn(roomId, answerId).length === 0 || undefined,
      'no reaction',
    );

    await other.sendEvent(roomId, 'm.room.message', {
      msgtype: 'm.notice',
      body: '* very well',
      'm.new_content': { msgtype: 'm.notice', body: 'very well' },
      'm.relates_to': { rel_type: 'm.replace', event_id: answerId },
    });
    await one.waitForEdit(roomId, answerId, (body) => body === 'very well');
    expect(one.currentBody(roomId, answerId)).toBe('very well');
    expect(one.repliesTo(roomId, command)).toHaveLength(1);
  });

  test('a wait that times out throws an error that shows the room', async () => {
    const roomId = await one.createRoom();
    const command = await one.send(roomId, 'anybody here?');
    await expect(one.waitForReply(roomId, command, { timeoutMs: 300 })).rejects.toThrow(/anybody here\?/);
  });
});

test('encrypted messages are read by the other one', async () => {
  const users = [await synapse.registerUser('carol'), await synapse.registerUser('dave')] as const;
  using one = await Person.withCredentials(synapse.baseUrl, users[0], { encryption: true });
  using other = await Person.withCredentials(synapse.baseUrl, users[1], { encryption: true });
  const { roomId } = await one.startDirectRoom(other.userId, { encrypted: true });
  await other.join(await other.waitForInvite());
  await one.waitForMember(roomId, other.userId, 'join');
  const eventId = await one.send(roomId, 'secret');
  const event = await other.waitForEvent(
    roomId,
    (e) => e.getContent().body === 'secret',
    'the decrypted message',
  );
  expect(event.getId()).toBe(eventId);
  expect(event.isEncrypted()).toBe(true);
});

describe('registration by token', () => {
  test('a use is pending until the registration is finished', async () => {
    const { token } = await admin.createToken({ uses_allowed: 1 });
    const registration = await beginRegistration(synapse.baseUrl, {
      username: 'erin',
      password: 'pw-erin',
      token,
    });
    expect(await admin.getToken(token)).toMatchObject({ pending: 1, completed: 0 });
    const { userId } = await registration.finish();
    expect(userId).toBe(`@erin:${synapse.serverName}`);
    expect(await admin.getToken(token)).toMatchObject({ pending: 0, completed: 1 });
    await login(synapse.baseUrl, 'erin', 'pw-erin');
  });

  test('a token that is used up is refused', async () => {
    const { token } = await admin.createToken({ uses_allowed: 1 });
    await registerWithToken(synapse.baseUrl, { username: 'frank', password: 'pw-frank', token });
    const again = registerWithToken(synapse.baseUrl, { username: 'grace', password: 'pw-grace', token });
    await expect(again).rejects.toMatchObject({ status: 401, errcode: 'M_UNAUTHORIZED' });
  });
});

describe('admin rights and devices', () => {
  test('rights can be given and taken', async () => {
    const bobAsAdmin = new SynapseAdmin(synapse.baseUrl, bob.accessToken);
    await expect(bobAsAdmin.listTokens()).rejects.toMatchObject({ status: 403 });
    await admin.setAdmin(bob.userId, true);
    expect(await bobAsAdmin.listTokens()).toBeInstanceOf(Array);
    await admin.setAdmin(bob.userId, false);
    await expect(bobAsAdmin.listTokens()).rejects.toMatchObject({ status: 403 });
  });

  test('the access token of a deleted device is refused', async () => {
    const { deviceId, accessToken } = await login(synapse.baseUrl, bob.localpart, bob.password);
    const whoAmI = () =>
      requestJson(synapse.baseUrl, 'GET', '/_matrix/client/v3/account/whoami', { accessToken });
    expect(await whoAmI()).toMatchObject({ user_id: bob.userId });
    await admin.deleteDevice(bob.userId, deviceId);
    await expect(whoAmI()).rejects.toMatchObject({ status: 401, errcode: 'M_UNKNOWN_TOKEN' });
  });

  test('OpenID tokens are resolved to their user', async () => {
    const user = encodeURIComponent(bob.userId);
    const path = `/_matrix/client/v3/user/${user}/openid/request_token`;
    const { accessToken } = bob;
    const openId = await requestJson(synapse.baseUrl, 'POST', path, { accessToken, body: {} });
    const query = `access_token=${openId.access_token}`;
    const info = await requestJson(synapse.baseUrl, 'GET', `/_matrix/federation/v1/openid/userinfo?${query}`);
    expect(info).toEqual({ sub: bob.userId });
  });
});

test('the test decides what an intercepted request gets', async () => {
  await using proxy = await startProxy(synapse.baseUrl);
  const { accessToken } = alice;
  const create = () =>
    requestJson(proxy.baseUrl, 'POST', '/_synapse/admin/v1/registration_tokens/new', {
      accessToken,
      body: { token: 'by-proxy' },
    });
  proxy.intercept(({ path }) => (path.endsWith('/new') ? badGateway() : undefined));
  await expect(create()).rejects.toBeInstanceOf(MatrixHttpError);
  proxy.intercept(() => 'drop');
  await expect(create()).rejects.toThrow('fetch failed');
  await expect(admin.getToken('by-proxy')).rejects.toMatchObject({ status: 404 });
  proxy.intercept(() => 'drop-after');
  await expect(create()).rejects.toThrow('fetch failed');
  expect(await admin.getToken('by-proxy')).toMatchObject({ completed: 0 });
  proxy.clear();
  await expect(create()).rejects.toMatchObject({ status: 400, errcode: 'M_INVALID_PARAM' });
  expect(proxy.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'POST']);
});

describe('starting and stopping a server', () => {
  test('data survive a stop and a kill, and a temporary folder is removed at the end', async () => {
    const own = await startSynapse({ rateLimits: 'default', extraConfig: { max_avatar_size: '1M' } });
    try {
      const { baseUrl, dataDir, pid } = own;
      const user = await own.registerUser('alice', 'pw');
      await own.stop();
      expect(own.pid).toBeUndefined();
      await expect(login(baseUrl, 'alice', 'pw')).rejects.toThrow('fetch failed');
      await own.start();
      expect(own.pid).not.toBe(pid);
      await own.kill();
      await own.start();
      expect(await login(baseUrl, 'alice', 'pw')).toMatchObject({ userId: user.userId });
      await own.dispose();
      expect(existsSync(dataDir)).toBe(false);
    } finally {
      await own.dispose();
    }
  });

  test('a server that cannot start says why', async () => {
    const broken = startSynapse({ extraConfig: { database: { name: 'no-such-database' } } });
    await expect(broken).rejects.toThrow(/ended while starting.*no-such-database/s);
  });

  test('nothing is left running after kill -9 of the process that started it', async () => {
    const { starter, pid, dataDir } = await startInChild();
    try {
      expect(isRunning(pid)).toBe(true);
      starter.kill('SIGKILL');
      await once(starter, 'exit');
      // There is no event for the end of another process's child.
      while (isRunning(pid)) await wait(20);
      expect(existsSync(dataDir)).toBe(false);
    } finally {
      starter.kill('SIGKILL');
    }
  });
});

/** A process that starts a server and then idles. */
async function startInChild(): Promise<{ starter: ChildProcess; pid: number; dataDir: string }> {
  const harness = join(import.meta.dirname, '..', 'harness', 'synapse.ts');
  const script = `
    const { startSynapse } = await import(${JSON.stringify(harness)});
    const { pid, dataDir } = await startSynapse();
    console.log(JSON.stringify({ pid, dataDir }));
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await once(starter.stdout, 'data');
  return { starter, ...JSON.parse(String(output)) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
