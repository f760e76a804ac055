// What a flood of room keys costs: `node test/abuse/measure.ts`. The answer times of an admin without it, while it goes to
// somebody else on the same homeserver (what the homeserver and this machine lose), and while it goes to the bot; the
// bot's memory and file before and after; and how a store with 200,000 sessions starts.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { summarise } from '../bench/stats.ts';
import { Conversation } from '../harness/conversation.ts';
import { requestJson } from '../harness/matrixHttp.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';
import { BARE_BOT } from '../harness/settings.ts';
import { TestServer } from '../harness/testServer.ts';
import { fillKeys, readKeys } from './cryptoFile.ts';
import type { FloodOrder } from './floodWorker.ts';

/** The phases take turns: the machine may be busy with other things at times. */
const ROUNDS = 4;
const SAMPLES = 30;
/** As one account reached in the attack that this answers: 1,500 in 14 s. */
const KEYS_PER_SECOND = 107;
const SESSIONS = 200_000;

function say(what: string, value: object | string): void {
  process.stdout.write(`${what}: ${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
}

/** Resident memory in MiB: now, and at most so far. Linux only. */
function memoryOf(bot: RestartableBot): { residentMib: number; peakMib: number } {
  const status = readFileSync(`/proc/${bot.process.child.pid}/status`, 'utf8');
  const mib = (name: string) =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024);
  return { residentMib: mib('VmRSS'), peakMib: mib('VmHWM') };
}

async function answerTimes(chat: Conversation): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    const sent = await chat.send('help create');
    const began = performance.now();
    await chat.answerTo(sent);
    times.push(performance.now() - began);
  }
  return times;
}

/** The rate limits apply to strangers only: those of the admin and the bot would be all that is measured. */
async function liftLimits(server: TestServer, userId: string): Promise<void> {
  const path = `/_synapse/admin/v1/users/${encodeURIComponent(userId)}/override_ratelimit`;
  const { accessToken } = server.admin;
  await requestJson(server.baseUrl, 'POST', path, { accessToken, body: {} });
}

async function flooding(server: TestServer, localpart: string, targetId: string) {
  const account = await server.synapse.registerUser(localpart);
  const workerData: FloodOrder = { baseUrl: server.baseUrl, account, targetId, perSecond: KEYS_PER_SECOND };
  const worker = new Worker(new URL('floodWorker.ts', import.meta.url), { workerData });
  let progress = { sent: 0, seconds: 0 };
  await new Promise<void>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message) => {
      progress = message;
      resolve();
    });
  });
  return {
    async stop(): Promise<string> {
      await worker.terminate();
      return `${progress.sent} keys in ${Math.round(progress.seconds)} s`;
    },
  };
}

async function startTime(bot: RestartableBot): Promise<string> {
  const began = performance.now();
  await bot.startProcess();
  return `${Math.round(performance.now() - began)} ms`;
}

async function measure(server: TestServer): Promise<void> {
  const alice = await server.person('alice', { encryption: true });
  const other = await server.person('other', { encryption: true });
  const settings = { ...BARE_BOT.settings, ACCESS_DEFAULT: 'nobody', ACCESS_ALLOW: alice.userId };
  const bot = await server.bot({ ...BARE_BOT, settings });
  const botId = bot.account.userId;
  await bot.startProcess();
  for (const userId of [alice.userId, botId]) await liftLimits(server, userId);
  const chat = await Conversation.start(alice, botId, { encrypted: true });
  await answerTimes(chat);
  const before = memoryOf(bot);
  const times: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [phase, target] of [
      ['quiet'],
      ['flood to somebody else', other.userId],
      ['flood to the bot', botId],
    ]) {
      const flood =
        target === undefined ? undefined : await flooding(server, `mallory${round}${phase?.length}`, target);
      times[`${phase}`] = [...(times[`${phase}`] ?? []), ...(await answerTimes(chat))];
      if (flood !== undefined) say(`  ${phase}`, await flood.stop());
    }
  }
  for (const [phase, samples] of Object.entries(times)) say(`Answer times, ms: ${phase}`, summarise(samples));
  say('Memory before', before);
  say('Memory after', memoryOf(bot));
  await bot.stop();
  say('File after', readKeys(bot));

  say('Start', await startTime(bot));
  say('  memory', memoryOf(bot));
  await bot.stop();
  fillKeys(bot, chat.roomId, SESSIONS);
  say(`File with ${SESSIONS} sessions`, readKeys(bot));
  for (const turn of ['first', 'second']) {
    say(`Start with it, ${turn}`, await startTime(bot));
    say('  memory', memoryOf(bot));
    await chat.ask('help create');
    await bot.stop();
    say('  file', readKeys(bot));
  }
}

const server = await TestServer.start({ rateLimits: 'default' });
try {
  await measure(server);
} finally {
  await server[Symbol.asyncDispose]();
}
process.exit(0);
