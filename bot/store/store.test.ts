import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewInboxItem } from './inbox.ts';
import { migrate, STATE_FILE } from './migrations.ts';
import { Store } from './store.ts';

const DAY = 86_400_000;

let dir: string;
let store: Store;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'regbot-store-'));
  store = new Store(dir);
});

afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

function reopen(): void {
  store.close();
  store = new Store(dir);
}

function item(id: string, change: Partial<NewInboxItem> = {}): NewInboxItem {
  return {
    id,
    kind: 'command',
    roomId: '!a:x',
    sender: '@a:x',
    content: { text: id },
    receivedAt: 1,
    ...change,
  };
}

describe('the state file', () => {
  test('can be read by its owner alone', () => {
    expect(statSync(join(dir, 'bot.sqlite')).mode & 0o777).toBe(0o600);
  });

  test('belongs to one process at a time', () => {
    expect(() => new Store(dir)).toThrow(expect.objectContaining({ kind: 'data_dir_in_use' }));
  });

  test('of a newer version is refused, and stays as it is', () => {
    store.close();
    const db = new DatabaseSync(join(dir, 'bot.sqlite'));
    const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(() => new Store(dir)).toThrow(/written by a newer version of the bot \(schema 99/);
    const after = new DatabaseSync(join(dir, 'bot.sqlite'));
    expect(after.prepare('PRAGMA user_version').get()?.user_version).toBe(99);
    after.exec(`PRAGMA user_version = ${version}`);
    after.close();
    store = new Store(dir);
  });

  test('takes a transaction whole or not at all', () => {
    const work = () =>
      store.transaction(() => {
        store.meta.set('sync_token', 's1');
        store.inbox.add(item('$1'));
        throw new Error('in the middle');
      });
    expect(work).toThrow('in the middle');
    expect(store.meta.get('sync_token')).toBeUndefined();
    expect(store.inbox.open()).toEqual([]);
  });
});

describe('what waits for missing events', () => {
  const waiting = { roomId: '!a:x', from: 'p', upTo: 's', update: { timeline: [] } };

  test('is kept in order over a restart, until it is taken in or the room is left', () => {
    store.gaps.add(waiting);
    store.gaps.add({ ...waiting, from: undefined, upTo: undefined });
    store.gaps.add({ ...waiting, roomId: '!b:x' });
    reopen();
    expect(store.gaps.rooms()).toEqual(['!a:x', '!b:x']);
    const first = store.gaps.first('!a:x');
    expect(first).toMatchObject(waiting);
    expect(store.gaps.remove(Number(first?.seq))).toBe(true);
    expect(store.gaps.remove(Number(first?.seq))).toBe(false);
    expect(store.gaps.first('!a:x')).toMatchObject({ from: undefined, upTo: undefined });
    store.gaps.removeRoom('!a:x');
    expect(store.gaps.rooms()).toEqual(['!b:x']);
  });

  test('has its place in a file of the version before, of which nothing is lost', () => {
    store.inbox.add(item('$1'));
    store.meta.set('sync_token', 's1');
    store.close();
    const db = new DatabaseSync(join(dir, 'bot.sqlite'));
    db.exec(`
      DROP TABLE gaps;
      ALTER TABLE confirmations DROP COLUMN reply;
      ALTER TABLE confirmations DROP COLUMN reactions;
      ALTER TABLE confirmations DROP COLUMN kind;
      ALTER TABLE rooms DROP COLUMN unreadable_code;
      ALTER TABLE rooms DROP COLUMN clear_told;
      DROP TABLE ciphertexts;
      DROP TABLE widget_sessions;
      DROP TABLE stays;
      DROP TABLE departed;
      PRAGMA user_version = 3;
    `);
    db.close();
    store = new Store(dir);
    store.gaps.add(waiting);
    expect(store.gaps.first('!a:x')).toMatchObject(waiting);
    expect(store.inbox.open().map(({ id }) => id)).toEqual(['$1']);
    expect(store.meta.get('sync_token')).toBe('s1');
  });
});

describe('what was received', () => {
  test('is taken in once, and stays open over a restart until it is answered', () => {
    expect(store.inbox.add(item('$2'))).toBe(true);
    expect(store.inbox.add(item('$1'))).toBe(true);
    expect(store.inbox.add(item('$2'))).toBe(false);
    store.inbox.setPlan('$1', { tokens: ['t'] });
    reopen();
    expect(store.inbox.open()).toEqual([
      { ...item('$2'), plan: undefined },
      { ...item('$1'), plan: { tokens: ['t'] } },
    ]);
    store.inbox.setDone('$2');
    store.inbox.setDone('$1');
    reopen();
    expect(store.inbox.open()).toEqual([]);
    expect(store.inbox.add(item('$1'))).toBe(false);
  });

  test('is forgotten 60 days after its answer; open items never, greetings with their room', () => {
    store.rooms.update('!a:x', { joined: true });
    store.inbox.add(item('greeting.!forgotten:x', { kind: 'greeting', roomId: '!forgotten:x' }));
    store.inbox.setDone('greeting.!forgotten:x');
    store.inbox.add(item('$done'));
    store.inbox.add(item('$open'));
    store.inbox.add(item('greeting.!a:x', { kind: 'greeting' }));
    store.inbox.setDone('$done');
    store.inbox.setDone('greeting.!a:x');
    expect(store.inbox.prune(60 * DAY, 500)).toBe(1);
    expect(store.inbox.add(item('$done'))).toBe(false);
    expect(store.inbox.prune(60 * DAY + 2, 500)).toBe(1);
    expect(store.inbox.add(item('$done'))).toBe(true);
    expect(store.inbox.add(item('greeting.!a:x'))).toBe(false);
    expect(store.inbox.add(item('greeting.!forgotten:x'))).toBe(true);
    expect(store.inbox.open().map(({ id }) => id)).toContain('$open');
  });
});

describe('the allow list', () => {
  test('is replaced as a whole, in its order', () => {
    const rows = ['@b:x', '@a:x'].map((pattern) => ({ pattern, addedBy: '@c:x', addedAt: 5 }));
    store.allowed.replace([{ pattern: '@old:x', addedBy: '@c:x', addedAt: 1 }]);
    store.allowed.replace(rows);
    reopen();
    expect(store.allowed.all()).toEqual(rows);
  });

  test('stays as it was if the new one can’t be stored', () => {
    const row = { pattern: '@a:x', addedBy: '@c:x', addedAt: 5 };
    store.allowed.replace([row]);
    expect(() => store.allowed.replace([row, row])).toThrow();
    expect(store.allowed.all()).toEqual([row]);
  });
});

describe('the audit', () => {
  const alice = { userId: '@alice:x', via: 'chat' } as const;

  test('has the same request once, newest first', () => {
    store.audit.record(1, alice, 'create', 'a', { uses_allowed: 1 }, '$1');
    store.audit.record(2, alice, 'create', 'a', { uses_allowed: 1 }, '$1');
    store.audit.record(3, alice, 'create', 'b', undefined, '$1');
    store.audit.record(4, alice, 'edit', 'a', undefined, '$2');
    reopen();
    expect(store.audit.latest(2)).toEqual([
      { at: 4, userId: '@alice:x', via: 'chat', action: 'edit', subject: 'a', details: undefined },
      { at: 3, userId: '@alice:x', via: 'chat', action: 'create', subject: 'b', details: undefined },
    ]);
    expect(store.audit.latest(10)).toHaveLength(3);
    expect(['a', 'b', 'c'].map((token) => store.audit.lastChange(token))).toEqual([4, 3, undefined]);
  });
});

describe('what grows is bounded:', () => {
  const alice = { userId: '@alice:x', via: 'chat' } as const;

  /** Deletes in steps, until nothing is left to delete; returns how many there were. */
  function pruneAll(step: () => number): number {
    let deleted = 0;
    for (let some = step(); some > 0; some = step()) deleted += some;
    return deleted;
  }

  test('the audit has the last 100,000 entries of the last two years', () => {
    const { audit } = store;
    store.transaction(() => {
      audit.record(0, { ...alice, via: 'cli' }, 'allow', '@old:x', undefined, 'migrate');
      for (let index = 1; index <= 100_020; index++)
        audit.record(index <= 100 ? 1 : 731 * DAY, alice, 'create', `t${index}`, undefined, `$${index}`);
    });
    expect(audit.prune(731 * DAY, 15)).toBe(15);
    expect(pruneAll(() => audit.prune(1, 5_000))).toBe(21 - 1 - 15);
    expect(pruneAll(() => audit.prune(731 * DAY, 5_000))).toBe(80);
    expect(audit.latest(200_000)).toHaveLength(100_000 - 80 + 1);
    expect(audit.has('allow', '@old:x', 'migrate')).toBe(true);
    expect(audit.has('create', 't100', '$100')).toBe(false);
    expect(audit.has('create', 't101', '$101')).toBe(true);
  });

  test('events that were answered, to the last 100,000', () => {
    store.transaction(() => {
      for (let index = 0; index < 100_010; index++) {
        store.inbox.add(item(`$${index}`));
        if (index !== 3) store.inbox.setDone(`$${index}`);
      }
    });
    expect(pruneAll(() => store.inbox.prune(1, 4))).toBe(9);
    expect(store.inbox.open().map(({ id }) => id)).toEqual(['$3']);
    expect(store.inbox.add(item('$10'))).toBe(false);
    expect(store.inbox.add(item('$9'))).toBe(true);
  });

  test('closed questions, to the last 10,000 of the last 60 days; open ones stay', () => {
    const { confirmations } = store;
    store.transaction(() => {
      for (let index = 0; index < 10_010; index++) {
        const promptEventId = `$${index}`;
        const asked = {
          kind: 'deletion',
          promptEventId,
          roomId: '!a:x',
          requester: '@a:x',
          request: null,
        } as const;
        confirmations.add({ ...asked, createdAt: index < 100 ? 1 : 2 * DAY, expiresAt: 9 });
        if (index !== 3) confirmations.setDone(promptEventId, { body: 'Done.' });
      }
    });
    expect(pruneAll(() => confirmations.prune(1, 500))).toBe(9);
    expect(pruneAll(() => confirmations.prune(2 + 60 * DAY, 500))).toBe(90);
    expect(confirmations.inState('open').map(({ promptEventId }) => promptEventId)).toEqual(['$3']);
    expect(confirmations.get('$100')).toMatchObject({ state: 'done' });
  });

  test('rooms that were left, to the last 2,000', () => {
    store.transaction(() => {
      store.rooms.update('!joined:x', { joined: true });
      for (let index = 0; index < 2_010; index++) store.rooms.update(`!${index}:x`, { joined: true });
      for (let index = 2_009; index >= 0; index--)
        store.rooms.update(`!${index}:x`, { joined: false, encrypted: true });
    });
    expect(pruneAll(() => store.rooms.prune(3))).toBe(10);
    for (const reload of [false, true]) {
      if (reload) reopen();
      expect(store.rooms.get('!2000:x')).toMatchObject({ encrypted: false });
      expect(store.rooms.get('!1999:x')).toMatchObject({ encrypted: true });
      expect(store.rooms.joined()).toHaveLength(1);
    }
  });

  test('messages that can’t be read, to 50 in a room and 500 in all; few of one room outlive many of others', () => {
    const { unreadable } = store;
    const add = (roomId: string, eventId: string) =>
      unreadable.add({ eventId, roomId, event: {}, receivedAt: 1 });
    add('!quiet:x', '$quiet');
    for (let room = 0; room < 12; room++) {
      for (let index = 0; index < 60; index++) add(`!${room}:x`, `$${room}-${index}`);
    }
    expect(unreadable.count()).toBe(500);
    const kept = unreadable.all().map(({ eventId }) => eventId);
    expect(kept).toContain('$quiet');
    expect(kept).toContain('$0-59');
    expect(kept).not.toContain('$0-9');
  });

  test('sessions of the widget that have ended', () => {
    const session = { userId: '@a:x', startedAt: 1 };
    store.widgetSessions.add({ ...session, hash: 'old', usedAt: 1 });
    store.widgetSessions.add({ ...session, hash: 'new', usedAt: 2 });
    expect(store.widgetSessions.prune(2)).toBe(1);
    expect(store.widgetSessions.all().map(({ hash }) => hash)).toEqual(['new']);
  });
});

describe('a question about a deletion', () => {
  test('is answered once', () => {
    const question = {
      promptEventId: '$p',
      roomId: '!a:x',
      requester: '@a:x',
      kind: 'deletion',
      request: { scope: 'all' },
      createdAt: 1,
      expiresAt: 9,
    } as const;
    store.confirmations.add(question);
    store.confirmations.add({ ...question, expiresAt: 99 });
    expect(store.confirmations.get('$p')).toMatchObject({ ...question, state: 'open' });
    expect(store.confirmations.openOf('!a:x', '@b:x')).toEqual([]);
    expect(store.confirmations.openOf('!a:x', '@a:x')).toHaveLength(1);
    expect(store.confirmations.answer('$p', 'confirmed')).toBe(true);
    expect(store.confirmations.answer('$p', 'cancelled')).toBe(false);
    reopen();
    expect(store.confirmations.get('$p')).toMatchObject({ state: 'confirmed' });
    store.confirmations.setDecision('$p', { delete: ['t'] });
    expect(store.confirmations.get('$p')).toMatchObject({ decision: { delete: ['t'] }, reply: undefined });
    store.confirmations.setReactions('$p', ['$yes', '$no']);
    expect(store.confirmations.doneWithReactions()).toEqual([]);
    store.confirmations.setDone('$p', { body: 'Done.' });
    reopen();
    expect(store.confirmations.doneWithReactions()).toMatchObject([{ reactions: ['$yes', '$no'] }]);
    store.confirmations.setReactions('$p', []);
    expect(store.confirmations.doneWithReactions()).toEqual([]);
    expect(store.confirmations.get('$p')).toMatchObject({
      state: 'done',
      decision: undefined,
      reply: { body: 'Done.' },
    });
  });

  test('of a file of the version before goes on where it was', () => {
    store.close();
    const path = join(dir, 'bot.sqlite');
    rmSync(path);
    const db = new DatabaseSync(path);
    migrate(db, { ...STATE_FILE, steps: STATE_FILE.steps.slice(0, 4) });
    // In it, the decision of a finished confirmation is its reply.
    db.exec(`
      INSERT INTO confirmations VALUES
        ('$open', '!a:x', '@a:x', '{"scope":"all","tokens":[]}', 1, 9, 'open', NULL, NULL),
        ('$begun', '!a:x', '@a:x', '{"scope":"all","tokens":[]}', 1, 9, 'confirmed', '@a:x', '{"delete":["t"]}'),
        ('$done', '!a:x', '@a:x', 'null', 1, 9, 'done', '@a:x', '{"body":"Deleted."}');
    `);
    db.close();
    store = new Store(dir);
    const request = { scope: 'all', tokens: [] };
    const none = { decision: undefined, reply: undefined, reactions: [] };
    expect(store.confirmations.openOf('!a:x', '@a:x')).toMatchObject([
      { promptEventId: '$open', request, ...none },
    ]);
    expect(store.confirmations.inState('confirmed')).toMatchObject([
      { promptEventId: '$begun', request, ...none, decision: { delete: ['t'] } },
    ]);
    expect(store.confirmations.get('$done')).toMatchObject({ ...none, reply: { body: 'Deleted.' } });
  });
});

describe('a session of the widget', () => {
  const session = { hash: 'h', userId: '@a:x', startedAt: 1, usedAt: 2 };

  test('has its place in a file of the version before, of which nothing is lost', () => {
    store.close();
    const path = join(dir, 'bot.sqlite');
    rmSync(path);
    const db = new DatabaseSync(path);
    migrate(db, { ...STATE_FILE, steps: STATE_FILE.steps.slice(0, 5) });
    db.exec(`INSERT INTO meta VALUES ('sync_token', 's1')`);
    db.close();
    store = new Store(dir);
    store.widgetSessions.add(session);
    reopen();
    expect(store.widgetSessions.all()).toEqual([session]);
    expect(store.meta.get('sync_token')).toBe('s1');
  });
});

describe('a room', () => {
  test('keeps what is known about its person and the widget, and forgets it when told to', () => {
    const known = { person: '@a:x', widget: 'top', missingPowerReported: '0/50' } as const;
    store.rooms.update('!a:x', known);
    reopen();
    expect(store.rooms.get('!a:x')).toMatchObject(known);
    store.rooms.update('!a:x', { person: undefined, widget: undefined, missingPowerReported: undefined });
    reopen();
    expect(store.rooms.get('!a:x')).toMatchObject({
      person: undefined,
      widget: undefined,
      missingPowerReported: undefined,
    });
  });

  test('of a file of the version before has its last notice, about which no code is known', () => {
    store.close();
    const path = join(dir, 'bot.sqlite');
    rmSync(path);
    const db = new DatabaseSync(path);
    migrate(db, { ...STATE_FILE, steps: STATE_FILE.steps.slice(0, 5) });
    db.exec("INSERT INTO rooms VALUES ('!a:x', 1, 2, 0, 1, 0, NULL, NULL, NULL, 7)");
    db.close();
    store = new Store(dir);
    expect(store.rooms.get('!a:x')).toMatchObject({
      joined: true,
      unreadableNoticeAt: 7,
      unreadableNoticeCode: undefined,
    });
    store.rooms.update('!a:x', { unreadableNoticeCode: 'm.unverified' });
    reopen();
    expect(store.rooms.get('!a:x')).toMatchObject({ unreadableNoticeCode: 'm.unverified' });
  });

  test('once encrypted stays so, whatever comes later', () => {
    store.rooms.update('!a:x', { joined: true, encrypted: true });
    store.rooms.update('!a:x', { encrypted: false, joinedMembers: 2 });
    reopen();
    expect(store.rooms.get('!a:x')).toMatchObject({ encrypted: true, joined: true, joinedMembers: 2 });
    expect(store.rooms.joined().map(({ roomId }) => roomId)).toEqual(['!a:x']);
  });

  test('keeps the latest invite', () => {
    store.rooms.addInvite({ roomId: '!a:x', inviter: '@a:x', receivedAt: 1 });
    store.rooms.addInvite({ roomId: '!a:x', inviter: '@b:x', receivedAt: 2 });
    reopen();
    expect(store.rooms.invites()).toEqual([{ roomId: '!a:x', inviter: '@b:x', receivedAt: 2 }]);
    store.rooms.addInvite({ roomId: '!a:x', inviter: undefined, receivedAt: 3 });
    reopen();
    expect(store.rooms.invites()).toEqual([{ roomId: '!a:x', inviter: undefined, receivedAt: 3 }]);
    store.rooms.removeInvite('!a:x');
    expect(store.rooms.invites()).toEqual([]);
  });
});

describe('a stay in a room', () => {
  test('is counted for who invited the bot, until it is over', () => {
    store.stays.begin('!a:x', '@a:x', 1);
    store.stays.begin('!b:x', '@a:x', 2);
    store.stays.begin('!c:x', undefined, 3);
    store.stays.update('!a:x', { withoutAccessSince: undefined });
    reopen();
    expect(store.stays.get('!a:x')).toMatchObject({ checkedAt: 1, withoutAccessSince: undefined });
    expect([store.stays.countBy('@a:x'), store.stays.countBy(undefined)]).toEqual([2, 1]);
    store.stays.end('!a:x');
    expect(store.stays.countBy('@a:x')).toBe(1);
    expect(store.stays.get('!a:x')).toEqual({ roomId: '!a:x' });
  });

  test('leaves behind when the room was told that it is too big, for as long as that counts', () => {
    for (const roomId of ['!a:x', '!b:x']) {
      store.rooms.update(roomId, { joined: roomId === '!b:x' });
      store.stays.begin(roomId, '@a:x', 1);
      store.stays.update(roomId, { tooBigToldAt: 5 });
    }
    store.stays.end('!a:x');
    expect(store.stays.get('!a:x')).toEqual({ roomId: '!a:x', tooBigToldAt: 5 });
    store.stays.prune(5);
    expect(store.stays.get('!a:x').tooBigToldAt).toBe(5);
    store.stays.prune(6);
    expect(store.stays.get('!a:x').tooBigToldAt).toBeUndefined();
    expect(store.stays.get('!b:x').tooBigToldAt).toBe(5);
  });
});
