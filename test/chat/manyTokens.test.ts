// A homeserver with far more tokens than a person can look through.
import { beforeAll, expect, test } from 'vitest';
import { Conversation } from '../harness/conversation.ts';
import { useTestServer } from '../harness/suite.ts';
import { insertTokens } from '../harness/synapseTokens.ts';

const TOKENS = 10_000;

const server = useTestServer();
let chat: Conversation;

beforeAll(async () => {
  // Every fourth is used up.
  const numbers = Array.from({ length: TOKENS }, (_, index) => index + 1);
  insertTokens(
    server.synapse,
    numbers.map((n) => ({
      token: `many-${n}`,
      uses_allowed: 1,
      completed: n % 4 === 0 ? 1 : 0,
      expiry_time: null,
    })),
  );
  const bot = await server.startBot();
  chat = await Conversation.start(await server.person('alice'), bot.userId);
});

const rowsOf = (body: string) => body.split('\n\n').filter((entry) => entry.includes(' · '));

test('list answers with the newest page and says how many there are', async () => {
  const { body, html } = await chat.ask('list');
  expect(body).toContain('10000 tokens: 7500 valid, 2500 used up.');
  const rows = rowsOf(body);
  expect(rows).toHaveLength(20);
  expect(rows[0]).toMatch(/^many-10000\n/);
  expect(html?.match(/<p><code>many-\d+<\/code><br>/g)).toHaveLength(20);
  expect(body).toContain('Page 1 of 500. Next: “list 2”');
});

test('every page can be reached, and none beyond the last', async () => {
  const last = (await chat.ask('list 500')).body;
  expect(rowsOf(last).at(-1)).toMatch(/^many-1\n/);
  expect(last).toMatch(/Page 500 of 500\.$/);
  expect((await chat.ask('list used 125')).body).toMatch(/Page 125 of 125\.$/);
  for (const page of ['501', '999999']) {
    expect((await chat.ask(`list ${page}`)).body).toContain('There are only 500 pages.');
  }
});

test('a new token is on top', async () => {
  await chat.ask('create newest');
  const { body } = await chat.ask('list');
  expect(rowsOf(body)[0]).toContain('newest\nvalid');
  expect(body).toContain('10001 tokens');
});

test('delete-all says how many it would delete, without showing them all', async () => {
  const { body } = await chat.ask('delete-all used');
  expect(body).toContain('Delete 2500 used up tokens?');
  expect(body).toContain('and 2450 more');
  expect((await chat.ask('cancel')).body).toContain('Nothing was deleted');
  expect(await server.admin.listTokens()).toHaveLength(TOKENS + 1);
});
