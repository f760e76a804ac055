// The disk is full while the bot runs: it says so, loses nothing, and goes on when there is room again.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { BotProcess } from '../harness/botProcess.ts';
import { Conversation } from '../harness/conversation.ts';
import { isTokenApi } from '../harness/faults.ts';
import { expectNoSecrets } from '../harness/logSearch.ts';
import type { Person } from '../harness/person.ts';
import { useTestServer } from '../harness/suite.ts';

const TOLD = /data folder can’t be written to: .*Make room on its disk/;

/** prlimit, which changes the limits of a running process, is part of every Linux and of no other system. */
const canLimit = process.platform === 'linux';

const server = useTestServer();
let alice: Person;

beforeAll(async () => {
  alice = await server.person('alice');
});

/** No file that the process writes may grow beyond so many bytes: to the bot, the disk is full. */
function limitFiles({ child }: BotProcess, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`]);
}

function fillDisk(bot: BotProcess, dataDir: string): void {
  limitFiles(bot, statSync(join(dataDir, 'bot.sqlite-wal')).size);
}

test.skipIf(!canLimit)(
  'a full disk is reported, and the commands are done once there is room again',
  async () => {
    const tested = await server.bot({ proxied: true, settings: { LOGGING_LEVEL: 'debug' } });
    const { account, dataDir, proxy } = tested;
    await tested.startProcess();
    const bot = tested.process;
    const chat = await Conversation.start(alice, account.userId);
    await chat.ask('create roomy-1');

    // No new message can be stored.
    fillDisk(bot, dataDir);
    const first = await chat.send('create full-1');
    await bot.waitForOutput(TOLD);
    limitFiles(bot, 'unlimited');
    expect((await chat.answerTo(first)).body).toContain('full-1');

    // It is in the inbox, but its plan can't be written.
    const linesBefore = bot.output().length;
    let filled = false;
    proxy.intercept((request) => {
      if (isTokenApi(request) && !filled) {
        filled = true;
        fillDisk(bot, dataDir);
      }
      return undefined;
    });
    const second = await chat.send('create uses=7');
    await expect.poll(() => bot.output().slice(linesBefore), { timeout: 15_000 }).toMatch(TOLD);
    limitFiles(bot, 'unlimited');
    expect((await chat.answerTo(second)).body).toContain('New registration token');

    expect(await chat.answersTo(first, second)).toEqual([1, 1]);
    const tokens = await server.admin.listTokens();
    expect(tokens.filter(({ uses_allowed }) => uses_allowed === 7)).toHaveLength(1);
    expect(await tested.stop()).toBe(0);
    expectNoSecrets(bot.output().split('\n'), [account.password, ...tokens.map(({ token }) => token)]);
  },
);

test.skipIf(!canLimit)('a full disk while an invite is declined does not end the bot', async () => {
  const tested = await server.bot({
    localpart: 'strictbot',
    proxied: true,
    settings: { BOT_ACCEPT_INVITES: 'allowed', ACCESS_ALLOW: alice.userId },
  });
  const { dataDir, proxy, userId } = tested;
  await tested.startProcess();
  const bot = tested.process;
  proxy.intercept(({ path }) => {
    if (path.endsWith('/leave')) fillDisk(bot, dataDir);
    return undefined;
  });
  const bob = await server.person('bob');
  await bob.startDirectRoom(userId);
  await bot.waitForOutput(/Declined an invite/);
  await bot.waitForOutput(TOLD);
  limitFiles(bot, 'unlimited');
  const chat = await Conversation.start(alice, userId);
  await chat.ask('help');
  expect(proxy.requests.filter(({ path }) => path.endsWith('/leave'))).toHaveLength(1);
  expect(await tested.stop()).toBe(0);
});
