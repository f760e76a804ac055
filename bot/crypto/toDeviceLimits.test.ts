import { beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../observability/log.ts';
import { type SenderClass, toDeviceDropped } from '../observability/observed.ts';
import { RATES, ToDeviceLimits } from './toDeviceLimits.ts';

const BOT = '@bot:x';
const ADMIN = '@admin:x';
const HOUR_MS = 3_600_000;
const NOBODY = { changed: [], left: [], oneTimeKeyCounts: {}, unusedFallbackKeyTypes: undefined };

let now: number;
let inviters: string[];
let lines: Record<string, unknown>[];
let limits: ToDeviceLimits;

beforeEach(async () => {
  now = 1_000_000;
  inviters = [];
  lines = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  limits = new ToDeviceLimits({
    ownUserId: BOT,
    hasAccess: (userId) => userId.startsWith(ADMIN),
    inviters: () => inviters,
    sharing: ['@member:x'],
    clock: () => now,
    log: await createLog({ level: 'debug', format: 'json' }, { write }),
  });
});

const messages = (sender: unknown, count: number) =>
  Array.from({ length: count }, (_, n) => ({ type: 'm.room.encrypted', sender, content: { n } }));

/** How many of the messages of each sender pass. */
function admitted(senders: readonly unknown[], count: number, invites: readonly string[] = []): number {
  const toDevice = senders.flatMap((sender) => messages(sender, count));
  return limits.admit({ ...NOBODY, toDevice }, invites).length;
}

const people = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}${n}:x`);

describe('how many pass at once:', () => {
  test.each([
    ['somebody with access', ADMIN, RATES.access.perSender.burst],
    ['the bot’s other devices', BOT, RATES.access.perSender.burst],
    ['a member of a room', '@member:x', RATES.acquaintance.perSender.burst],
    ['a stranger', '@mallory:x', RATES.stranger.perSender.burst],
    ['nobody', undefined, 0],
  ])('of %s', (_, sender, burst) => {
    expect(admitted([sender], 1_000)).toBe(burst);
    expect(admitted([sender], 1_000)).toBe(0);
  });

  test('of all strangers', () => {
    expect(admitted(people('@stranger', 500), 10)).toBe(RATES.stranger.inAll?.burst);
    // Others don't suffer.
    expect(admitted(['@member:x', ADMIN], 10)).toBe(20);
  });

  test('of all people who share a room', () => {
    const members = people('@friend', 500);
    limits.admit({ ...NOBODY, toDevice: [], changed: members }, []);
    expect(admitted(members, 10)).toBe(RATES.acquaintance.inAll?.burst);
    expect(admitted([ADMIN], 10)).toBe(10);
  });

  test('people with access are limited one by one only', () => {
    expect(admitted(people(ADMIN, 500), 10)).toBe(5_000);
  });
});

describe('no stranger any more is', () => {
  const most = RATES.acquaintance.perSender.burst;

  test('who has invited the bot, in this answer or before', () => {
    expect(admitted(['@new:x'], 100, ['@new:x'])).toBe(most);
    inviters = ['@newer:x'];
    expect(admitted(['@newer:x'], 100)).toBe(most);
  });

  test('who shares a room since this answer, until the last room is left', () => {
    const toDevice = messages('@new:x', 10);
    expect(limits.admit({ ...NOBODY, toDevice, changed: ['@new:x'] }, [])).toEqual(toDevice);
    now += HOUR_MS * 24;
    expect(limits.admit({ ...NOBODY, toDevice, left: ['@new:x'] }, [])).toHaveLength(
      RATES.stranger.perSender.burst,
    );
  });
});

test('messages pass again with time, whatever was sent meanwhile', () => {
  const { burst, everyMs } = RATES.stranger.perSender;
  expect(admitted(['@mallory:x'], 100)).toBe(burst);
  for (let passed = 0; passed < everyMs - 1_000; passed += 1_000) {
    now += 1_000;
    expect(admitted(['@mallory:x'], 100)).toBe(0);
  }
  now += 1_000;
  expect(admitted(['@mallory:x'], 100)).toBe(1);
});

test('what is dropped is counted each time, and logged once an hour', () => {
  const counted: SenderClass[] = [];
  const stop = toDeviceDropped.listen(({ senderClass }) => counted.push(senderClass));
  admitted(['@mallory:x'], 105);
  admitted(['@mallory:x', '@member:x'], 40);
  stop();
  expect(counted.filter((senderClass) => senderClass === 'stranger')).toHaveLength(100 + 40);
  expect(counted.filter((senderClass) => senderClass === 'acquaintance')).toHaveLength(10);
  expect(lines).toMatchObject([{ sender: '@mallory:x', senderClass: 'stranger', dropped: 100 }]);
  now += HOUR_MS;
  admitted(['@eve:x'], 6);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatchObject({ sender: '@eve:x', dropped: 40 + 10 + 1 });
});
