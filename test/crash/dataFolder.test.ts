// Opens a data folder of version 0.1.0, killed during several commands: see fixtures/0.1.0/README.md.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DecryptionSettings, RoomId, TrustRequirement } from '@matrix-org/matrix-sdk-crypto-wasm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { allowOutcomeSchema } from '../../bot/access/allowList.ts';
import { askedSchema } from '../../bot/chat/deletion/deleteCommand.ts';
import { deletionRequestSchema } from '../../bot/chat/deletion/deletion.ts';
import { runDeletion } from '../../bot/chat/deletion/deletionRun.ts';
import { stepsOf } from '../../bot/chat/inbox/steps.ts';
import { renderedSchema } from '../../bot/chat/reply/document.ts';
import type { RoomMessages } from '../../bot/chat/reply/roomMessages.ts';
import { fingerprintOf, openMachine } from '../../bot/crypto/machine.ts';
import { openCryptoStore } from '../../bot/crypto/store/cryptoStore.ts';
import { createLog } from '../../bot/observability/log.ts';
import type { InboxItem } from '../../bot/store/inbox.ts';
import { Store } from '../../bot/store/store.ts';
import { createTokens } from '../../bot/tokens/createTokens.ts';
import { editToken } from '../../bot/tokens/editToken.ts';
import { testTokens } from '../../bot/tokens/testTokens.ts';
import { ENGLISH } from '../../bot/words/en/english.ts';

const FIXTURE = new URL('fixtures/0.1.0', import.meta.url).pathname;
const ALICE = '@alice:example.org';
const BOT = '@regbot:example.org';
const DEVICE = 'WUSHOLUKKV';
const MAIN_ROOM = '!pSxfc6mwQX1VL8KbZnWVisyI4nS6BHTSibea67upKnk';
const ENCRYPTED_ROOM = '!3Rqj2niDswl4ig1H3GWZjRYti0ZrUciISPZotuR8aAA';

let dataDir: string;
let store: Store;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'regbot-test-'));
  for (const file of ['bot.sqlite', 'crypto.sqlite']) cpSync(join(FIXTURE, file), join(dataDir, file));
  store = new Store(dataDir);
});

afterEach(() => {
  store.close();
  rmSync(dataDir, { recursive: true });
});

/** The open command that begins with `word`. */
function command(word: string): InboxItem {
  const item = store.inbox
    .open()
    .find(({ content }) => String((content as { text: unknown }).text).startsWith(`${word} `));
  if (item === undefined) throw new Error(`No ${word} in the inbox`);
  return item;
}

function failIfChosen(): never {
  throw new Error('This was decided before the update.');
}

describe('after an update from 0.1.0, the bot still knows', () => {
  test('its login and how far it has read', () => {
    expect(store.meta.get('sync_token')).toBe('s104_1_0_1_9_1_3_11_0_1_1_1_1_1');
    expect(store.meta.get('user_id')).toBe(BOT);
    expect(store.meta.get('profile_set')).toBe('yes');
    expect(JSON.parse(store.meta.get('bot_session') ?? '')).toMatchObject({
      username: 'regbot',
      userId: BOT,
      deviceId: DEVICE,
      accessToken: expect.stringMatching(/./),
    });
  });

  test('its rooms and invites', () => {
    expect(store.rooms.joined()).toHaveLength(7);
    expect(store.rooms.get(MAIN_ROOM)).toMatchObject({ joined: true, joinedMembers: 2, hinted: true });
    expect(store.rooms.get(ENCRYPTED_ROOM)).toMatchObject({ joined: true, encrypted: true, hinted: false });
    expect(store.rooms.invites()).toEqual([
      expect.objectContaining({ roomId: expect.stringMatching(/^!7v9G/), inviter: ALICE }),
    ]);
  });

  test('who is allowed to manage tokens', async () => {
    expect(store.allowed.all().map(({ pattern, addedBy }) => [pattern, addedBy])).toEqual([
      [ALICE, ALICE],
      ['@team-.*:partner.example', ALICE],
      ['@carol:example.org', ALICE],
    ]);
    const { access } = await testTokens(store);
    expect(access.isAllowed('@team-blue:partner.example')).toBe(true);
    expect(access.isAllowed('@bob:example.org')).toBe(false);
  });

  test('who did what', () => {
    const entries = store.audit.latest(100).reverse();
    expect(entries.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      'create autumn',
      'allow @alice:example.org',
      'allow @bob:example.org',
      'allow @team-.*:partner.example',
      'disallow @bob:example.org',
      'create spring',
      'edit spring',
      'delete done',
      'delete first',
      'allow @carol:example.org',
    ]);
    expect(entries[0]).toEqual({
      at: 1795541095387,
      userId: ALICE,
      via: 'chat',
      action: 'create',
      subject: 'autumn',
      details: { uses_allowed: 2, expiry_time: null },
    });
  });

  test('which messages it has answered', () => {
    const { event_id: id, room_id: roomId, sender } = message();
    const seenAgain = { id, kind: 'command', roomId, sender, content: {}, receivedAt: 1 } as const;
    expect(store.inbox.add(seenAgain)).toBe(false);
    expect(store.inbox.openCount()).toBe(5);
  });
});

describe('after an update from 0.1.0, a command under way', () => {
  test('creates the token that was chosen before', async () => {
    const item = command('create');
    const { tokens, request, backend } = await testTokens(store);
    const again = request(item.id, { step: stepsOf(item, store).step });
    const { created } = await createTokens(tokens, again, {});
    expect(created).toMatchObject([{ token: 'summer', uses_allowed: 5, expiry_time: null }]);
    expect([...backend.tokens.keys()]).toEqual(['summer']);
    expect(store.audit.has('create', 'summer', item.id)).toBe(true);
  });

  test('edits its token and records the change in its plan', async () => {
    const item = command('edit');
    expect(item).toMatchObject({ sender: ALICE, plan: undefined, answer: undefined });
    const { tokens, request, backend } = await testTokens(store);
    await backend.create({ token: 'spring', uses_allowed: 4, expiry_time: null });
    const again = request(item.id, { step: stepsOf(item, store).step });
    await editToken(tokens, again, { token: 'spring', change: { uses_allowed: 7 } });
    expect(backend.tokens.get('spring')).toMatchObject({ uses_allowed: 7 });
    expect(command('edit').plan).toEqual({
      steps: { edit: { change: { uses_allowed: 7 }, seen: { uses_allowed: 4, expiry_time: null } } },
    });
  });

  test('asks about the token that it found, and names the unknown one', async () => {
    const asked = await stepsOf(command('delete'), store).step('delete', askedSchema, failIfChosen);
    expect(asked).toEqual({ found: [seenToken('seen', 1)], unknown: ['unknown'] });
  });

  test('does not change the allowed users twice, and gets the reply that was decided', () => {
    const item = command('allow');
    const outcome = stepsOf(item, store).commitStep('allow', allowOutcomeSchema, failIfChosen);
    expect(outcome).toEqual({ added: ['@carol:example.org'], already: [] });
    expect(renderedSchema.parse(item.answer).body).toContain('Allowed: @carol:example.org.');
  });
});

describe('after an update from 0.1.0, a question about a deletion', () => {
  test('that was open can be answered', () => {
    const [open, ...others] = store.confirmations.openOf(MAIN_ROOM, ALICE);
    expect(others).toEqual([]);
    expect(open).toMatchObject({ decision: undefined, reply: undefined });
    const request = deletionRequestSchema.parse(open?.request);
    expect(request.scope).toBe('all');
    expect(request.tokens).toContainEqual(seenToken('spring', 4));
    expect(store.confirmations.answer(open?.promptEventId ?? '', 'cancelled')).toBe(true);
  });

  test('that was confirmed goes on with what was decided, and reports all of it', async () => {
    const [begun, ...others] = store.confirmations.inState('confirmed', 'cancelled', 'expired');
    if (begun === undefined) throw new Error('No confirmation is under way');
    expect(others).toEqual([]);
    expect(begun.decision).toEqual({ delete: ['first', 'second'], changed: [], kept: [], gone: [] });
    const { access, tokens, backend, request } = await testTokens(store);
    for (const token of ['second', 'third'])
      await backend.create({ token, uses_allowed: 1, expiry_time: null });
    const reply = await runDeletion(begun, deletionRequestSchema.parse(begun.request), {
      table: store.confirmations,
      words: ENGLISH,
      access,
      tokens,
      retries: request('').retries,
      messages: {} as RoomMessages,
    });
    expect([...backend.tokens.keys()]).toEqual(['third']);
    expect(reply.body).toContain('Deleted 2 tokens');
    expect(reply.body).toContain('second');
    expect(store.audit.has('delete', 'second', begun.promptEventId)).toBe(true);
  });

  test('that was confirmed by word is the one that the word is about', () => {
    const [begun] = store.confirmations.inState('confirmed');
    const item = store.inbox.open().find(({ roomId }) => roomId === begun?.roomId);
    if (begun === undefined || item === undefined) throw new Error('Nothing was confirmed by word');
    const answered = stepsOf(item, store).commitStep('answer', z.nullable(z.string()), failIfChosen);
    expect(answered).toBe(begun.promptEventId);
  });

  test('that was done keeps its reply', () => {
    const [done] = store.confirmations.inState('done');
    expect(done).toMatchObject({ decision: undefined });
    expect(renderedSchema.parse(done?.reply).body).toContain('Deleted 1 token');
  });
});

test('after an update from 0.1.0, the bot is the same device and reads its encrypted rooms', async () => {
  const log = await createLog({ level: 'error', format: 'json' }, { write: () => undefined });
  const cryptoStore = await openCryptoStore(join(dataDir, 'crypto.sqlite'), failIfChosen, {
    meta: store.meta,
  });
  const machine = await openMachine({ store: cryptoStore, session: { userId: BOT }, log }, DEVICE);
  try {
    expect(cryptoStore.facts.get('device_id')).toBe(DEVICE);
    expect(cryptoStore.facts.get('olm_sessions')).toBeUndefined();
    expect(fingerprintOf(machine)).toBe('Uyb4YO4e0S4/p8xzgBc6RPHrsUwibGC3IYL/cSngrEg');
    expect(await machine.crossSigningStatus()).toMatchObject({ hasMaster: true, hasSelfSigning: true });
    const { event } = await machine.decryptRoomEvent(
      JSON.stringify(message()),
      new RoomId(ENCRYPTED_ROOM),
      new DecryptionSettings(TrustRequirement.Untrusted),
    );
    expect(JSON.parse(event).content.body).toBe('create autumn uses=2 expires=never');
  } finally {
    machine.close();
    cryptoStore.close();
  }
});

/** Of the encrypted room: the bot has answered it. */
function message(): { event_id: string; room_id: string; sender: string } {
  return JSON.parse(readFileSync(join(FIXTURE, 'message.json'), 'utf8'));
}

function seenToken(token: string, uses: number) {
  return { token, uses_allowed: uses, completed: 0, pending: 0, expiry_time: null, state: 'active' };
}
