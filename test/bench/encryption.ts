// What end-to-end encryption costs: the same command in an encrypted and in an unencrypted room, by turns, at the client
// of an admin (matrix-js-sdk); and the bot's memory before and after many encrypted answers.
import { mkdirSync } from 'node:fs';
import { endChild } from '../harness/npmStart.ts';
import { Person } from '../harness/person.ts';
import { measureRest, type RestResult } from './process.ts';
import { type Stage, startBot } from './stage.ts';
import { type Summary, summarise } from './stats.ts';

export interface EncryptionResults {
  /** From the command until the admin's client can show the answer, ms. */
  encrypted: Summary;
  clear: Summary;
  /** The encrypted median less the clear one, ms. */
  added: number;
  atRest: RestResult;
  /** How many encrypted answers were given before `afterAnswers`. */
  answers: number;
  afterAnswers: RestResult;
}

const WARM_UP = 10;
const SAMPLES = 60;
const ANSWERS = 1_000;
const SIDE_BY_SIDE = 10;
const IDLE_MS = 10_000;
const COMMAND = 'help create';

/** On a data folder of its own: the bot has rooms enough in the other. */
export async function measureEncryption(
  stage: Stage,
  dataDir: string,
  progress: (line: string) => void,
): Promise<EncryptionResults> {
  const { synapse } = stage;
  mkdirSync(dataDir);
  // An account of its own: the other bot's identity would be foreign here.
  const botUser = await synapse.registerUser('encrypting-bot', undefined, { admin: true });
  const user = await synapse.registerUser('careful', undefined, { admin: true });
  const bot = await startBot({ synapse, botUser }, dataDir, { WIDGET_ENABLED: 'false' });
  const person = await Person.withCredentials(synapse.baseUrl, user, { encryption: true });
  try {
    progress('Encrypted and clear answers …');
    const encryptedRoom = await roomWith(person, botUser.userId, true);
    const clearRoom = await roomWith(person, botUser.userId, false);
    const times = { encrypted: [] as number[], clear: [] as number[] };
    for (let turn = 0; turn < WARM_UP + SAMPLES; turn++) {
      const encrypted = await answerTime(person, encryptedRoom);
      const clear = await answerTime(person, clearRoom);
      if (turn < WARM_UP) continue;
      times.encrypted.push(encrypted);
      times.clear.push(clear);
    }
    const atRest = await measureRest(bot, IDLE_MS);
    progress(`${ANSWERS} encrypted answers …`);
    for (let sent = 0; sent < ANSWERS; sent += SIDE_BY_SIDE) {
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => answerTime(person, encryptedRoom)));
    }
    const afterAnswers = await measureRest(bot, IDLE_MS);
    const encrypted = summarise(times.encrypted);
    const clear = summarise(times.clear);
    return {
      encrypted,
      clear,
      added: encrypted.median - clear.median,
      atRest,
      answers: ANSWERS,
      afterAnswers,
    };
  } finally {
    person.stop();
    await endChild(bot);
  }
}

async function roomWith(person: Person, botId: string, encrypted: boolean): Promise<string> {
  const { roomId, firstMessageId } = await person.startDirectRoom(botId, {
    encrypted,
    firstMessage: COMMAND,
  });
  await person.waitForReply(roomId, firstMessageId ?? '', { from: botId });
  return roomId;
}

async function answerTime(person: Person, roomId: string): Promise<number> {
  const sent = await person.send(roomId, COMMAND);
  const began = performance.now();
  await person.waitForReply(roomId, sent);
  return performance.now() - began;
}
