// A bot behind a proxy, and a person in a room with it who reaches the homeserver directly.
import { onTestFinished } from 'vitest';
import { Conversation } from './conversation.ts';
import { expectNoSecrets } from './logSearch.ts';
import type { Person } from './person.ts';
import type { RestartableBot } from './restartableBot.ts';
import type { NewBotOptions, TestServer } from './testServer.ts';

export interface BotInRoom {
  readonly bot: RestartableBot;
  readonly chat: Conversation;
}

/** Resolves once the bot has greeted `person`. Whenever it stops, its log is searched for secrets. */
export async function startBotInRoom(
  server: TestServer,
  person: Person,
  options: NewBotOptions = {},
): Promise<BotInRoom> {
  const secrets = new Set<string>();
  const logs: string[][] = [];
  const checkAtStop = async (bot: RestartableBot) => {
    logs.push(bot.logLines);
    for (const secret of await secretsOf(server, bot, person)) secrets.add(secret);
    return () => expectNoSecrets(logs.flat(), secrets);
  };
  const bot = await server.startBot({ ...options, proxied: true, checkAtStop });
  return { bot, chat: await Conversation.start(person, bot.userId) };
}

/** The same for one test, at whose end the bot stops. */
export async function startBotForTest(
  server: TestServer,
  person: Person,
  options: NewBotOptions = {},
): Promise<BotInRoom> {
  const started = await startBotInRoom(server, person, options);
  onTestFinished(() => started.bot[Symbol.asyncDispose]());
  return started;
}

async function secretsOf(
  { admin }: TestServer,
  { account, store, config }: RestartableBot,
  person: Person,
): Promise<string[]> {
  const sessions = (['bot_session', 'api_session'] as const)
    .map((key) => store.meta.get(key))
    .filter((json) => json !== undefined)
    .map((json) => String(JSON.parse(json).accessToken));
  const given = [config.bot.access_token, config.bot.password, config.api.token, config.api.password];
  const tokens = await admin.listTokens();
  return [
    ...sessions,
    ...given.filter((secret) => secret !== undefined),
    ...tokens.map(({ token }) => token),
    account.password,
    account.accessToken,
    person.accessToken,
    admin.accessToken,
  ];
}
