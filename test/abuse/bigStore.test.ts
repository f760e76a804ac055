// A crypto store that was flooded before there were limits, or past them.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEPT } from '../../bot/crypto/store/retention.ts';
import { Conversation } from '../harness/conversation.ts';
import { BARE_BOT } from '../harness/settings.ts';
import { useTestServer } from '../harness/suite.ts';
import { fillKeys, readKeys } from './cryptoFile.ts';

const SESSIONS = 200_000;
const MOST_MIB = 250;
/** More than a gigabyte is written and read. */
const WITHIN_MS = 300_000;
const PATIENCE = { timeoutMs: 60_000 };

const server = useTestServer({ rateLimits: 'default' });

/** The most that a process ever had in memory. */
function peakMib(pid: number | undefined): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

test.skipIf(process.platform !== 'linux')(
  `the bot starts with ${SESSIONS} sessions in at most ${MOST_MIB} MiB, keeps what it needs, and shrinks the file`,
  async () => {
    const bot = await server.bot(BARE_BOT);
    await bot.startProcess();
    const alice = await server.person('alice', { encryption: true });
    const chat = await Conversation.start(alice, bot.account.userId, { encrypted: true });
    await chat.ask('create before', PATIENCE);
    await bot.stop();
    const small = readKeys(bot);
    fillKeys(bot, chat.roomId, SESSIONS);
    expect(readKeys(bot).bytes).toBeGreaterThan(SESSIONS * 4_000);

    await bot.startProcess();
    // With the key of before: the newest of its sender is kept.
    expect((await chat.ask('show before', PATIENCE)).body).toContain('before');
    expect(peakMib(bot.process.child.pid)).toBeLessThan(MOST_MIB);
    await bot.stop();
    const { records, bytes } = readKeys(bot);
    expect(records.inbound_group_sessions3).toBeLessThanOrEqual(KEPT.roomKeys + KEPT.foreignRoomKeys + 10);
    expect(records.session).toBeLessThanOrEqual(KEPT.olmSessions + 10);
    expect(records.devices).toBe(small.records.devices);
    expect(bytes).toBeLessThan(100_000_000);
    await bot.startProcess();
    expect((await chat.ask('show before', PATIENCE)).body).toContain('before');
    await bot.stop();
  },
  WITHIN_MS,
);
