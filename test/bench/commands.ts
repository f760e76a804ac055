// How long the bot takes to answer, and the floor beside it: by turns, so that both meet the same moments of the machine.
import type { Stage } from './stage.ts';
import { fillTokens } from './stage.ts';
import { type Summary, summarise } from './stats.ts';

export interface CommandResult {
  name: string;
  bot: Summary;
  floor: Summary;
  /** The bot's median divided by the floor's. */
  ratio: number;
}

/** How many samples of each are taken. */
export interface SampleCounts {
  warmUp: number;
  create: number;
  delete: number;
  list: ReadonlyMap<number, number>;
}

type Side = 'bot' | 'floor';

export async function measureCreate(stage: Stage, counts: SampleCounts): Promise<CommandResult> {
  const sample = (side: Side) => replyTime(stage, side, 'create');
  await byTurns(counts.warmUp, sample);
  return resultOf('create', await byTurns(counts.create, sample));
}

/** Two results: from the command to the question, and from ✅ to the outcome. */
export async function measureDelete(stage: Stage, counts: SampleCounts): Promise<CommandResult[]> {
  const outcomes: Record<Side, number[]> = { bot: [], floor: [] };
  const sample = async (side: Side) => {
    const times = await deletionTimes(stage, side);
    outcomes[side].push(times.outcome);
    return times.question;
  };
  await byTurns(2, sample);
  outcomes.bot = [];
  outcomes.floor = [];
  const questions = await byTurns(counts.delete, sample);
  return [resultOf('delete: question', questions), resultOf('delete: ✅ to outcome', outcomes)];
}

export async function measureList(stage: Stage, counts: SampleCounts): Promise<CommandResult[]> {
  const sample = (side: Side) => replyTime(stage, side, 'list');
  const results: CommandResult[] = [];
  await stage.admin.deleteAllTokens();
  for (const [tokens, samples] of counts.list) {
    await fillTokens(stage, tokens);
    await byTurns(2, sample);
    results.push(resultOf(`list, ${tokens.toLocaleString('en')} tokens`, await byTurns(samples, sample)));
  }
  return results;
}

async function byTurns(
  count: number,
  sample: (side: Side) => Promise<number>,
): Promise<Record<Side, number[]>> {
  const times: Record<Side, number[]> = { bot: [], floor: [] };
  for (let turn = 0; turn < count; turn++) {
    const order: readonly Side[] = turn % 2 === 0 ? ['bot', 'floor'] : ['floor', 'bot'];
    for (const side of order) times[side].push(await sample(side));
  }
  return times;
}

/** From the homeserver taking the command to the answer's arrival in the admin's client, ms. */
async function replyTime(stage: Stage, side: Side, command: string): Promise<number> {
  const { observer } = stage;
  const sent = await observer.send(roomOf(stage, side), command);
  return (await observer.arrival(`reply ${sent.eventId}`)).at - sent.at;
}

async function deletionTimes(stage: Stage, side: Side): Promise<{ question: number; outcome: number }> {
  const { observer, admin } = stage;
  const roomId = roomOf(stage, side);
  const { token } = await admin.createToken({ uses_allowed: 1 });
  const asked = await observer.send(roomId, `delete ${token}`);
  const question = await observer.arrival(`reply ${asked.eventId}`);
  const prompt = question.event.event_id;
  // The last thing before it waits for the answer.
  await observer.arrival(`❌ ${prompt}`);
  const answered = await observer.react(roomId, prompt, '✅');
  const outcome = await observer.arrival(`edit ${prompt}`);
  return { question: question.at - asked.at, outcome: outcome.at - answered.at };
}

function roomOf(stage: Stage, side: Side): string {
  return side === 'bot' ? stage.botRoom : stage.floorRoom;
}

function resultOf(name: string, times: Record<Side, number[]>): CommandResult {
  const bot = summarise(times.bot);
  const floor = summarise(times.floor);
  return { name, bot, floor, ratio: bot.median / floor.median };
}
