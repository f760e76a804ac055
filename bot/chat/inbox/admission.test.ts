import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NewInboxItem } from '../../store/inbox.ts';
import { Store } from '../../store/store.ts';
import { Admission } from './admission.ts';

const ADMIN = '@admin:x';
const EVE = '@eve:x';
const ROOM = '!room';

let store: Store;
let admission: Admission;
let admits: boolean;

beforeEach(() => {
  store = new Store(':memory:');
  admits = true;
  const hasAccess = (userId: string) => userId === ADMIN;
  admission = new Admission({
    store,
    quota: { admits: (who) => hasAccess(who) || admits },
    hasAccess,
    log: pino({ level: 'silent' }),
  });
});
afterEach(() => store.close());

const command = (sender: string, id = '$c'): NewInboxItem => ({
  id,
  kind: 'command',
  roomId: ROOM,
  sender,
  content: {},
  receivedAt: 0,
});
const reaction = (sender: string, eventId: string, roomId = ROOM): NewInboxItem => ({
  ...command(sender, `$reaction-${sender}-${eventId}-${roomId}`),
  kind: 'reaction',
  roomId,
  content: { eventId, answer: 'yes' },
});

/** Asked by the admin. */
function ask(promptEventId: string): void {
  const request = { scope: 'named', tokens: [] };
  store.confirmations.add({
    promptEventId,
    kind: 'deletion',
    roomId: ROOM,
    requester: ADMIN,
    request,
    createdAt: 0,
    expiresAt: 1,
  });
}

const written = () => store.inbox.open().map(({ id }) => id);

test('each event is written once', () => {
  expect(admission.take(command(ADMIN))).toBe(true);
  expect(admission.take(command(ADMIN))).toBe(false);
  expect(written()).toEqual(['$c']);
});

test('what is beyond the quota is not written', () => {
  admits = false;
  expect(admission.take(command(EVE))).toBe(false);
  expect(admission.take({ ...command(EVE, 'greeting.!room'), kind: 'greeting' })).toBe(false);
  expect(admission.take(command(ADMIN, '$a'))).toBe(true);
  expect(written()).toEqual(['$a']);
});

test('a reaction is written if it answers its sender’s open question', () => {
  ask('$question');
  expect(admission.take(reaction(ADMIN, '$question'))).toBe(true);
  expect(admission.take(reaction(EVE, '$question'))).toBe(false);
  expect(admission.take(reaction(ADMIN, '$question', '!other'))).toBe(false);
  expect(admission.take(reaction(ADMIN, '$something-else'))).toBe(false);
});

test('a reaction to a question that is answered is not written', () => {
  ask('$question');
  store.confirmations.answer('$question', 'cancelled');
  expect(admission.take(reaction(ADMIN, '$question'))).toBe(false);
});

test('a reaction that comes before the question’s event ID is written', () => {
  store.inbox.add(command(ADMIN));
  expect(admission.take(reaction(ADMIN, '$not-known-yet'))).toBe(true);
  expect(admission.take(reaction(ADMIN, '$not-known-yet', '!other'))).toBe(false);
  store.inbox.setDone('$c');
  expect(admission.take(reaction(ADMIN, '$too-late'))).toBe(false);
});

test('the open command of somebody without access lets no reactions in', () => {
  store.inbox.add(command(EVE));
  expect(admission.take(reaction(EVE, '$any'))).toBe(false);
});
