// People register with the bot's tokens; and how the bot shows these during that.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { MovableClock } from '../harness/movableClock.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { useTestServer } from '../harness/suite.ts';
import { beginRegistration, login, registerWithToken } from '../harness/users.ts';

const DAY_MS = 86_400_000;

const server = useTestServer();
let bot: RestartableBot;
let chat: Conversation;
const clock = new MovableClock();

beforeAll(async () => {
  bot = await server.startBot({ clock: clock.now });
  chat = await Conversation.start(await server.person('alice'), bot.userId);
});

beforeEach(async () => {
  clock.ahead = 0;
  await server.admin.deleteAllTokens();
});

/** Creates a token by command and returns it. */
async function create(options = ''): Promise<string> {
  const { html } = await chat.ask(`create ${options}`);
  const token = /<code>(\w+)<\/code>/.exec(html ?? '')?.[1];
  if (token === undefined) throw new Error(`There is no token in ${html}.`);
  return token;
}

function register(username: string, token: string) {
  return registerWithToken(server.baseUrl, { username, password: `pw-${username}`, token });
}

async function expectRefused(username: string, token: string): Promise<void> {
  await expect(register(username, token)).rejects.toMatchObject({ status: 401, errcode: 'M_UNAUTHORIZED' });
}

test('a person gets an account with a token made by the bot; a second one does not', async () => {
  const token = await create();
  const details = { username: 'carol', password: 'pw-carol', token };
  const registration = await beginRegistration(server.baseUrl, details);
  const meanwhile = await chat.ask(`show ${token}`);
  expect(meanwhile.body).toContain('State: in use; if nobody finishes, it becomes valid again');
  expect(meanwhile.body).toContain('Uses left: 0 of 1');
  expect(meanwhile.body).toContain('Completed: 0 registrations');
  expect(meanwhile.body).toContain('Pending: 1 person in the middle of registering');
  expect((await chat.ask('list valid')).body).toContain(`${token}\nin use · 0 of 1 used, 1 registering`);
  await expectRefused('dave', token);

  await registration.finish();
  const afterwards = await chat.ask(`show ${token}`);
  expect(afterwards.body).toContain('State: used up');
  expect(afterwards.body).toContain('Completed: 1 registration\n');
  expect(afterwards.body).toContain('Pending: nobody is registering right now');
  expect((await chat.ask('list used')).body).toContain(`${token}\nused up · 1 of 1 used`);
  expect((await chat.ask('list valid')).body).toContain('None of them is valid.');
  await login(server.baseUrl, 'carol', 'pw-carol');
  await expectRefused('dave', token);
});

test('a token for several people registers as many, and more after an edit', async () => {
  const token = await create('uses=2');
  await register('erin', token);
  expect((await chat.ask(`show ${token}`)).body).toContain('Uses left: 1 of 2');
  await register('frank', token);
  await expectRefused('grace', token);
  await chat.ask(`edit ${token} uses=3`);
  await register('grace', token);
  expect((await server.admin.getToken(token)).completed).toBe(3);
});

test('an expired token is refused, and valid again after an edit', async () => {
  await server.admin.createToken({ token: 'soon-over', uses_allowed: 1, expiry_time: Date.now() + DAY_MS });
  clock.ahead = 3 * DAY_MS;
  const { body } = await chat.ask('list expired');
  expect(body).toContain('soon-over\nexpired 2 days ago · 0 of 1 used');
  expect((await chat.ask('show soon-over')).body).toContain('State: expired');
  expect((await chat.ask('delete-all expired')).body).toContain('Delete 1 expired token?');
  await chat.ask('cancel');
  clock.ahead = 0;

  const expiring = Date.now() + 1_500;
  await server.admin.createToken({ token: 'over-now', uses_allowed: 1, expiry_time: expiring });
  // No event tells when time has passed.
  while (Date.now() <= expiring) await chat.ask('list expired');
  await expectRefused('heidi', 'over-now');
  expect((await chat.ask('list expired')).body).toContain('over-now\nexpired');
  await chat.ask('edit over-now expires=1d');
  await register('heidi', 'over-now');
});

test('a deleted token is refused', async () => {
  const token = await create('uses=unlimited');
  await register('ivan', token);
  await chat.ask(`delete ${token}`);
  await chat.ask('confirm');
  await expectRefused('judy', token);
  expect((await chat.ask(`show ${token}`)).body).toBe(`There is no token ${token}.`);
});

test('a token with 0 uses, made elsewhere, is shown as Synapse treats it: without a limit', async () => {
  await server.admin.createToken({ token: 'zero', uses_allowed: 0 });
  await register('mallory', 'zero');
  await register('niaj', 'zero');
  const { body } = await chat.ask('show zero');
  expect(body).toContain('State: valid');
  expect(body).toContain('Uses left: no limit');
  expect((await chat.ask('list valid')).body).toContain('zero\nvalid · 2 used, no limit');
});

describe('the audit', () => {
  test('says who did what and when, and nothing about what was refused', async () => {
    const before = bot.store.audit.latest(1_000).length;
    const started = Date.now();
    await chat.ask('create party uses=3 expires=never');
    await chat.ask('create party');
    await chat.ask('edit party uses=4');
    await chat.ask('edit missing uses=4');
    await chat.ask('show party');
    await chat.ask('delete party');
    await chat.ask('confirm');
    const entries = bot.store.audit.latest(1_000).slice(0, -before || undefined);
    expect(entries.map(({ action, subject, details }) => ({ action, subject, details })).reverse()).toEqual([
      { action: 'create', subject: 'party', details: { uses_allowed: 3, expiry_time: null } },
      { action: 'edit', subject: 'party', details: { uses_allowed: 4 } },
      { action: 'delete', subject: 'party', details: undefined },
    ]);
    for (const { userId, via, at } of entries) {
      expect({ userId, via }).toEqual({ userId: chat.person.userId, via: 'chat' });
      expect(at).toBeGreaterThanOrEqual(started);
      expect(at).toBeLessThanOrEqual(Date.now());
    }
  });

  test('is kept over a restart; the log has no whole token', async () => {
    const token = await create();
    expect(bot.logLines.join('\n')).not.toContain(token);
    const entries = bot.store.audit.latest(1_000);
    await bot.restart();
    expect(bot.store.audit.latest(1_000)).toEqual(entries);
  });
});
