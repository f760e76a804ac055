import { beforeEach, describe, expect, test } from 'vitest';
import { requestFailed } from '../matrix/errors.ts';
import { Store } from '../store/store.ts';
import type { RoomRecipients } from './encryptor.ts';
import { RoomEncryption } from './roomEncryption.ts';

const ROOM = '!room:example.org';
const MEGOLM = { algorithm: 'm.megolm.v1.aes-sha2' };
const CONTENT = { msgtype: 'm.notice', body: 'secret' };

const notFound = () => requestFailed('http://x', { status: 404, errcode: 'M_NOT_FOUND' });

/** What the homeserver answers by the end of the path; an error is thrown. */
let answers: Record<string, unknown>;
let asked: string[];
let store: Store;
let rooms: RoomEncryption;
let recipients: RoomRecipients[];
let forgotten: string[];

beforeEach(() => {
  answers = {
    '/state/m.room.encryption/': MEGOLM,
    '/state/m.room.history_visibility/': { history_visibility: 'shared' },
    '/members': { chunk: [member('@bot:x', 'join'), member('@alice:x', 'join'), member('@bob:x', 'invite')] },
  };
  asked = [];
  recipients = [];
  forgotten = [];
  store = new Store(':memory:');
  rooms = new RoomEncryption({ request: async (_method, path) => answer(path) }, store.rooms, encryptor, 3);
});

const encryptor = {
  encrypt: async (_roomId: string, _type: string, _content: unknown, to: RoomRecipients) => {
    recipients.push(to);
    return { ciphertext: 'xyz' };
  },
  forget: (roomId: string) => void forgotten.push(roomId),
};

function answer(path: string): unknown {
  const end = Object.keys(answers).find((known) => path.endsWith(known)) ?? '';
  asked.push(end);
  const it = answers[end];
  if (it instanceof Error) throw it;
  return it;
}

function member(state_key: string, membership: string) {
  return { type: 'm.room.member', state_key, content: { membership } };
}

const encrypt = () => rooms.encryptEvent(ROOM, 'm.room.message', CONTENT);

describe('sent unencrypted', () => {
  test('a message where the homeserver says for certain that there is no encryption; it is asked once', async () => {
    answers['/state/m.room.encryption/'] = notFound();
    expect(await encrypt()).toEqual({ type: 'm.room.message', content: CONTENT });
    expect(await encrypt()).toEqual({ type: 'm.room.message', content: CONTENT });
    expect(asked).toEqual(['/state/m.room.encryption/']);
  });

  test('reactions, everywhere', async () => {
    expect(await rooms.encryptEvent(ROOM, 'm.reaction', {})).toEqual({ type: 'm.reaction', content: {} });
  });

  test.each([
    ['a homeserver that fails', requestFailed('http://x', { status: 500 })],
    ['one that can’t be reached', requestFailed('http://x', {})],
    ['a proxy’s 404', requestFailed('http://x', { status: 404 })],
    ['a 403', requestFailed('http://x', { status: 403, errcode: 'M_FORBIDDEN' })],
  ])('nothing on the word of %s', async (_name, failure) => {
    answers['/state/m.room.encryption/'] = failure;
    await expect(encrypt()).rejects.toBe(failure);
  });

  test('nothing in a room that was encrypted once, whatever the homeserver says', async () => {
    store.rooms.update(ROOM, { joined: true, encrypted: true });
    answers['/state/m.room.encryption/'] = notFound();
    expect((await encrypt()).type).toBe('m.room.encrypted');
    store.rooms.update(ROOM, { encrypted: false });
    expect((await encrypt()).type).toBe('m.room.encrypted');
  });

  test('nothing once /sync has reported encryption', async () => {
    answers['/state/m.room.encryption/'] = notFound();
    await encrypt();
    store.rooms.update(ROOM, { joined: true, encrypted: true });
    rooms.changed(ROOM);
    expect((await encrypt()).type).toBe('m.room.encrypted');
  });

  test('nothing if encryption comes while the homeserver is asked', async () => {
    let first = true;
    const request = async (_method: string, path: string) => {
      if (!path.endsWith('encryption/') || !first) return answer(path);
      first = false;
      rooms.changed(ROOM);
      throw notFound();
    };
    rooms = new RoomEncryption({ request }, store.rooms, encryptor, 3);
    expect((await encrypt()).type).toBe('m.room.encrypted');
  });

  test('nothing where the bot’s encryption is off, or does not know the algorithm', async () => {
    const request = async (_method: string, path: string) => answer(path);
    const off = new RoomEncryption({ request }, store.rooms, undefined, 3);
    await expect(off.encryptEvent(ROOM, 'm.room.message', CONTENT)).rejects.toMatchObject({
      kind: 'refused',
      remedy: expect.stringContaining('bot.encryption: true'),
    });
    answers['/state/m.room.encryption/'] = { algorithm: 'm.future' };
    await expect(encrypt()).rejects.toThrow(/encrypted with m\.future/);
  });
});

describe('who gets the key', () => {
  test('members and those invited', async () => {
    await encrypt();
    expect(recipients[0]).toMatchObject({
      userIds: ['@bot:x', '@alice:x', '@bob:x'],
      historyVisibility: 'shared',
      rotationPeriodMs: undefined,
    });
  });

  test('members only, where the history is for members only', async () => {
    answers['/state/m.room.history_visibility/'] = { history_visibility: 'joined' };
    await encrypt();
    expect(recipients[0]?.userIds).toEqual(['@bot:x', '@alice:x']);
  });

  test('is asked for once, and again after a change', async () => {
    await encrypt();
    const once = asked.length;
    await encrypt();
    expect(asked).toHaveLength(once);
    answers['/members'] = { chunk: [member('@bot:x', 'join')] };
    rooms.changed(ROOM);
    await encrypt();
    expect(recipients.map(({ userIds }) => userIds.length)).toEqual([3, 3, 1]);
  });

  test('is requested again if something changes during the request', async () => {
    const request = async (_method: string, path: string) => {
      const before = answer(path);
      if (path.endsWith('/members') && asked.filter((end) => end === '/members').length === 1) {
        answers['/members'] = { chunk: [member('@bot:x', 'join')] };
        rooms.changed(ROOM);
      }
      return before;
    };
    rooms = new RoomEncryption({ request }, store.rooms, encryptor, 3);
    await encrypt();
    expect(recipients.map(({ userIds }) => userIds)).toEqual([['@bot:x']]);
  });

  test('is nobody while the homeserver does not return the members', async () => {
    answers['/members'] = requestFailed('http://x', { status: 500 });
    await expect(encrypt()).rejects.toMatchObject({ kind: 'homeserver_error' });
    expect(recipients).toEqual([]);
  });

  test('and how often it changes, as the room says; invalid values mean the default', async () => {
    answers['/state/m.room.encryption/'] = {
      ...MEGOLM,
      rotation_period_ms: 60_000,
      rotation_period_msgs: -3,
    };
    await encrypt();
    expect(recipients[0]).toMatchObject({ rotationPeriodMs: 60_000, rotationPeriodMessages: undefined });
  });
});

describe('a room with too many members', () => {
  test('gets nothing, and its members are not even asked for', async () => {
    store.rooms.update(ROOM, { joined: true, encrypted: true, joinedMembers: 3, invitedMembers: 1 });
    await expect(encrypt()).rejects.toMatchObject({ code: 'room_too_big', kind: 'refused' });
    expect(asked).toEqual([]);
    store.rooms.update(ROOM, { joinedMembers: 2 });
    expect(await encrypt()).toMatchObject({ type: 'm.room.encrypted' });
  });

  test('gets nothing if only the list of its members tells how many there are', async () => {
    const chunk = ['@a:x', '@b:x', '@c:x'].map((userId) => member(userId, 'join'));
    answers['/members'] = { chunk: [...chunk, member('@d:x', 'invite'), member('@e:x', 'ban')] };
    await expect(encrypt()).rejects.toMatchObject({ code: 'room_too_big' });
    answers['/members'] = { chunk: [...chunk, member('@e:x', 'ban'), member('@f:x', 'knock')] };
    expect(await encrypt()).toMatchObject({ type: 'm.room.encrypted' });
  });
});

test('the key of a room that the bot left is forgotten', async () => {
  rooms.left(ROOM);
  expect(forgotten).toEqual([ROOM]);
});
